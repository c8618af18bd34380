"""What the verbs share that work for minutes or hours, stop on Ctrl-C and go on where they stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from bitocr.cli.output import table


@contextmanager
def ongoing(as_json: bool = False) -> Iterator[None]:
    """Tells on Ctrl-C that the same command goes on; how it goes is printed elsewhere where JSON is the output."""
    try:
        with redirect_stdout(sys.stderr if as_json else sys.stdout):
            yield
    except KeyboardInterrupt:
        print("stopped: the same command goes on where it was", file=sys.stderr)
        raise


def print_variants(report: dict[str, Any], sizes: Callable[[dict[str, Any]], list[str]]) -> None:
    """What a compression cost, a line a variant: its name, its sizes, how much of each validation set it reads."""
    rows = []
    for name, each in report["variants"].items():
        scores = [f"{which} {100 * score['accuracy']:.1f} %" for which, score in each["scores"].items()]
        rows.append([name, *sizes(each), *scores])
    print(*table(rows, right=[1]), sep="\n")
