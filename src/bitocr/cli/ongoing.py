"""What the verbs share that work for minutes or hours, stop on Ctrl-C and go on where they stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def ongoing(as_json: bool = False) -> Iterator[None]:
    """Tells on Ctrl-C that the same command goes on; how it goes is printed elsewhere where JSON is the output."""
    try:
        with redirect_stdout(sys.stderr if as_json else sys.stdout):
            yield
    except KeyboardInterrupt:
        print("stopped: run the same command again to continue", file=sys.stderr)
        raise
