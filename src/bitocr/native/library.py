"""The C engine's shared library, loaded with ctypes: the functions and structures of engine/include/bitocr.h.

`_libbitocr` lies beside this file; the environment variable BITOCR_LIBRARY names another one.
"""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import POINTER, c_char, c_char_p, c_float, c_int, c_size_t, c_ssize_t, c_uint32, c_void_p
from pathlib import Path
from typing import Any, ClassVar

from bitocr import __version__
from bitocr.errors import BitocrError, ImageError, ModelError, UsageError

NEVER = -1.0  # BITOCR_NEVER
_ERRORS: dict[int, type[BitocrError]] = {1: UsageError, 2: ImageError, 3: ModelError}


class _Sized(ctypes.Structure):
    """A structure that begins with its size, which is filled in."""

    _fields_: ClassVar[tuple[tuple[str, Any], ...]] = (("size", c_size_t),)

    def __init__(self, *values: Any) -> None:
        super().__init__(ctypes.sizeof(self), *values)


class Error(_Sized):
    """bitocr_error."""

    _fields_ = (("message", c_char * 256),)


class Image(_Sized):
    """bitocr_image."""

    _fields_ = (("pixels", c_void_p), ("width", c_int), ("height", c_int), ("stride", c_ssize_t), ("channels", c_int))


class Options(_Sized):
    """bitocr_options."""

    _fields_ = (
        ("kernel", c_char_p),
        ("threads", c_int),
        ("beam", c_int),
        ("reread", c_float),
        ("language_model", c_char_p),
        ("words", c_char_p),
        ("words_bytes", c_size_t),
        ("models", c_char_p),
    )


class Decoding(_Sized):
    """bitocr_decoding."""

    _fields_ = (
        ("beam", c_int),
        ("lexicon", c_void_p),
        ("word_bonus", c_float),
        ("ngram", c_void_p),
        ("constraint", c_void_p),
    )


class Info(_Sized):
    """bitocr_info."""

    _fields_ = (
        ("kernel", c_char_p),
        ("threads", c_int),
        ("width_unit", c_int),
        ("classes", c_int),
        ("charset", POINTER(c_uint32)),
        ("languages", c_char_p),
        ("language_model", c_char_p),
        ("ngram_file", c_char_p),
        ("words_file", c_char_p),
        ("decoding", POINTER(Decoding)),
        ("reread", c_float),
        ("header", c_void_p),
        ("header_bytes", c_size_t),
    )


class Char(ctypes.Structure):
    """bitocr_char."""

    _fields_ = (("character", c_uint32), ("score", c_float), ("x", c_float))


class Line(ctypes.Structure):
    """bitocr_line."""

    _fields_ = (
        ("text", c_void_p),
        ("text_bytes", c_size_t),
        ("chars", c_void_p),
        ("char_count", c_size_t),
        ("confidence", c_float),
        ("angle", c_int),
    )


_STRUCTURES = (Error, Image, Options, Info, Decoding, Char, Line)
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "bitocr_version": (c_char_p, []),
    "bitocr_sizeof": (c_size_t, [c_char_p]),
    "bitocr_natural_width": (c_int, [c_int, c_int]),
    "bitocr_trim": (c_int, [POINTER(Image), POINTER(Image), POINTER(Error)]),
    "bitocr_gray": (c_int, [POINTER(Image), c_void_p, POINTER(Error)]),
    "bitocr_prepare": (c_int, [POINTER(Image), c_int, c_void_p, POINTER(Error)]),
    "bitocr_find": (c_int, [c_char_p, c_char_p, c_char_p, c_char_p, c_size_t, POINTER(Error)]),
    "bitocr_load": (c_int, [c_char_p, POINTER(Options), POINTER(c_void_p), POINTER(Error)]),
    "bitocr_load_memory": (c_int, [c_char_p, c_size_t, POINTER(Options), POINTER(c_void_p), POINTER(Error)]),
    "bitocr_free": (None, [c_void_p]),
    "bitocr_describe": (c_int, [c_void_p, POINTER(Info), POINTER(Error)]),
    "bitocr_kernels": (c_int, [POINTER(c_char_p), c_int]),
    "bitocr_lexicon_create": (c_int, [c_void_p, c_char_p, c_size_t, POINTER(c_void_p), POINTER(Error)]),
    "bitocr_lexicon_free": (None, [c_void_p]),
    "bitocr_ngram_load": (c_int, [c_void_p, c_char_p, POINTER(c_void_p), POINTER(Error)]),
    "bitocr_ngram_load_memory": (c_int, [c_void_p, c_void_p, c_size_t, POINTER(c_void_p), POINTER(Error)]),
    "bitocr_ngram_free": (None, [c_void_p]),
    "bitocr_constraint_create": (
        c_int,
        [c_void_p, c_char_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(Error)],
    ),
    "bitocr_constraint_free": (None, [c_void_p]),
    "bitocr_results_create": (c_void_p, []),
    "bitocr_results_free": (None, [c_void_p]),
    "bitocr_results_count": (c_int, [c_void_p]),
    "bitocr_results_line": (POINTER(Line), [c_void_p, c_int]),
    "bitocr_recognize": (c_int, [c_void_p, POINTER(Image), c_int, POINTER(Decoding), c_void_p, POINTER(Error)]),
    "bitocr_steps": (c_int, [c_void_p, c_int]),
    "bitocr_logprobs": (c_int, [c_void_p, c_void_p, c_int, c_void_p, POINTER(Error)]),
    "bitocr_decode": (c_int, [c_void_p, c_void_p, c_int, c_int, POINTER(Decoding), c_void_p, POINTER(Error)]),
}


def _path() -> Path:
    if named := os.environ.get("BITOCR_LIBRARY"):
        return Path(named)
    suffix = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
    return Path(__file__).with_name("_libbitocr" + suffix)


def _load() -> ctypes.CDLL:
    path = _path()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise BitocrError(f"the engine cannot be loaded from {path}: {error}") from None
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name, None)
        if function is None:
            raise _misfit(path, f"it has no {name}")
        function.restype, function.argtypes = result, arguments
    _check(library, path)
    return library


def _check(library: ctypes.CDLL, path: Path) -> None:
    """Is the library of this version, and are the structures above those that it was compiled with?"""
    version = library.bitocr_version().decode()
    if version != __version__:
        raise _misfit(path, f"{version}, not {__version__}")
    for structure in _STRUCTURES:
        name, size = f"bitocr_{structure.__name__.lower()}", ctypes.sizeof(structure)
        if (found := library.bitocr_sizeof(name.encode())) != size:
            raise _misfit(path, f"{name} has {found} bytes, not {size}")


def _misfit(path: Path, what: str) -> BitocrError:
    return BitocrError(f"the engine {path} is of another version ({what}): rebuild it, or install bitocr again")


lib = _load()


def path_bytes(path: str | os.PathLike[str]) -> bytes:
    """A path as C takes it. Raises ModelError where it would end early, UsageError where it is none."""
    try:
        encoded = os.fsencode(path)
    except TypeError:
        raise UsageError(f"a model is given by its name or path, not by a {type(path).__name__}") from None
    if b"\0" in encoded:
        raise ModelError("the model's path holds a zero byte")
    return encoded


def call(function: Any, *arguments: Any) -> None:
    """Call a function of the library that returns a status; raise what the status stands for, with the C message."""
    error = Error()
    status = function(*arguments, ctypes.byref(error))
    if status:
        raise _ERRORS.get(status, BitocrError)(error.message.decode("utf-8", "replace"))
