"""The progress line: drawn on a terminal only, and gone at the end."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from bitocr import progress
from bitocr.progress import Progress, describe, duration, say


class Terminal(io.StringIO):
    """A stream that is a terminal, and the text that a person sees on it."""

    def isatty(self) -> bool:
        return True

    @property
    def screen(self) -> list[str]:
        """The lines on the screen; a carriage return goes back to where the line begins."""
        lines = []
        for line in self.getvalue().split("\n"):
            shown = ""
            for part in line.split("\r"):
                shown = part + shown[len(part) :]
            lines.append(shown.rstrip())
        return lines


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that only moves when told to."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    stream = Terminal()
    # Not sys.stderr itself, which pytest sets anew when the test begins.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setattr(progress, "columns_of", lambda stream: 60)
    yield stream
    assert progress._on_screen is None


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("reading", 20, 100, 20, 4.0), "reading  20 of 100  5/s  16 s left"),
        (("reading", 2000, 100_000, 1000, 50.0), "reading  2,000 of 100,000  20/s  82 min left"),
        (("timing", 1, 15, 1, 20.0), "timing  1 of 15  0.05/s  5 min left"),
        (("reading", 1, 9, 0, 0.0), "reading  1 of 9"),
        (("tuning", 10, 20, 10, 10.0, "loss 0.3"), "tuning  10 of 20  1/s  loss 0.3  10 s left"),
        (("looking", 0, 0, 0, 3.0), "looking  ..."),
    ],
)
def test_what_it_says(arguments: tuple[str, int, int, int, float], line: str) -> None:
    assert describe(*arguments) == line


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (99, "99 s"), (101, "2 min"), (9000, "2.5 h")])
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_on_a_terminal(terminal: Terminal, clock: Callable[[float], None]) -> None:
    with Progress() as show:
        show("reading", 0, 100)
        assert terminal.screen == ["reading  0 of 100"]
        clock(0.05)
        show("reading", 1, 100)
        assert terminal.screen == ["reading  0 of 100"]  # drawn too short a time ago
        clock(0.95)
        show("reading", 10, 100)
        assert terminal.screen == ["reading  10 of 100  10/s  9 s left"]
        show("writing", 0, 5)  # what is new is shown at once, and nothing is left of what was longer
        assert terminal.screen == ["writing  0 of 5"]
    assert terminal.screen == [""]


def test_it_is_never_wider_than_the_terminal(terminal: Terminal) -> None:
    with Progress() as show:
        show("x" * 100 + "\n", 0, 5)
        assert terminal.screen == ["x" * 59]


def test_names_cannot_steer_the_terminal(terminal: Terminal) -> None:
    with Progress() as show:
        show("reading\033[2J\n", 0, 5)
        assert terminal.screen == ["reading?[2J?  0 of 5"]


def test_an_error_leaves_a_clean_line(terminal: Terminal) -> None:
    def work() -> None:
        with Progress() as show:
            show("reading", 1, 5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert terminal.screen == [""]


def test_what_is_said_takes_its_place(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", terminal)
    with Progress() as show:
        show("training", 1, 5)
        say("seen 1")
        show("validating", 1, 5)
        assert terminal.screen == ["seen 1", "validating  1 of 5"]


def test_elsewhere_it_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as show:
        show("reading", 1, 5)
    say("done")
    assert capsys.readouterr() == ("done\n", "")


def test_a_log_has_a_line_every_so_often(capsys: pytest.CaptureFixture[str], clock: Callable[[float], None]) -> None:
    with Progress(log=30) as show:
        for done in range(8):
            show("tuned, images", 100 * done, 1000, lambda: "loss 0.3")
            clock(10)
    assert capsys.readouterr().err.splitlines() == [
        "tuned, images  300 of 1,000  10/s  loss 0.3  70 s left",
        "tuned, images  600 of 1,000  10/s  loss 0.3  40 s left",
    ]
