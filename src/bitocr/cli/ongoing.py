"""What the verbs share that work for minutes or hours, stop on Ctrl-C and go on where they stopped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from bitocr.cli.output import console

if TYPE_CHECKING:
    from bitocr.lab.report.measure import Progress


@contextmanager
def ongoing(as_json: bool = False) -> Iterator[None]:
    """Tells on Ctrl-C that the same command goes on; how it goes is printed elsewhere where JSON is the output."""
    try:
        with redirect_stdout(sys.stderr if as_json else sys.stdout):
            yield
    except KeyboardInterrupt:
        print("stopped: the same command goes on where it was", file=sys.stderr)
        raise


def print_variants(report: dict[str, Any], sizes: Callable[[dict[str, Any]], str]) -> None:
    """What a compression cost, a line a variant: its name, its sizes, how much of each validation set it reads."""
    width = max(map(len, report["variants"]))
    for name, each in report["variants"].items():
        scores = "  ".join(f"{which} {100 * score['accuracy']:.1f} %" for which, score in each["scores"].items())
        print(f"{name:{width}}  {sizes(each)}  {scores}")


def teller() -> Progress:
    """One line on standard error that says what is done, with an estimate; nothing where nobody is watching."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        return lambda what, done, total: None
    begun: dict[str, float] = {}

    def tell(what: str, done: int, total: int) -> None:
        start = begun.setdefault(what, time.monotonic())
        left = (time.monotonic() - start) / done * (total - done)
        screen.print(f"{what}: {done:,} of {total:,}, {left:.0f} s left   ", end="\n" if done == total else "\r")

    return tell
