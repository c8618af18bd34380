"""The progress of a batch: a line that is redrawn on a terminal, or a line of JSON from time to time."""

from __future__ import annotations

import json
import sys
import time

from bitocr.batch.tasks import Done
from bitocr.progress import Progress

_EVERY = 10.0  # seconds between lines of JSON


class Meter:
    """The progress on standard error, with an estimate of the time left. total: the inputs to read.

    Inputs count as they are given to a reader where that is known (`one`), or else as their shards are done.
    """

    def __init__(self, total: int, every: float = _EVERY) -> None:
        self._total, self._every = total, every
        self._given = self._done = self._failed = 0
        self._begun = self._last = time.monotonic()
        self._progress = Progress() if sys.stderr.isatty() else None

    def one(self) -> None:
        """Counts one more input that a reader has taken."""
        self._given += 1
        self.show()

    def shard(self, done: Done) -> None:
        self._done += done.inputs
        self._failed += done.failed
        self.show()

    def show(self) -> None:
        if self._progress is not None:
            self._progress("reading", self._count, self._total, self._note)
        elif time.monotonic() - self._last >= self._every:
            self.tell()

    def close(self) -> None:
        if self._progress is not None:
            self._progress.clear()

    def tell(self) -> None:
        """The line of JSON."""
        self._last = time.monotonic()
        rate = self._count / max(self._last - self._begun, 1e-3)
        left = round((self._total - self._count) / rate) if rate else None
        numbers = {"done": self._count, "total": self._total, "failed": self._failed, "per_second": round(rate, 1)}
        print(json.dumps({**numbers, "seconds_left": left}), file=sys.stderr, flush=True)

    @property
    def _count(self) -> int:
        return max(self._given, self._done)

    def _note(self) -> str:
        return f"{self._failed:,} failed" if self._failed else ""
