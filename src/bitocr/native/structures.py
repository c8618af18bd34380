"""The structures of engine/include/bitocr.h, as ctypes has them."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char, c_char_p, c_float, c_int, c_size_t, c_ssize_t, c_uint32, c_void_p
from typing import Any, ClassVar


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


class Quad(ctypes.Structure):
    """bitocr_quad: x, y of four corners."""

    _fields_ = (("corners", c_float * 8),)


class PageChar(ctypes.Structure):
    """bitocr_page_char."""

    _fields_ = (("character", c_uint32), ("score", c_float), ("quad", Quad))


class Word(ctypes.Structure):
    """bitocr_word."""

    _fields_ = (
        ("text", c_void_p),
        ("text_bytes", c_size_t),
        ("confidence", c_float),
        ("quad", Quad),
        ("chars", c_void_p),
        ("char_count", c_size_t),
    )


class PageLine(ctypes.Structure):
    """bitocr_page_line."""

    _fields_ = (
        ("text", c_void_p),
        ("text_bytes", c_size_t),
        ("confidence", c_float),
        ("quad", Quad),
        ("words", POINTER(Word)),
        ("word_count", c_size_t),
        ("block", c_int),
        ("paragraph", c_int),
        ("row", c_int),
    )


class Block(ctypes.Structure):
    """bitocr_block."""

    _fields_ = (("quad", Quad), ("first_line", c_int), ("line_count", c_int))


class PageInfo(_Sized):
    """bitocr_page_info."""

    _fields_ = (
        ("width", c_int),
        ("height", c_int),
        ("angle", c_float),
        ("scale", c_float),
        ("line_count", c_int),
        ("block_count", c_int),
        ("text", c_void_p),
        ("text_bytes", c_size_t),
    )


class PageOptions(_Sized):
    """bitocr_page_options."""

    _fields_ = (("scale", c_float), ("min_score", c_float), ("is_upright", c_int))


class CleanOptions(_Sized):
    """bitocr_clean_options."""

    _fields_ = tuple((name, c_int) for name in ("normalize", "denoise", "deskew", "remove_rules", "binarize"))


STRUCTURES: dict[str, Any] = {
    "bitocr_error": Error,
    "bitocr_image": Image,
    "bitocr_options": Options,
    "bitocr_info": Info,
    "bitocr_decoding": Decoding,
    "bitocr_char": Char,
    "bitocr_line": Line,
    "bitocr_quad": Quad,
    "bitocr_page_char": PageChar,
    "bitocr_word": Word,
    "bitocr_page_line": PageLine,
    "bitocr_block": Block,
    "bitocr_page_info": PageInfo,
    "bitocr_page_options": PageOptions,
    "bitocr_clean_options": CleanOptions,
}
