"""Parses forms (multipart/form-data) into fields and files, in memory: their size is limited."""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bitocr.serve.errors import RequestError

_MAX_FIELDS = 20


@dataclass
class Part:
    """One part of a form. file: the file's name, or None if it is a field."""

    name: str = ""
    file: str | None = None
    data: bytearray = field(default_factory=bytearray)


class _Collector:
    """What the parser calls."""

    def __init__(self, max_files: int) -> None:
        self.parts: list[Part] = []
        self.is_whole = False
        self._max_files = max_files
        self._files = 0
        self._name, self._value = bytearray(), bytearray()

    def on_part_begin(self) -> None:
        self.parts.append(Part())

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            self._describe(bytes(self._value))
        self._name.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        self._files += self.parts[-1].file is not None
        if self._files > self._max_files:
            files = "file" if self._max_files == 1 else "files"
            raise RequestError(400, f"more than {self._max_files} {files} in the form")
        if len(self.parts) - self._files > _MAX_FIELDS:
            raise RequestError(400, f"more than {_MAX_FIELDS} fields in the form")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += memoryview(data)[start:end]

    def on_end(self) -> None:
        self.is_whole = True

    def _describe(self, disposition: bytes) -> None:
        _, options = parse_options_header(disposition)
        self.parts[-1].name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self.parts[-1].file = options[b"filename"].decode("utf-8", "replace")


def parts_of(body: bytes, content_type: str, max_files: int) -> list[Part]:
    """The parts of a form, in their order. Raises RequestError."""
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise RequestError(400, "the form's Content-Type has no boundary")
    collector = _Collector(max_files)
    names = ("on_part_begin", "on_header_field", "on_header_value", "on_header_end", "on_headers_finished")
    callbacks = {name: getattr(collector, name) for name in (*names, "on_part_data", "on_end")}
    try:
        parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise RequestError(400, f"the form cannot be taken apart ({' '.join(str(error).split())})") from None
    if not collector.is_whole:
        raise RequestError(400, "the form is cut short: its last boundary is missing")
    return collector.parts
