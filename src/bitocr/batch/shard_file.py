"""The rows of one shard on their way into its file."""

from __future__ import annotations

from typing import Any

from bitocr.batch.formats import Format
from bitocr.batch.output import Output
from bitocr.batch.rows import Row
from bitocr.batch.tasks import Task


class ShardFile:
    """Collects the rows of a shard. If its file exists, they replace the rows of inputs that failed."""

    def __init__(self, task: Task, output: Output, format: Format) -> None:
        self._shard, self._output, self._format = task.shard, output, format
        self._rows: list[Row] = []
        self._spans: dict[int, tuple[int, int]] = {}  # of an input that was read: its rows begin and end there
        self._old: list[Row] = []
        self._old_spans: dict[int, tuple[int, int]] = {}
        self._taken = 0  # of the old rows
        if task.again:
            self._old = format.decode(output.path(task.shard).read_bytes())
            self._old_spans = {error["item"]: error["rows"] for error in output.errors(task.shard.digest)}

    @property
    def inputs(self) -> int:
        """How many inputs were read."""
        return len(self._spans)

    def add(self, index: int, rows: list[Row]) -> None:
        """Adds rows of the input at a place in the shard. Inputs come in their order."""
        begin = self._spans[index][0] if index in self._spans else self._begin(index)
        self._rows += rows
        self._spans[index] = begin, len(self._rows)

    def _begin(self, index: int) -> int:
        """Where an input's rows begin. Adds the old rows of other inputs before it."""
        if self._old:
            begin, end = self._old_spans.get(index, (0, 0))
            self._rows += self._old[self._taken : begin]
            self._taken = end
        return len(self._rows)

    def write(self) -> int:
        """Writes the file. Returns how many inputs failed."""
        self._rows += self._old[self._taken :]
        errors = [
            _error(index, span, row)
            for index, span in self._spans.items()
            for row in self._rows[slice(*span)]
            if row["error"] is not None
        ]
        self._output.write(self._shard, self._format.encode(self._rows), errors)
        return len({error["item"] for error in errors})


def failed_places(task: Task, output: Output) -> list[int]:
    """The places in its shard of the inputs that failed, in their order."""
    return sorted({error["item"] for error in output.errors(task.shard.digest)})


def _error(index: int, span: tuple[int, int], row: Row) -> dict[str, Any]:
    return {"item": index, "rows": span, "source": row["source"], "page": row["page"], "error": row["error"]}
