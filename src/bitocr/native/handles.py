"""Handles of the engine: word lists, n-gram models, constraints and results, each freed with its object."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterable
from typing import Any

from bitocr.errors import UsageError
from bitocr.native import library
from bitocr.native.library import call, lib

Limits = tuple[str | None, str | None, str | None]  # allow, pattern, check: what texts may be
NO_LIMITS: Limits = (None, None, None)
_CONSTRAINTS = 64  # that are kept
_CHAR_BYTES = ctypes.sizeof(library.Char)  # three words: character, score, x


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


class Constraint:
    """bitocr_constraint."""

    def __init__(self, model: int | None, limits: Limits) -> None:
        handle = ctypes.c_void_p()
        call(lib.bitocr_constraint_create, model, *map(_text_bytes, ("allow", "pattern", "check"), limits), handle)
        self.handle = handle.value
        free_with(self, lib.bitocr_constraint_free, self.handle)


def _text_bytes(name: str, text: str | None) -> bytes | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise UsageError(f"{name} is a string, not {type(text).__name__}")
    if "\0" in text:
        raise UsageError(f"{name} holds a zero byte")
    return text.encode("utf-8", "surrogatepass")  # which the engine refuses


class Knowledge:
    """The words, n-grams and constraints of an engine's calls, reopened only if they have changed."""

    def __init__(self, model: int | None, word_bonus: float) -> None:
        self._model, self._word_bonus = model, word_bonus
        self._lexicon: tuple[bytes | tuple[str, ...], Lexicon] | None = None
        self._ngram: tuple[str | bytes, Ngram] | None = None
        self._constraints: dict[Limits, Constraint] = {}

    def decoding(
        self,
        beam: int,
        words: bytes | Iterable[str] | None,
        word_bonus: float | None,
        ngram: str | os.PathLike[str] | bytes | None,
        limits: Limits = NO_LIMITS,
    ) -> tuple[library.Decoding, tuple[Any, ...]]:
        """The C structure for `Engine.recognize`'s arguments, with the objects it points to."""
        lexicon = None if words is None else self._open_words(words)
        model = None if ngram is None else self._open_ngram(ngram)
        bonus = self._word_bonus if word_bonus is None else word_bonus
        constraint = self.constraint(limits)
        decoding = library.Decoding(
            beam, lexicon and lexicon.handle, bonus, model and model.handle, constraint and constraint.handle
        )
        return decoding, (lexicon, model, constraint)

    def constraint(self, limits: Limits) -> Constraint | None:
        """The constraint of these; None if all three are. Raises UsageError."""
        if limits == NO_LIMITS:
            return None
        found = self._constraints.get(limits)
        if found is None:
            found = Constraint(self._model, limits)
            if len(self._constraints) >= _CONSTRAINTS:
                self._constraints.clear()
            self._constraints[limits] = found
        return found

    def _open_words(self, words: bytes | Iterable[str]) -> Lexicon:
        key = words if isinstance(words, (bytes, tuple)) else tuple(words)
        cached = self._lexicon
        if cached is None or (cached[0] is not key and cached[0] != key):
            text = key if isinstance(key, bytes) else "\n".join(key).encode("utf-8", "replace")
            self._lexicon = cached = (key, Lexicon(self._model, text))
        return cached[1]

    def _open_ngram(self, source: str | os.PathLike[str] | bytes) -> Ngram:
        key = source if isinstance(source, bytes) else os.fspath(source)
        cached = self._ngram
        if cached is None or cached[0] != key:
            self._ngram = cached = (key, Ngram(self._model, key))
        return cached[1]


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
        data = ctypes.string_at(line.chars, line.char_count * _CHAR_BYTES) if text else b""
        words = memoryview(data).cast("f").tolist()
        chars = list(zip(text, words[1::3], words[2::3], strict=True))
        return {"text": text, "confidence": line.confidence, "chars": chars, "angle": line.angle}
