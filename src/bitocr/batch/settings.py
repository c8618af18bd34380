"""Settings that decide the rows of a batch. They are pickled for workers."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bitocr import __version__
from bitocr.defaults import MODEL

if TYPE_CHECKING:
    from bitocr.reader import Reader


FILES = ("detector", "language_model")
"""Options that are files' names; None is the same as "none"."""


@dataclass(frozen=True)
class Settings:
    """out: the folder that shards are written to, an absolute path. folder: the base of relative inputs.

    line: whether each picture is one line. options: more arguments of `Reader`.
    """

    out: str
    folder: str
    line: bool = False
    format: str = "jsonl.gz"
    model: str = MODEL
    options: tuple[tuple[str, Any], ...] = field(default=())

    def reader(self, threads: int) -> Reader:
        from bitocr.reader import Reader

        options: dict[str, Any] = {name: self._found(value) if name in FILES else value for name, value in self.options}
        return Reader(self._found(self.model), threads=threads, **options)

    def _found(self, name: str) -> str:
        """A file's absolute path; the name of a shipped model stays as it is."""
        path = os.path.join(self.folder, name)
        return path if os.path.exists(path) else name

    @property
    def fingerprint(self) -> dict[str, Any]:
        """The settings that all rows of a folder must share, as JSON."""
        decisive = asdict(self)
        del decisive["out"], decisive["folder"]
        options: dict[str, Any] = {name: _short(value) for name, value in self.options if value is not None}
        return {**decisive, "options": options, "version": __version__}


def _short(value: Any) -> Any:
    """Replaces long lists of words by their hash."""
    if isinstance(value, (tuple, list)):
        return hashlib.sha256("\n".join(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return value if isinstance(value, (int, float, bool)) else str(value)
