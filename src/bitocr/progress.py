"""Progress: one line on standard error, redrawn with a rate and an estimate."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

_on_screen: Progress | None = None


class Progress:
    """Shows a line while it is open, and removes it at the end, even after an error or Ctrl-C:

        with Progress() as show:
            for done, item in enumerate(items, 1):
                ...
                show("reading", done, len(items))

    On a terminal the line is redrawn at most once in `every` seconds. Elsewhere nothing is shown; or, with `log`, a
    line of its own every `log` seconds, for work of hours whose output is kept.
    """

    def __init__(self, every: float = 0.1, log: float | None = None) -> None:
        self._stream = sys.stderr
        self._live = self._stream.isatty()
        self._every = every if self._live else log
        self._what: str | None = None
        self._begun, self._first = 0.0, 0
        self._next = 0.0
        self._columns = 0  # that the line on the screen takes

    def __call__(self, what: str, done: int = 0, total: int = 0, note: Callable[[], str] = str) -> None:
        """Shows `what` as `done` of `total`; without a total, that work is going on. `note` returns what follows."""
        if self._every is None:
            return
        now = time.monotonic()
        if what != self._what:
            self._what, self._begun, self._first = what, now, done
            self._next = now if self._live else now + self._every
        if now >= self._next:
            self._next = now + self._every
            self._draw(describe(what, done, total, done - self._first, now - self._begun, note()))

    def clear(self) -> None:
        """Removes the line from the screen."""
        global _on_screen
        if self._columns:
            self._write("\r" + " " * self._columns + "\r")
            self._columns = 0
        if _on_screen is self:
            _on_screen = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.clear()

    def _draw(self, line: str) -> None:
        global _on_screen
        if not self._live:
            self._write(line + "\n")
            return
        line = "".join(c if c.isprintable() else "?" for c in line[: columns_of(self._stream) - 1])
        # Leave the cursor at the start, so that other output overwrites the line.
        self._write("\r" + line.ljust(self._columns) + "\r")
        self._columns, _on_screen = len(line), self

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def say(line: str) -> None:
    """Prints a line on standard output, in place of the progress line if there is one."""
    if _on_screen is not None:
        _on_screen.clear()
    print(line, flush=True)


def describe(what: str, done: int, total: int, moved: int, seconds: float, note: str = "") -> str:
    """The line for `done` of `total`, of which `moved` took `seconds`: "reading  20 of 100  5/s  16 s left"."""
    parts = [what, f"{done:,} of {total:,}" if total else "..."]
    left = ""
    if moved > 0 and seconds > 0:
        rate = moved / seconds
        parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s")
        left = f"{duration((total - done) / rate)} left" if total else ""
    return "  ".join(part for part in (*parts, note, left) if part)


def duration(seconds: float) -> str:
    """A duration in a readable unit: 45 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def columns_of(stream: TextIO) -> int:
    """The width of a stream's terminal."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
