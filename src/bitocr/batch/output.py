"""The folder that a batch writes.

    part-000012-9f3c0a1b2c3d4e5f.jsonl.gz   rows of one shard: its place in the order, the hash of its inputs
    errors.jsonl                            every input that could not be read, and why
    errors/9f3c0a1b2c3d4e5f.jsonl           the errors of one shard, and the places of their rows
    manifest.json                           inputs, settings, shards
    log.jsonl                               a line for each shard: when, how long it took
    superseded/                             shards whose inputs have changed since

Every file except the log is written under another name, flushed to disk, and renamed. A shard is done if its file
exists; its errors are written before it.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bitocr.batch.formats import FORMATS, from_jsonl, to_jsonl
from bitocr.batch.plan import Plan, Planned
from bitocr.errors import UsageError
from bitocr.io.files import read_text, write_atomic

_PART = re.compile(rf"part-(\d{{6,}})-([0-9a-f]{{16}})\.({'|'.join(map(re.escape, FORMATS))})")
_SCHEMA = 1


class Output:
    """The folder that a batch writes. Raises UsageError if it cannot be written."""

    def __init__(self, folder: str | os.PathLike[str], format: str = "") -> None:
        self.folder, self._format = Path(folder), format
        self._errors = self.folder / "errors"
        self._superseded = self.folder / "superseded"

    @property
    def manifest(self) -> dict[str, Any] | None:
        """The manifest, or None if there is none yet."""
        path = self.folder / "manifest.json"
        if not path.exists():
            return None
        try:
            manifest = json.loads(read_text(path))
            return dict(manifest) if manifest["schema"] == _SCHEMA else _unknown(path)
        except (ValueError, KeyError, TypeError):
            return _unknown(path)

    def prepare(self, plan: Plan, inputs: Sequence[str], fingerprint: dict[str, Any]) -> None:
        """Prepares the folder for a plan's shards. Finished ones keep their rows."""
        self._check(fingerprint)
        try:
            self._errors.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write {self.folder}: {error.strerror}") from None
        manifest = {"schema": _SCHEMA, "inputs": list(inputs), "settings": fingerprint}
        shards = [[shard.digest, shard.inputs] for shard in plan.shards]
        text = json.dumps({**manifest, "shards": shards}, indent=1)
        if text != json.dumps(self.manifest, indent=1):
            _write(self.folder / "manifest.json", text.encode())
        self._arrange(plan)

    def done(self) -> dict[str, Path]:
        """The files of finished shards by their hashes."""
        return dict(_parts(self.folder))

    def path(self, shard: Planned) -> Path:
        return self.folder / f"part-{shard.number:06}-{shard.digest}.{self._format}"

    def write(self, shard: Planned, data: bytes, errors: Sequence[dict[str, Any]]) -> None:
        """Writes a shard's file and its errors."""
        path = self._errors / f"{shard.digest}.jsonl"
        if errors:
            _write(path, to_jsonl(errors))
        else:
            path.unlink(missing_ok=True)
        _write(self.path(shard), data)

    def errors(self, digest: str) -> list[dict[str, Any]]:
        """The errors of a shard."""
        path = self._errors / f"{digest}.jsonl"
        return from_jsonl(path.read_bytes()) if path.exists() else []

    def with_errors(self) -> set[str]:
        """The hashes of shards with errors."""
        return {path.stem for path in self._errors.glob("[0-9a-f]*.jsonl")}

    def gather_errors(self, digests: Iterable[str]) -> int:
        """Writes errors.jsonl for the finished shards among `digests`. Returns how many inputs failed."""
        digests = list(digests)
        while True:
            ready = self.with_errors() & self.done().keys()
            found = [(digest, error) for digest in digests if digest in ready for error in self.errors(digest)]
            told = [{key: error[key] for key in ("source", "page", "error")} for _, error in found]
            _write(self.folder / "errors.jsonl", to_jsonl(told))
            if ready == self.with_errors() & self.done().keys():  # otherwise another machine has added some
                return len({(digest, error["item"]) for digest, error in found})

    def log(self, **entry: Any) -> None:
        line = json.dumps({"finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **entry}) + "\n"
        with open(self.folder / "log.jsonl", "ab", buffering=0) as file:
            file.write(line.encode())

    def _check(self, fingerprint: dict[str, Any]) -> None:
        """Raises UsageError if the folder was begun with other settings."""
        before = (self.manifest or {}).get("settings", fingerprint)
        for name in sorted({*before, *fingerprint}):
            old, new = before.get(name), fingerprint.get(name)
            if old != new:
                raise UsageError(f"{self.folder} was begun with {name} {old}, not {new}: choose another folder")

    def _arrange(self, plan: Plan) -> None:
        """Removes leftovers of a killed run, numbers the shards by this plan, and moves other shards aside."""
        for names in (".part-*", ".errors.jsonl.*", ".manifest.json.*", "errors/.*.jsonl.*"):
            for left in self.folder.glob(names):
                left.unlink(missing_ok=True)
        planned = {shard.digest: self.path(shard) for shard in plan.shards}
        for digest, path in list(_parts(self.folder)):
            if digest not in planned:
                self._superseded.mkdir(exist_ok=True)
                path.replace(self._superseded / path.name)
            elif path != planned[digest]:
                path.replace(planned[digest])
        for digest, path in list(_parts(self._superseded)):
            if digest in planned:  # its inputs are back
                path.replace(planned[digest])


def _parts(folder: Path) -> Iterator[tuple[str, Path]]:
    names = os.listdir(folder) if folder.is_dir() else []
    for name in names:
        if match := _PART.fullmatch(name):
            yield match[2], folder / name


def _write(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data, sync=True)
    except UsageError:  # another run may have removed the temporary file as a leftover
        write_atomic(path, data, sync=True)


def _unknown(path: Path) -> dict[str, Any]:
    raise UsageError(f"{path} was written by another version of bitocr: choose another folder")
