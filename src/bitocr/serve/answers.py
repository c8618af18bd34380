"""Turns readings into bytes: JSON, text, and every format of `bitocr.formats`."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from bitocr.io.images import Source
from bitocr.lines import Line
from bitocr.page import Page
from bitocr.serve.documents import pages
from bitocr.serve.reading import Reading

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # json.dumps makes a new one each time
_quoted = json.encoder.encode_basestring
_PICTURES = ("png", "jpeg")
_MEDIA_TYPES = {
    "tsv": "text/tab-separated-values; charset=utf-8",
    "hocr": "text/html; charset=utf-8",
    "alto": "application/xml",
    "markdown": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
}


class Format(NamedTuple):
    """A format of answers."""

    media_type: str
    write: Callable[[Sequence[Reading], bytes, int], bytes]
    """Readings, the file that they were read in, and how many pixels a page of it may have."""


def as_json(reading: Reading) -> str:
    """A page, or a line, as a JSON object."""
    result = reading.result
    if isinstance(result, Page):
        return _ENCODER.encode({"page": reading.number, **result.as_dict()})
    # An encoder that is given dictionaries takes three times as long.
    chars = [f'{{"char":{_quoted(c.char)},"score":{c.score:.4f},"x":{c.x:.1f}}}' for c in result.chars]
    return (
        f'{{"page":{reading.number},"text":{_quoted(result.text)},"confidence":{result.confidence:.4f},'
        f'"angle":{result.angle},"chars":[{",".join(chars)}]}}'
    )


def as_json_line(head: Mapping[str, Any], reading: Reading) -> bytes:
    """An object of the head's members and the reading's, with a line feed."""
    return f"{_ENCODER.encode(head)[:-1]},{as_json(reading)[1:]}\n".encode("utf-8", "replace")


def dumps(value: Any) -> bytes:
    return _ENCODER.encode(value).encode("utf-8", "replace")


def _json(readings: Sequence[Reading], source: bytes, max_pixels: int) -> bytes:
    """{"schema", "pages"}, or with line=1 {"schema", "lines"}."""
    kind = "lines" if isinstance(readings[0].result, Line) else "pages"
    results = ",".join([as_json(reading) for reading in readings])
    return f'{{"schema":{Page.SCHEMA},"{kind}":[{results}]}}\n'.encode("utf-8", "replace")


def _text(readings: Sequence[Reading], source: bytes, max_pixels: int) -> bytes:
    """Lines with line feeds between them, pages with form feeds."""
    between = "\n" if isinstance(readings[0].result, Line) else "\f"
    return (between.join(reading.result.text for reading in readings) + "\n").encode("utf-8", "replace")


def formats() -> dict[str, Format]:
    """All there are, by their names."""
    own = {"json": Format("application/json", _json), "text": Format("text/plain; charset=utf-8", _text)}
    return own | {name: Format(_MEDIA_TYPES[name], partial(_render, name)) for name in _written() if name not in own}


def _written() -> list[str]:
    """The names of what `bitocr.formats` writes."""
    try:
        return [name for name in importlib.import_module("bitocr.formats").FORMATS if name in _MEDIA_TYPES]
    except ImportError:
        return []


def _render(name: str, readings: Sequence[Reading], source: bytes, max_pixels: int) -> bytes:
    written = importlib.import_module("bitocr.formats")
    shown = _picture(readings[0].number, source, max_pixels) if name in _PICTURES else source
    read = tuple(reading.result for reading in readings)
    data: bytes = written.render(name, [written.Document("the file", read, shown, max_pixels=max_pixels)])
    return data


def _picture(number: int, source: bytes, max_pixels: int) -> Source:
    """One page of a file: a request may name it by its number."""
    return source if number == 1 else next(islice(pages(source, max_pixels, True), number - 1, None))  # type: ignore[return-value]
