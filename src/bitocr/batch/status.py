"""The progress of a batch, from its folder: that of all machines that write there."""

from __future__ import annotations

import os
from typing import NamedTuple

from bitocr.batch.output import Output
from bitocr.errors import UsageError


class Status(NamedTuple):
    """Shards and inputs of the last plan: how many there are, how many are done, and how many inputs failed."""

    shards: int
    shards_done: int
    inputs: int
    inputs_done: int
    failed: int

    @property
    def complete(self) -> bool:
        """Whether all shards are done."""
        return self.shards == self.shards_done


def status(out: str | os.PathLike[str]) -> Status:
    """The progress of the batch in this folder. Raises UsageError if there is none."""
    output = Output(out)
    manifest = output.manifest
    if manifest is None:
        raise UsageError(f"{out}: there is no batch in it")
    counts = dict(manifest["shards"])
    done = counts.keys() & output.done().keys()
    failed = sum(len({error["item"] for error in output.errors(digest)}) for digest in output.with_errors() & done)
    return Status(len(counts), len(done), sum(counts.values()), sum(counts[digest] for digest in done), failed)
