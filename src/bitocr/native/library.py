"""The C engine's shared library, loaded with ctypes: the functions of engine/include/bitocr.h.

`_libbitocr` lies beside this file; the environment variable BITOCR_LIBRARY names another one.
"""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import POINTER, c_char_p, c_float, c_int, c_size_t, c_void_p
from pathlib import Path
from typing import Any

from bitocr import __version__
from bitocr.errors import BitocrError, ImageError, ModelError, UsageError
from bitocr.native.structures import (
    STRUCTURES,
    Block,
    Char,
    CleanOptions,
    Decoding,
    Error,
    Image,
    Info,
    Line,
    Options,
    PageChar,
    PageInfo,
    PageLine,
    PageOptions,
    Word,
)

__all__ = [
    "Char",
    "CleanOptions",
    "Decoding",
    "Image",
    "Info",
    "Options",
    "PageChar",
    "PageInfo",
    "PageOptions",
    "Word",
    "call",
    "lib",
]

NEVER = -1.0  # BITOCR_NEVER
_ERRORS: dict[int, type[BitocrError]] = {1: UsageError, 2: ImageError, 3: ModelError}
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "bitocr_version": (c_char_p, []),
    "bitocr_sizeof": (c_size_t, [c_char_p]),
    "bitocr_natural_width": (c_int, [c_int, c_int]),
    "bitocr_trim": (c_int, [POINTER(Image), POINTER(Image), POINTER(Error)]),
    "bitocr_gray": (c_int, [POINTER(Image), c_void_p, POINTER(Error)]),
    "bitocr_prepare": (c_int, [POINTER(Image), c_int, c_void_p, POINTER(Error)]),
    "bitocr_cleaned_create": (c_void_p, []),
    "bitocr_cleaned_free": (None, [c_void_p]),
    "bitocr_cleaned_image": (POINTER(Image), [c_void_p]),
    "bitocr_cleaned_angle": (c_float, [c_void_p]),
    "bitocr_clean": (c_int, [POINTER(Image), POINTER(CleanOptions), c_void_p, POINTER(Error)]),
    "bitocr_find_file": (c_int, [c_char_p, c_char_p, c_char_p, c_char_p, c_size_t, POINTER(Error)]),
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
    "bitocr_detector_load": (c_int, [c_char_p, POINTER(Options), POINTER(c_void_p), POINTER(Error)]),
    "bitocr_detector_load_memory": (c_int, [c_char_p, c_size_t, POINTER(Options), POINTER(c_void_p), POINTER(Error)]),
    "bitocr_detector_free": (None, [c_void_p]),
    "bitocr_page_create": (c_void_p, []),
    "bitocr_page_free": (None, [c_void_p]),
    "bitocr_page_describe": (c_int, [c_void_p, POINTER(PageInfo), POINTER(Error)]),
    "bitocr_page_get": (POINTER(PageLine), [c_void_p, c_int]),
    "bitocr_page_get_block": (POINTER(Block), [c_void_p, c_int]),
    "bitocr_find": (c_int, [c_void_p, POINTER(Image), POINTER(PageOptions), c_void_p, POINTER(Error)]),
    "bitocr_read_page": (
        c_int,
        [c_void_p, c_void_p, POINTER(Image), POINTER(PageOptions), POINTER(Decoding), c_void_p, POINTER(Error)],
    ),
    "bitocr_read_boxes": (
        c_int,
        [c_void_p, POINTER(Image), c_void_p, c_int, POINTER(PageOptions), POINTER(Decoding), c_void_p, POINTER(Error)],
    ),
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
    """Checks that the library has this version, and was compiled with the structures above."""
    version = library.bitocr_version().decode()
    if version != __version__:
        raise _misfit(path, f"{version}, not {__version__}")
    for name, structure in STRUCTURES.items():
        size = ctypes.sizeof(structure)
        if (found := library.bitocr_sizeof(name.encode())) != size:
            raise _misfit(path, f"{name} has {found} bytes, not {size}")


def _misfit(path: Path, what: str) -> BitocrError:
    return BitocrError(f"the engine {path} is of another version ({what}): rebuild it, or install bitocr again")


lib = _load()


def path_bytes(path: str | os.PathLike[str]) -> bytes:
    """A path as C takes it. Raises ModelError if it would end early, UsageError if it is not a path."""
    try:
        encoded = os.fsencode(path)
    except TypeError:
        raise UsageError(f"a model is given by its name or path, not by a {type(path).__name__}") from None
    if b"\0" in encoded:
        raise ModelError("the model's path holds a zero byte")
    return encoded


def call(function: Any, *arguments: Any) -> None:
    """Calls a function of the library that returns a status, and raises the error of that status with C's message."""
    error = Error()
    status = function(*arguments, ctypes.byref(error))
    if status:
        raise _ERRORS.get(status, BitocrError)(error.message.decode("utf-8", "replace"))
