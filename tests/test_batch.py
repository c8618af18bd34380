"""Batches: rows, files, errors, and a second run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from batches import contents, errors, hidden, names, parts, pictures, rows
from bitocr import Reader, __version__, batch
from bitocr.batch import formats
from bitocr.errors import ModelError, UsageError
from bitocr.io import files

PAGES = Path(__file__).parent / "data" / "pages"


@pytest.fixture
def work(tmp_path: Path, model: Path) -> Callable[..., batch.Summary]:
    """Reads tmp_path/in into tmp_path/out, about 4 lines per file."""

    def work(*inputs: object, **options: Any) -> batch.Summary:
        settings: dict[str, Any] = {"line": True, "model": model, "shard_size": 4, "threads": 1, **options}
        given = [str(name) for name in inputs] or [str(tmp_path / "in")]
        return batch.run(given, tmp_path / "out", **settings)

    return work


Work = Callable[..., batch.Summary]


def test_rows_of_lines(tmp_path: Path, model: Path, work: Work) -> None:
    folder = pictures(tmp_path / "in", 20)
    assert work(threads=3) == (20, 20, 20, 0, ())
    expected = Reader(model).read_lines(sorted(folder.iterdir()))
    assert len(parts(tmp_path / "out")) > 2
    for row, path, line in zip(rows(tmp_path / "out"), sorted(folder.iterdir()), expected, strict=True):
        assert row == {
            "source": str(path),
            "page": 1,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "size": path.stat().st_size,
            "text": line.text,
            "confidence": round(line.confidence, 4),
            "angle": line.angle,
            "model": str(model),
            "version": __version__,
            "error": None,
        }
    assert (tmp_path / "out" / "errors.jsonl").read_bytes() == b""


def test_rows_of_pages(tmp_path: Path) -> None:
    batch.run([PAGES / "receipt.gif"], tmp_path / "out", threads=1)
    (row,) = rows(tmp_path / "out")
    page = Reader().read(PAGES / "receipt.gif")
    assert (row["text"], row["width"], row["height"]) == (page.text, page.width, page.height)
    assert [line["text"] for line in row["lines"]] == [line.text for line in page.lines]
    assert [line["quad"] for line in row["lines"]] == [line.as_dict()["quad"] for line in page.lines]
    assert {line["block"] for line in row["lines"]} == set(range(len(page.blocks)))


def test_every_page_of_a_tiff_is_a_row(tmp_path: Path, work: Work) -> None:
    first, *others = [Image.new("L", (40, 32), shade) for shade in (0, 99, 255)]
    (tmp_path / "in").mkdir()
    first.save(tmp_path / "in" / "a.tif", save_all=True, append_images=others)
    assert work().read == 1
    assert [row["page"] for row in rows(tmp_path / "out")] == [1, 2, 3]


def test_bad_inputs_are_named_and_stop_nothing(tmp_path: Path, work: Work) -> None:
    folder = pictures(tmp_path / "in", 12)
    (folder / "0003.png").write_bytes(b"")
    (folder / "0005.png").write_bytes((folder / "0006.png").read_bytes()[:90])
    (folder / "0009.pdf").write_bytes(b"%PDF-1.7")
    os.mkfifo(folder / "0010.gif")
    (folder / "0011.png").unlink()
    (folder / "0011.png").symlink_to("nowhere")
    assert work()[:4] == (14, 14, 14, 5)
    found = errors(tmp_path / "out")
    for name, message in {
        "0003.png": "empty",
        "0005.png": "damaged or cut short",
        "0009.pdf": "not an image",
        "0010.gif": "not a file",
        "0011.png": "No such file",
    }.items():
        assert message in found.pop(name)
    assert not found
    assert names(tmp_path / "out") == sorted(path.name for path in folder.iterdir())
    assert sum(row["error"] is not None for row in rows(tmp_path / "out")) == 5


def test_what_is_done_is_left_alone(tmp_path: Path, work: Work) -> None:
    pictures(tmp_path / "in", 20)
    work()
    before = contents(tmp_path / "out")
    for left in (".part-000001-x.jsonl.gz.k", ".errors.jsonl.k", ".manifest.json.k", "errors/.1.jsonl.k"):
        (tmp_path / "out" / left).touch()
    gone = parts(tmp_path / "out")[1]
    count = len(batch.FORMATS["jsonl.gz"].decode(gone.read_bytes()))
    gone.unlink()
    assert work().read == count
    assert contents(tmp_path / "out") == before
    assert not hidden(tmp_path / "out")
    assert work().read == 0


def test_an_input_more_changes_one_shard(tmp_path: Path, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # shards end where their inputs' names say
    pictures(tmp_path / "in", 60)
    work("in")
    before = contents(tmp_path / "out")
    pictures(tmp_path / "in" / "0", 1)  # comes after all others
    (tmp_path / "in" / "0" / "0000.png").rename(tmp_path / "in" / "0009b.png")
    assert work("in").read <= 16
    assert names(tmp_path / "out") == sorted(path.name for path in (tmp_path / "in").glob("*.png"))
    assert len(set(before.values()) & set(contents(tmp_path / "out").values())) >= len(before) - 2
    assert list((tmp_path / "out" / "superseded").iterdir())

    (tmp_path / "in" / "0009b.png").unlink()  # and what was put aside is back
    assert work("in").read == 0
    assert contents(tmp_path / "out") == before


def test_changed_inputs_are_read_again(tmp_path: Path, work: Work) -> None:
    folder = pictures(tmp_path / "in", 8)
    work()
    (folder / "0002.png").write_bytes(b"no picture")
    assert 0 < work().read <= 8
    assert list(errors(tmp_path / "out")) == ["0002.png"]


def test_inputs_named_twice_have_rows_twice(tmp_path: Path, work: Work) -> None:
    folder = pictures(tmp_path / "in", 3)
    work(folder, folder, shard_size=3)
    assert names(tmp_path / "out") == 2 * ["0000.png", "0001.png", "0002.png"]


@pytest.mark.parametrize("format", ["jsonl", "jsonl.gz"])
def test_retrying_errors(tmp_path: Path, work: Work, format: str) -> None:
    good, folder = pictures(tmp_path / "good", 30), pictures(tmp_path / "in", 30)
    for number in (0, 7, 8, 29):
        (folder / f"{number:04}.png").write_bytes(b"x" * (good / f"{number:04}.png").stat().st_size)
        os.utime(folder / f"{number:04}.png", (1, 1))
    assert work(format=format).failed == 4
    for number in (0, 8, 29):
        (folder / f"{number:04}.png").write_bytes((good / f"{number:04}.png").read_bytes())
        os.utime(folder / f"{number:04}.png", (1, 1))  # it is the file system that was out of order
    assert work(format=format).read == 0
    assert work(format=format, retry_errors=True)[1:4] == (4, 30, 1)
    assert list(errors(tmp_path / "out")) == ["0007.png"]
    assert work(format=format, retry_errors=True)[1:4] == (1, 30, 1)
    mended = contents(tmp_path / "out")
    work(tmp_path / "in", format=format)
    for path in parts(tmp_path / "out"):
        path.unlink()
    work(format=format)
    assert contents(tmp_path / "out") == mended


def test_parts_for_several_machines(tmp_path: Path, work: Work) -> None:
    pictures(tmp_path / "in", 40)
    assert work(shard=(2, 3)).done < 40
    assert not batch.status(tmp_path / "out").complete
    work(shard=(1, 3))
    assert work(shard=(3, 3)).done == 40
    assert batch.status(tmp_path / "out") == (len(parts(tmp_path / "out")),) * 2 + (40, 40, 0)
    assert names(tmp_path / "out") == [f"{number:04}.png" for number in range(40)]


def test_an_interrupted_run_leaves_whole_files(
    tmp_path: Path, work: Work, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(tmp_path / "in", 40)
    replace, calls = os.replace, []

    def interrupted(*names: Any) -> None:
        calls.append(names)
        if len(calls) == 4:
            raise KeyboardInterrupt
        replace(*names)

    monkeypatch.setattr(files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        work()
    monkeypatch.undo()
    done = contents(tmp_path / "out")
    assert done
    assert work().done == 40
    assert done.items() <= contents(tmp_path / "out").items()
    assert not hidden(tmp_path / "out")


def test_other_settings_take_another_folder(tmp_path: Path, work: Work) -> None:
    pictures(tmp_path / "in", 2)
    work()
    with pytest.raises(UsageError, match=r"was begun with options {}, not {'allow': '0-9'}: choose another folder"):
        work(allow="0-9")
    with pytest.raises(UsageError, match=r"was begun with format jsonl.gz, not jsonl"):
        work(format="jsonl")
    work(language_model="auto", max_pixels=40_000_000)  # as by default


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "csv"}, "no format 'csv': choose jsonl.gz"),
        ({"shard": (0, 2)}, "shard 0/2"),
        ({"shard": (3, 2)}, "shard 3/2"),
        ({"engine": "spark"}, "no engine 'spark'"),
        ({"engine": "ray", "processes": 2}, "leave them out with Ray"),
        ({"shard_size": -1}, "shard_size"),
    ],
)
def test_wrong_use(tmp_path: Path, work: Work, options: dict[str, Any], message: str) -> None:
    pictures(tmp_path / "in", 1)
    with pytest.raises(UsageError, match=message):
        work(**options)


def test_a_wrong_model_is_told(tmp_path: Path, work: Work) -> None:
    pictures(tmp_path / "in", 1)
    with pytest.raises(ModelError):
        work(model="no-such-model")


@pytest.mark.parametrize("text", ["plain", 'a "b" \\ c\t\n', "Grüße 中文 \u2028", "\ud800 alone"])
def test_rows_of_lines_are_encoded_as_json_encodes_them(text: str) -> None:
    row = {"source": text, "page": 1, "sha256": "0f", "size": 7, "text": text, "confidence": 0.5, "angle": 90}
    row |= {"model": "english", "version": "1", "error": None}
    encoded = formats.to_jsonl([row]).decode()
    assert encoded == json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"
