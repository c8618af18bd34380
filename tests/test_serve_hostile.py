"""Hostile files through the service: each gets one line within bounded time, and the next request is answered."""

from __future__ import annotations

import base64
import json
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

import pdfs
from bitocr.errors import ImageError
from bitocr.io.decoding import NEXT, Request
from bitocr.serve import decoders
from bitocr.serve.decoders import Decoders, Opening
from bitocr.serve.errors import RequestError
from serve_client import LINE, TEXT, client, encoded, pages_of
from test_hostile_formats import BAD
from test_jpeg_scans import jpeg_of_scans

FOREVER = float("inf")


def slow_pdf() -> bytes:
    """A page with a million squares on top of each other."""
    return pdfs.printed(operators=b"0 0 300 200 re f " * 1_000_000)


FILES = {**BAD, "a JPEG of many scans": jpeg_of_scans(20_000), "a TIFF cut short": pages_of(LINE, LINE)[:3000]}
PDFS = {
    **{what: pdfs.looping(what) for what in pdfs.LOOPS},
    "a PDF header alone": b"%PDF-1.7\n",
    "a PDF cut short": pdfs.scan()[:2000],
}


@pytest.fixture(scope="module")
def service() -> Iterator[TestClient]:
    with client() as opened:
        yield opened


def check_refused(service: TestClient, data: bytes) -> None:
    """As a body, in a form, in JSON, and in a batch, between two good files."""
    encoded = base64.b64encode(data).decode()
    ways: list[dict[str, Any]] = [{"content": data}, {"files": {"file": ("a", data)}}, {"json": {"image": encoded}}]
    for sent in ways:
        answer = service.post("/v1/ocr", **sent)
        assert answer.status_code in (400, 413, 415, 422), answer.text
        assert "\n" not in answer.json()["error"]
    files = [("file", (str(number), each)) for number, each in enumerate((LINE, data, LINE))]
    lines = [json.loads(line) for line in service.post("/v1/batch?line=1", files=files).text.splitlines()]
    assert [line.get("text") for line in lines] == [TEXT, None, TEXT]
    assert "\n" not in lines[1]["error"]


@pytest.mark.parametrize("name", FILES)
def test_hostile_pictures(service: TestClient, name: str) -> None:
    check_refused(service, FILES[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", PDFS)
def test_hostile_documents(service: TestClient, name: str) -> None:
    check_refused(service, PDFS[name])


@pytest.mark.slow
def test_a_document_that_draws_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "SECONDS", 2.0)
    with client(threads=1) as service:
        begun = time.monotonic()
        answer = service.post("/v1/ocr", content=slow_pdf())
        assert (answer.status_code, "takes longer than 2 s" in answer.json()["error"]) == (422, True)
        assert time.monotonic() - begun < 15
        assert service.post("/v1/ocr", content=pdfs.scan()).json()["pages"]
    with client(timeout=1.0) as service:
        assert service.post("/v1/ocr", content=slow_pdf()).status_code == 503


@pytest.mark.slow
def test_a_decoder_whose_service_is_gone_ends_by_itself() -> None:
    code = "from bitocr.serve.decoders import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    requests = pickle.dumps(Request((slow_pdf(), 10**7, True), 1000, 1)) + pickle.dumps(NEXT)
    process.communicate(requests, timeout=60)
    assert process.returncode == -signal.SIGPROF


def decode(found: Decoders, data: bytes, deadline: float = FOREVER, max_pixels: int = 10**9) -> int:
    """The number of pages."""
    return sum(1 for _ in found.pages(Opening(data, max_pixels, True), deadline))


@pytest.fixture
def found() -> Iterator[Decoders]:
    opened = Decoders(1_000_000)
    yield opened
    opened.stop()


def test_a_decoder_is_used_again_even_if_not_all_pages_were_taken(found: Decoders) -> None:
    two = pages_of(LINE, encoded())
    pages = found.pages(Opening(two, 10**6, True), FOREVER)
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    [process] = found._processes._idle
    assert decode(found, two) == 2
    with pytest.raises(ImageError, match="not an image"):
        decode(found, b"nothing")
    assert found._processes._idle == [process]


def test_a_decoder_that_has_ended_is_replaced(found: Decoders) -> None:
    decode(found, LINE)
    found._processes._idle[0]._process.kill()
    found._processes._idle[0]._process.wait()
    assert decode(found, LINE) == 1


def test_a_decoder_has_a_limit_of_memory(found: Decoders) -> None:
    with pytest.raises(ImageError, match="not enough memory"):
        decode(found, encoded((17_000, 17_000), "BMP", mode="1"))
    assert decode(found, LINE) == 1


def test_the_deadline_ends_a_decoder(found: Decoders) -> None:
    with pytest.raises(RequestError) as told:
        decode(found, LINE, time.monotonic())
    assert told.value.status == 503
    assert found._processes._idle == []
