"""For verbs that work for minutes or hours, stop on Ctrl-C, and resume."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def ongoing(as_json: bool = False) -> Iterator[None]:
    """Says on Ctrl-C how to resume. If JSON is the output, progress is printed to standard error."""
    try:
        with redirect_stdout(sys.stderr if as_json else sys.stdout):
            yield
    except KeyboardInterrupt:
        print("stopped: run the same command again to continue", file=sys.stderr)
        raise
