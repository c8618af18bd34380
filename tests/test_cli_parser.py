"""The parsers of the verbs: arguments in any order, errors in one line, help with defaults; and aligned tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bitocr import cli
from bitocr.cli.output import table
from bitocr.cli.parser import Parser, number, whole
from bitocr.errors import UsageError


@pytest.fixture
def parser() -> Parser:
    parser = Parser("bitocr try", "Try.\n\nA second paragraph.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="What to try.")
    parser.add_argument("--line", action="store_true", help="A line.")
    parser.add_argument("-t", "--threads", type=whole(0, 1024), default=0, help="How many.")
    parser.add_argument("--bonus", type=number(-100, 100), help="More.")
    parser.add_argument("--kernel", action="append", help="Which (default: all).")
    return parser


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a", {"paths": ["a"], "line": False, "threads": 0, "bonus": None, "kernel": None}),
        ("a --line b -t 2 c", {"paths": ["a", "b", "c"], "line": True, "threads": 2}),
        ("- --line", {"paths": ["-"], "line": True}),
        ("-t2 a", {"paths": ["a"], "threads": 2}),
        ("--threads=2 a", {"paths": ["a"], "threads": 2}),
        ("--bonus -1.5e1 a", {"bonus": -15.0}),
        ("--kernel x a --kernel y", {"kernel": ["x", "y"]}),
        ("--kernel --line a", {"kernel": ["--line"], "line": False}),
        ("--line -- -x --threads", {"paths": ["-x", "--threads"], "line": True}),
        ("a -- --line", {"paths": ["a", "--line"], "line": False}),
    ],
)
def test_arguments_in_any_order(parser: Parser, line: str, expected: dict[str, Any]) -> None:
    found = vars(parser.parse(line.split()))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "the following arguments are required: PATH"),
        ("a --thread 2", "unrecognized arguments: --thread"),
        ("a --threads", "argument -t/--threads: expected one argument"),
        ("a -t 1.5", "argument -t/--threads: '1.5' is not a whole number from 0 to 1,024"),
        ("a -t -1", "argument -t/--threads: '-1' is not a whole number from 0 to 1,024"),
        ("a --bonus nan", "argument --bonus: 'nan' is not a number from -100 to 100"),
    ],
)
def test_errors_point_to_the_help(parser: Parser, line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parser.parse(line.split())
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(" (see bitocr try --help)")


def test_help(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    text = parser.format_help()
    assert "Try.\n\nA second paragraph.\n" in text
    assert "How many (default: 0).\n" in text
    assert "-t, --threads THREADS  How many" in text
    assert "A line.\n" in text
    assert "More.\n" in text
    assert "Which (default: all).\n" in text
    assert max(map(len, text.splitlines())) <= 70


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_option_of_every_verb_has_a_help_text(verb: str) -> None:
    for action in cli.parser_for(verb)._actions:
        assert action.help, action.dest
        assert action.help.endswith("."), action.help


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (whole(), {"-3": True, "3.0": False, "": False, "x": False}),
        (whole(1), {"1": True, "0": False}),
        (number(0, 1), {"0": True, "1e0": True, "1.01": False, "-0.1": False, "nan": False, "inf": False}),
        (number(), {"-1e9": True, "nan": False, "x": False}),
    ],
)
def test_numbers(kind: Any, texts: dict[str, bool]) -> None:
    for text, good in texts.items():
        parser = Parser("x", "")
        parser.add_argument("--n", type=kind)
        if good:
            assert parser.parse(["--n", text]).n == float(text)
        else:
            with pytest.raises(UsageError, match="is not a "):
                parser.parse(["--n", text])


def test_tables_are_aligned() -> None:
    rows = [["model", "bytes", "note"], ["截图", "12", ""], ["é", "1,234"]]
    assert table(rows, right=[1]) == ["model  bytes  note", "截图      12", "é      1,234"]
    assert table([]) == []


def test_a_verb_wins_over_a_file_of_its_name(
    run: Any, model: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(images)
    expected = run("read", "--line", "--model", model, "a.png").out
    (images / "a.png").rename("read")
    (images / "b.jpg").rename("models")
    assert run("read", "--line", "--model", model, "./read").out == expected
    assert run("read", "read", "--line", "--model", model).out == expected
    assert run("models").out.startswith("model ")
    assert run("./read", "--line", "--model", model) == (0, expected, "")
