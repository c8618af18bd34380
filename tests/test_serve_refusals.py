"""Requests that the service refuses: one line, and the right status."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from bitocr.errors import UsageError
from bitocr.serve import Settings, create_app
from serve_client import LINE, PAGE, client, encoded, png_of, tiff

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture(scope="module")
def service() -> Iterator[TestClient]:
    with client(max_body=1 << 20, max_pixels=1_000_000, pixel_budget=2_000_000, max_pages=3) as opened:
        yield opened


def part(name: str, data: bytes, file: str | None = None) -> bytes:
    named = "" if file is None else f'; filename="{file}"'
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data + b"\r\n"


QUERIES = {
    "format=docx": "format is one of json, text",
    "model=../english": "model is one of english, english-tiny, not '../english'",
    "model=/etc/passwd": "model is one of",
    "line=maybe": "line is 1 or 0, not 'maybe'",
    "line=1&pattern=%5B": "pattern",
    "line=1&check=isbn": "check is one of luhn",
    "pattern=%5B": "pattern",
    "check=isbn": "check is one of luhn",
    "words=%20": "words are 1 to 10,000 words",
    "pages=0": "pages are numbers and ranges, such as 1-3,7, not '0'",
    "pages=1;2": "pages are numbers",
    "min_confidence=2": "min_confidence is a number from 0 to 1, not '2'",
    "min_confidence=nan": "min_confidence is a number",
    "langauge=en": "there is no parameter 'langauge': take format, model",
    "line=1&line=0": "the parameter 'line' is given twice",
    "words=" + 2001 * "D": "more than 2,000 characters of a parameter",
    "pattern=" + 1001 * "D": "pattern is longer than 1,000 characters",
}


@pytest.mark.parametrize(("query", "message"), QUERIES.items())
def test_wrong_parameters(service: TestClient, query: str, message: str) -> None:
    answer = service.post(f"/v1/ocr?{query}", content=LINE)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


BODIES: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "empty": (b"", {}, 400, "no file in the request"),
    "no picture": (b"hello", {}, 422, "not an image in a format that bitocr reads"),
    "text": (b"hello", {"Content-Type": "text/plain"}, 415, "Content-Type text/plain is not read here"),
    "cut short": (LINE[:300], {}, 422, "damaged or cut short"),
    "header alone": (png_of(500, 500), {}, 422, "not an image"),
    "zero bytes": (bytes(1000), {}, 422, "not an image"),
    "60000 x 60000": (png_of(60000, 60000), {}, 413, "60000 x 60000 is more than 1,000,000 pixels"),
    "no pixels": (png_of(0, 5), {}, 422, "no pixels in it"),
    "BMP too large": (encoded((1001, 1000), "BMP", mode="1"), {}, 413, "1001 x 1000 is more"),
    "JPEG too large": (encoded((1001, 1000), "JPEG"), {}, 413, "1001 x 1000 is more"),
    "WebP too large": (encoded((1001, 1000), "WEBP"), {}, 413, "1001 x 1000 is more"),
    "GIF too large": (encoded((1001, 1000), "GIF"), {}, 413, "1001 x 1000 is more"),
    "TIFF too large": (tiff(60000, 60000), {}, 413, "60000 x 60000 is more"),
    "TIFF in a ring": (tiff(10, 10, following=8), {}, 413, "more than 3 pages"),
    "TIFF without a page": (b"II*\0\0\0\0\0", {}, 422, "no page in the TIFF file"),
    "TIFF that leads outside": (b"II*\0\xff\xff\xff\xff", {}, 422, "damaged or cut short"),
    "large body": (bytes((1 << 20) + 1), {}, 413, "the body has more than 1,048,576 bytes"),
    "form without boundary": (b"x", {"Content-Type": "multipart/form-data"}, 400, "has no boundary"),
    "no form": (b"nothing", FORM, 400, "the form cannot be taken apart"),
    "form cut short": (part("file", LINE, "a.png")[:-2], FORM, 400, "the form is cut short"),
    "form without a file": (part("line", b"1") + b"--b--\r\n", FORM, 400, "no file in the request"),
    "two files": (2 * part("file", LINE, "a.png") + b"--b--\r\n", FORM, 400, "more than 1 file in the form"),
    "many fields": (30 * part("a", b"1") + b"--b--\r\n", FORM, 400, "more than 20 fields"),
    "long header": (part("a" * 5000, b"1") + b"--b--\r\n", FORM, 400, "form"),
    "no JSON": (b"{", JSON, 400, "the body is not JSON"),
    "deep JSON": (b"[" * 200_000, JSON, 400, "the body is not JSON"),
    "deep JSON objects": (b'{"a":' * 100_000, JSON, 400, "the body is not JSON"),
    "JSON list": (b"[]", JSON, 400, "the body is not a JSON object"),
    "JSON without image": (b"{}", JSON, 400, "no file in the request"),
    "JSON number": (b'{"image": 5}', JSON, 400, "a picture in JSON is a string of base64"),
    "no base64": (b'{"image": "@@@"}', JSON, 400, "a picture in JSON is not base64"),
    "cut base64": (b'{"image": "abcde"}', JSON, 400, "a picture in JSON is not base64"),
    "not ASCII": ('{"image": "ä"}'.encode(), JSON, 400, "a picture in JSON is not base64"),
    "URL": (b'{"image": "http://x/y.png"}', JSON, 400, "URLs are not fetched"),
    "JSON not UTF-8": (b'{"image": "\xff"}', JSON, 400, "the body is not JSON"),
    "wrong value": (b'{"image": "AAAA", "line": []}', JSON, 400, "'line' is a string, a number or a truth value"),
    "null": (b'{"image": "AAAA", "allow": null}', JSON, 400, "'allow' is a string"),
}


@pytest.mark.parametrize("name", BODIES)
def test_bad_bodies(service: TestClient, name: str) -> None:
    body, headers, status, message = BODIES[name]
    answer = service.post("/v1/ocr", content=body, headers=headers)
    assert (answer.status_code, message in answer.json()["error"]) == (status, True), answer.text
    assert "\n" not in answer.json()["error"]
    assert "bitocr_places_taken 0\n" in service.get("/metrics").text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/ocr", 405), ("POST", "/", 405), ("GET", "/v2", 404)]
)
def test_paths_and_methods(service: TestClient, method: str, path: str, status: int) -> None:
    answer = service.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert status != 405 or answer.headers["allow"]


@pytest.mark.parametrize("path", ["/v1/ocr", "/v1/batch"])
def test_a_full_queue_is_told(path: str) -> None:
    with client(threads=1, queue=-1) as service:
        answer = service.post(path, files={"file": ("a.png", LINE)})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "the queue is full" in answer.json()["error"]


def test_time_is_limited() -> None:
    with client(timeout=0.0) as service:
        answer = service.post("/v1/ocr", content=PAGE)
        assert answer.status_code == 503
        assert "not enough time" in answer.json()["error"]
        lines = service.post("/v1/batch", files={"file": ("a.gif", PAGE)}).text.splitlines()
    assert ["not enough time" in json.loads(line)["error"] for line in lines] == [True]


def test_bytes_of_all_requests_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "body_budget", 100)
    with client() as service:
        answer = service.post("/v1/ocr", content=LINE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_a_bad_model_is_told_at_once() -> None:
    with pytest.raises(UsageError, match="two models have the name english"):
        create_app(Settings(models=("english", "./english.bit")))


def test_base64_may_be_large(service: TestClient) -> None:
    """Such bodies are parsed in a thread."""
    body: dict[str, Any] = {"image": base64.b64encode(LINE + bytes(400_000)).decode(), "line": True}
    assert service.post("/v1/ocr", json=body).status_code == 200
