"""The readers of a service: one for each model, loaded once, and a few more for words that requests bring."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitocr.errors import UsageError

if TYPE_CHECKING:
    from bitocr.reader import Reader

_WITH_WORDS = 4  # readers with words of requests that are kept


class Readers:
    """models: shipped names and paths; a path is offered under its stem. Threads may share it.

    Raises UsageError if two have one name.
    """

    def __init__(self, models: tuple[str, ...], max_pixels: int) -> None:
        self.models: dict[str, str] = {}
        for model in models:
            name = Path(model).name.removesuffix(".bit")
            if name in self.models:
                raise UsageError(f"two models have the name {name}")
            self.models[name] = model
        self.default = next(iter(self.models))
        self._max_pixels = max_pixels
        self._readers: dict[str, Reader] = {}
        self._with_words: OrderedDict[tuple[str, tuple[str, ...]], Reader] = OrderedDict()
        self._lock = threading.Lock()

    def find_all(self) -> None:
        """Raises ModelError if a model is not there."""
        from bitocr.io import shipped

        for model in self.models.values():
            shipped.find(model)

    def get(self, name: str, words: tuple[str, ...] = ()) -> Reader:
        """The reader of a model ("" is the default one) that expects these words, too. Raises BitocrError."""
        name = name or self.default
        reader = None if words else self._readers.get(name)
        if reader is not None:
            return reader
        with self._lock:
            return self._get_with_words(name, words) if words else self._get_plain(name)

    def describe(self) -> list[dict[str, Any]]:
        """What /v1/models tells of each."""
        return [{**_describe(name, model), "default": name == self.default} for name, model in self.models.items()]

    def _get_plain(self, name: str) -> Reader:
        if name not in self._readers:
            self._readers[name] = self._load(name)
        return self._readers[name]

    def _get_with_words(self, name: str, words: tuple[str, ...]) -> Reader:
        key = name, words
        reader = self._with_words.pop(key, None) or self._load(name, words)
        self._with_words[key] = reader
        while len(self._with_words) > _WITH_WORDS:
            self._with_words.popitem(last=False)
        return reader

    def _load(self, name: str, words: tuple[str, ...] = ()) -> Reader:
        from bitocr.reader import Reader

        return Reader(self.models[name], words=words or None, max_pixels=self._max_pixels)


def _describe(name: str, model: str) -> dict[str, Any]:
    from bitocr.cli.models import describe
    from bitocr.io import shipped

    told = describe(name, shipped.find(model))
    return {key: told[key] for key in ("name", "bytes", "languages", "licence", "accuracy")}
