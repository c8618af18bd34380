"""`bitocr serve`: the effect of its options, and what it refuses at the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bitocr.cli import parse
from bitocr.cli.serve import settings_of
from bitocr.io import shipped
from bitocr.serve import Settings
from conftest import Result

Run = Callable[..., Result]


def settings(*options: str) -> Settings:
    return settings_of(parse(["serve", *options]))


def test_without_options_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BITOCR_TOKEN", raising=False)
    assert settings() == Settings()
    assert parse(["serve"]).host == "127.0.0.1"
    assert Settings().models[0] == "english"
    assert sorted(Settings().models) == shipped.names()


def test_options_become_settings() -> None:
    given = settings("--model", "chinese", "-m", "english", "--max-body", "2", "--queue", "0", "--threads", "3")
    assert (given.models, given.max_body, given.queue, given.threads) == (("chinese", "english"), 2 << 20, 0, 3)


def test_the_token_comes_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BITOCR_TOKEN", "of-the-environment")
    (tmp_path / "token").write_text("of-the-file\n")
    assert settings().token == "of-the-environment"
    assert settings("--token-file", str(tmp_path / "token")).token == "of-the-file"


@pytest.mark.parametrize("token", ["", "two words", "ä"])
def test_a_token_that_cannot_be_sent_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("BITOCR_TOKEN", token)
    result = run("serve", "--port", 0)
    assert (result.code, result.err.splitlines()[-1]) == (2, "bitocr: the token must be one word of ASCII characters")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pixel-budget", "1000"], "--pixel-budget must be at least --max-pixels"),
        (["--host", "nowhere.invalid"], "cannot listen at nowhere.invalid:8000"),
        (["--host", ""], "--host"),
        (["--port", "70000"], "'70000' is not a whole number from 0 to 65,535"),
        (["--model", "no-such", "--port", "0"], "no-such"),
        (["--token-file", "/no/such", "--port", "0"], "/no/such"),
    ],
)
def test_wrong_options_are_told_in_one_line(run: Run, options: list[str], message: str) -> None:
    result = run("serve", *options)
    assert result.code == 2
    assert message in result.err.splitlines()[-1]
    assert "Traceback" not in result.err
