"""Reads the bytes of a request, up to the limits: a picture, a form, or JSON."""

from __future__ import annotations

import base64
import binascii
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from bitocr.serve.admission import Visit
from bitocr.serve.errors import RequestError, too_large, unread
from bitocr.serve.multipart import Part, parts_of
from bitocr.serve.settings import Settings
from bitocr.serve.time_limit import time_limit

_DATA_URL = re.compile(r"data:[\w.+-]*/?[\w.+-]*(;[\w.+-]+=[\w.+-]+)*;base64,")
_DRAIN_SECONDS, _DRAIN_BYTES = 2.0, 64 << 20
# curl --data-binary sends the last one by default.
_RAW = ("image/", "application/pdf", "application/octet-stream", "application/x-www-form-urlencoded")
HAS_ARRIVED = "bitocr.has_arrived"
"""A server sets it in the scope of a request whose body has arrived, which saves a timer."""
MISSING = "no file in the request: send a picture as the body, as 'file' of a form, or as 'image' of JSON in base64"


@dataclass
class File:
    """A picture or document as it was sent."""

    name: str
    data: bytes


@dataclass
class Sent:
    """The files of a request, and its parameters besides those of the URL."""

    files: list[File] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


async def read_body(scope: Scope, receive: Receive, visit: Visit, settings: Settings) -> bytes:
    """All bytes of a request. Raises RequestError if they are too many, too slow or cut short."""
    length = header(scope, b"content-length")
    if length.isdecimal() and int(length) > settings.max_body:
        raise _too_large(settings)
    try:
        if scope.get(HAS_ARRIVED):
            return await _read(receive, visit, settings)
        async with time_limit(settings.client_timeout):
            return await _read(receive, visit, settings)
    except TimeoutError:
        raise unread(RequestError(408, f"the body took longer than {settings.client_timeout:g} s to arrive")) from None
    except ClientDisconnect:
        raise RequestError(400, "the connection ended within the body") from None


def header(scope: Scope, name: bytes) -> str:
    """What a request's head says, or an empty string."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return ""


async def _read(receive: Receive, visit: Visit, settings: Settings) -> bytes:
    chunks, is_more = [], True
    while is_more:
        chunk, is_more = _chunk(await receive())
        if visit.held + len(chunk) > settings.max_body:
            raise _too_large(settings)
        visit.hold(len(chunk))
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _chunk(message: Message) -> tuple[bytes, bool]:
    """Bytes, and whether more follow. Raises ClientDisconnect."""
    if message["type"] != "http.request":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def _too_large(settings: Settings) -> RequestError:
    return unread(too_large(f"the body has more than {settings.max_body:,} bytes"))


async def drain(scope: Scope, receive: Receive) -> None:
    """Reads some of what is left: a client that is still sending would not see the answer."""
    if header(scope, b"expect").lower() == "100-continue":  # this client waits before it sends
        return
    taken, is_more = 0, True
    with suppress(ClientDisconnect, TimeoutError):
        async with time_limit(_DRAIN_SECONDS):
            while is_more and taken <= _DRAIN_BYTES:
                chunk, is_more = _chunk(await receive())
                taken += len(chunk)


def take_apart(body: bytes, content_type: str, max_files: int) -> Sent:
    """The files and fields of a body. Raises RequestError (400, 413, 415)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        sent = _of_parts(parts_of(body, content_type, max_files))
    elif kind == "application/json":
        sent = _of_json(body, max_files)
    elif not kind or kind.startswith(_RAW):
        sent = Sent([File("", body)] if body else [])
    else:
        raise RequestError(415, f"Content-Type {kind[:80]} is not read here: send image/*, a form, or JSON")
    if not sent.files:
        raise RequestError(400, MISSING)
    return sent


def _of_parts(parts: list[Part]) -> Sent:
    sent = Sent()
    for part in parts:
        if part.file is not None:
            sent.files.append(File(part.file, bytes(part.data)))
        elif part.name in sent.fields:
            raise RequestError(400, f"the form has the field {part.name[:40]!r} twice")
        else:
            sent.fields[part.name] = part.data.decode("utf-8", "replace")
        part.data.clear()
    return sent


def _of_json(body: bytes, max_files: int) -> Sent:
    """{"image": base64, parameters} or {"images": [base64, ...], parameters}."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(400, f"the body is not JSON ({' '.join(str(error).split())[:100]})") from None
    if not isinstance(value, dict):
        raise RequestError(400, 'the body is not a JSON object with "image"')
    images = value.pop("images", [])
    if "image" in value:
        images = [value.pop("image")]
    if not isinstance(images, list):
        raise RequestError(400, '"images" is a list of pictures in base64')
    if len(images) > max_files:
        raise RequestError(400, f"more than {max_files} {'picture' if max_files == 1 else 'pictures'} in the request")
    files = [File("", _decoded(image)) for image in images]
    return Sent(files, {name: _text(name, each) for name, each in value.items()})


def _decoded(image: Any) -> bytes:
    """The bytes of base64, with or without a data URL's head."""
    if not isinstance(image, str):
        raise RequestError(400, "a picture in JSON is a string of base64")
    head = _DATA_URL.match(image[:200])
    try:
        return base64.b64decode(image[head.end() if head else 0 :], validate=True)
    except (binascii.Error, ValueError):
        hint = "; URLs are not fetched" if "://" in image[:10] else ""
        raise RequestError(400, f"a picture in JSON is not base64{hint}") from None


def _text(name: str, value: Any) -> str:
    """A parameter in JSON as it would stand in a URL."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (int, float)):
        return repr(value)
    if name == "words" and isinstance(value, list):
        value = "\n".join(word if isinstance(word, str) else "" for word in value)
    if not isinstance(value, str):
        raise RequestError(400, f"{name[:40]!r} is a string, a number or a truth value")
    return value
