"""What the engine lends by handles: word lists, n-gram models and results, each freed with its Python object."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

import numpy as np

from bitocr.native import library
from bitocr.native.library import call, lib

_CHAR = np.dtype(library.Char)


def free_with(owner: Any, free: Any, handle: int | None) -> None:
    """Free a C handle when its Python owner goes; not at exit, when another thread may still be using it."""
    weakref.finalize(owner, free, handle).atexit = False


class Lexicon:
    """bitocr_lexicon."""

    def __init__(self, model: int | None, words: bytes) -> None:
        handle = ctypes.c_void_p()
        call(lib.bitocr_lexicon_create, model, words, len(words), handle)
        self.handle = handle.value
        free_with(self, lib.bitocr_lexicon_free, self.handle)


class Ngram:
    """bitocr_ngram."""

    def __init__(self, model: int | None, source: str | bytes) -> None:
        handle = ctypes.c_void_p()
        if isinstance(source, bytes):
            call(lib.bitocr_ngram_load_memory, model, source, len(source), handle)
        else:
            call(lib.bitocr_ngram_load, model, library.path_bytes(source), handle)
        self.handle = handle.value
        free_with(self, lib.bitocr_ngram_free, self.handle)


class Results:
    """bitocr_results."""

    def __init__(self) -> None:
        self.handle = lib.bitocr_results_create()
        if not self.handle:
            raise MemoryError("no memory for results")
        free_with(self, lib.bitocr_results_free, self.handle)

    def lines(self) -> list[dict[str, Any]]:
        return [self._line(i) for i in range(lib.bitocr_results_count(self.handle))]

    def _line(self, i: int) -> dict[str, Any]:
        line = lib.bitocr_results_line(self.handle, i).contents
        text = ctypes.string_at(line.text, line.text_bytes).decode()
        data = ctypes.string_at(line.chars, line.char_count * _CHAR.itemsize) if text else b""
        chars = np.frombuffer(data, _CHAR)
        return {
            "text": text,
            "confidence": line.confidence,
            "chars": list(zip(text, chars["score"].tolist(), chars["x"].tolist(), strict=True)),
        }
