"""`bitocr batch` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from batches import pictures
from conftest import Result

Run = Callable[..., Result]


def test_command_line(tmp_path: Path, model: Path, run: Run) -> None:
    folder, out = pictures(tmp_path / "in", 5), tmp_path / "out"
    command = ["batch", folder, out, "--line", "--model", model]
    result = run(*command)
    assert (result.code, result.out) == (0, f"5 of 5 inputs are in {out}, 5 read now\n")
    assert run(*command, "--json").json == {"inputs": 5, "read": 0, "done": 5, "failed": 0, "unread": []}
    (folder / "bad.png").write_bytes(b"bad")
    result = run(*command)
    assert result.code == 1
    assert f"1 could not be read: see {out}/errors.jsonl" in result.err
    assert run("batch", "--status", out).out.startswith("6 of 6 inputs are done, 1 of them failed\n")
    assert run("batch", "--status", out, "--json").json["complete"] is True
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [entry["inputs"] for entry in log] == [5, 6]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say what to read and which folder to write"),
        (["in"], "say what to read and which folder to write"),
        (["nowhere", "out"], "nowhere: no such file or folder"),
        (["@nowhere", "out"], "nowhere: No such file"),
        (["empty", "out"], "empty: no pictures in it"),
        (["in", "file"], "cannot write file"),
        (["in", "out", "--shard", "3"], "'3' is not K/N, such as 1/4"),
        (["--status", "in"], "in: there is no batch in it"),
        (["--status", "other"], "manifest.json was written by another version of bitocr"),
    ],
)
def test_bad_command_lines(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    pictures(tmp_path / "in", 1)
    for name in ("empty", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "other" / "manifest.json").write_text("{}")
    (tmp_path / "file").touch()
    result = run("batch", *arguments)
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1
