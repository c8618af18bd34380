"""pytesseract's functions with bitocr instead of Tesseract: `from bitocr import pytesseract`.

`lang` is eng or chi_sim. `config` may hold --psm, --dpi, -c tessedit_char_whitelist=... and `digits`. `nice` and
`timeout` have no effect, because no process is started. There is no image_to_osd.
"""

from __future__ import annotations

import io
import shlex
import sys
from csv import QUOTE_NONE
from typing import TYPE_CHECKING, Any, Literal

from bitocr.errors import BitocrError, UsageError
from bitocr.integrations.tesseract import LANGUAGES, VERSION, Request, output, read

if TYPE_CHECKING:
    from bitocr.io.images import Source

__all__ = [
    "Output",
    "TesseractError",
    "TesseractNotFoundError",
    "get_languages",
    "get_tesseract_version",
    "image_to_alto_xml",
    "image_to_boxes",
    "image_to_data",
    "image_to_pdf_or_hocr",
    "image_to_string",
]

tesseract_cmd = "bitocr-tesseract"
"""For programs that set it. No process is started."""
pytesseract: Any = sys.modules[__name__]  # programs write pytesseract.pytesseract.tesseract_cmd

_BOX_COLUMNS = ("char", "left", "bottom", "right", "top", "page")


class Output:
    """The types that a function can return."""

    BYTES = "bytes"
    DATAFRAME = "data.frame"
    DICT = "dict"
    STRING = "string"


class TesseractError(BitocrError, RuntimeError):
    """An image that cannot be read, or a wrong argument."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class TesseractNotFoundError(OSError):
    """For programs that catch it. It is never raised here."""


def get_languages(config: str = "") -> list[str]:
    """The languages that `lang` can name."""
    return list(LANGUAGES)


def get_tesseract_version() -> Any:
    """The Tesseract version of this interface, as a packaging.version.Version, or a str without that package."""
    try:
        from packaging.version import Version
    except ImportError:
        return VERSION
    return Version(VERSION)


def image_to_string(
    image: Source,
    lang: str | None = None,
    config: str = "",
    nice: int = 0,
    output_type: str = Output.STRING,
    timeout: float = 0,
) -> Any:
    """The text, as STRING, BYTES or DICT ({"text": ...}). Raises TesseractError."""
    data = _made(image, lang, config, "txt")
    return _as(output_type, data, lambda: {"text": data.decode()})


def image_to_data(
    image: Source,
    lang: str | None = None,
    config: str = "",
    nice: int = 0,
    output_type: str = Output.STRING,
    timeout: float = 0,
    pandas_config: dict[str, Any] | None = None,
) -> Any:
    """The table of blocks, lines and words, as STRING, BYTES, DICT of columns, or DATAFRAME. Raises TesseractError."""
    data = _made(image, lang, config, "tsv")
    if output_type == Output.DATAFRAME:
        import pandas

        return pandas.read_csv(io.BytesIO(data), **{"quoting": QUOTE_NONE, "sep": "\t", **(pandas_config or {})})
    header, *rows = (row.split("\t") for row in data.decode().split("\n")[:-1])
    return _as(output_type, data, lambda: _columns(header, rows, text="text"))


def image_to_boxes(
    image: Source,
    lang: str | None = None,
    config: str = "",
    nice: int = 0,
    output_type: str = Output.STRING,
    timeout: float = 0,
) -> Any:
    """Each character's box, counted from the lower left corner, as STRING, BYTES or DICT. Raises TesseractError."""
    data = _made(image, lang, config, "makebox")
    rows = [row.rsplit(" ", 5) for row in data.decode().split("\n")[:-1]]
    return _as(output_type, data, lambda: _columns(_BOX_COLUMNS, rows, text="char"))


def image_to_pdf_or_hocr(
    image: Source,
    lang: str | None = None,
    config: str = "",
    nice: int = 0,
    extension: Literal["pdf", "hocr"] = "pdf",
    timeout: float = 0,
) -> bytes:
    """A searchable PDF, or hOCR. Raises TesseractError."""
    if extension not in ("pdf", "hocr"):
        raise ValueError(f"Unsupported extension: {extension}")
    return _made(image, lang, config, extension)


def image_to_alto_xml(
    image: Source, lang: str | None = None, config: str = "", nice: int = 0, timeout: float = 0
) -> bytes:
    """ALTO XML. Raises TesseractError."""
    return _made(image, lang, config, "alto")


def _as(output_type: str, data: bytes, as_dict: Any) -> Any:
    if output_type == Output.BYTES:
        return data
    if output_type == Output.STRING:
        return data.decode()
    if output_type == Output.DICT:
        return as_dict()
    raise ValueError(f"Unsupported output_type: {output_type}")


def _columns(header: Any, rows: Any, text: str) -> dict[str, list[Any]]:
    """A table by its columns: whole numbers, and one column of text."""
    return {name: [row[i] if name == text else int(float(row[i])) for row in rows] for i, name in enumerate(header)}


def _made(image: Source, lang: str | None, config: str, kind: str) -> bytes:
    try:
        request = _request(lang, config)
        name = image if isinstance(image, str) else ""
        return output(kind, read(image, name, request))
    except BitocrError as error:
        raise TesseractError(1, str(error)) from None


def _request(lang: str | None, config: str) -> Request:
    """The request that a configuration makes, with the options of Tesseract's command line. Raises UsageError."""
    from bitocr.integrations.tesseract_command import parse_request

    try:
        words = shlex.split(config)
    except ValueError as error:
        raise UsageError(f"config: {error}") from None
    return parse_request(words if lang is None else [*words, "-l", lang])
