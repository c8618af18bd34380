"""The service as a process with a port: crowds, slow clients, shutdown."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from http_load import Service, load, receive, request, running, send

from conftest import Result
from serve_client import LINE, PAGE, TEXT

pytestmark = pytest.mark.slow
READ = request("POST", "/v1/ocr?line=1&format=text", LINE)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running("--threads", "2", "--queue", "4") as started:
        yield started


def answer(service: Service, message: bytes) -> tuple[int, bytes]:
    return asyncio.run(send(service.port, message))


def test_a_crowd_is_answered_or_told_to_come_back(service: Service) -> None:
    statuses = load(service.port, [READ], 300, 64).statuses
    assert set(statuses) == {200, 503}
    assert answer(service, READ) == (200, f"{TEXT}\n".encode())


def test_wrong_lengths(service: Service) -> None:
    assert answer(service, request("POST", "/v1/ocr", LINE, length=40_000_000))[0] == 413
    assert answer(service, request("POST", "/v1/ocr?line=1", LINE, length=len(LINE) - 900))[0] == 422
    assert answer(service, READ.replace(b"Content-Length: ", b"Content-Length: -"))[0] == 400
    assert answer(service, READ.replace(b"Content-Length: ", b"Content-Length: x"))[0] == 400
    assert answer(service, READ)[0] == 200


def test_what_is_not_http_is_told(service: Service) -> None:
    status, body = answer(service, b"READ / SOMETHING\r\n\r\n")
    assert (status, list(json.loads(body))) == (400, ["error"])


LONG = 70_000 * b"x"
HEADS = {
    "long path": b"GET /" + LONG + b" HTTP/1.1\r\n\r\n",
    "long field": b"GET / HTTP/1.1\r\nX-A: " + LONG + b"\r\n\r\n",
    "field without end": b"GET / HTTP/1.1\r\nX-A: " + LONG,
    "many fields": b"GET / HTTP/1.1\r\n" + 7_000 * b"X-A: xxxxxxxx\r\n" + b"\r\n",
    "path that is none": b"GET \xff\xff HTTP/1.1\r\n\r\n",
    "two lengths": b"POST /v1/ocr HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "length and chunks": b"POST /v1/ocr HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", HEADS)
def test_heads_have_limits(service: Service, name: str) -> None:
    status, body = answer(service, HEADS[name])
    assert (status, list(json.loads(body))) == (400, ["error"])


def test_requests_in_a_row_are_answered_in_their_order(service: Service) -> None:
    """An invalid request closes the connection, after the answers to earlier requests."""

    async def answers() -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(READ + request("GET", "/health/live") + READ + b"NOTHING\r\n\r\n")
        statuses = [(await receive(reader))[0] for _ in range(3)]
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        return statuses

    assert asyncio.run(answers()) == [200, 200, 200]


def test_a_large_body_is_refused_and_the_answer_arrives(service: Service) -> None:
    status, body = answer(service, request("POST", "/v1/ocr", bytes(35 << 20)))
    assert (status, b"more than 33,554,432 bytes" in body) == (413, True)


def test_a_client_that_goes_away_takes_nothing_with_it(service: Service) -> None:
    for part in (10, 100, len(READ) // 2, len(READ)):
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            client.sendall(READ[:part])
    assert answer(service, READ)[0] == 200
    deadline = time.monotonic() + 10
    while b"bitocr_places_taken 0\n" not in (text := answer(service, request("GET", "/metrics"))[1]):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)


def test_a_batch_arrives_as_it_is_read(service: Service) -> None:
    """The first lines come while later files wait."""
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n%s\r\n'
    body = b"".join(part % PAGE for _ in range(12)) + b"--b--\r\n"

    async def times() -> list[float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(request("POST", "/v1/batch", body, "multipart/form-data; boundary=b"))
        found = []
        while line := await reader.readline():
            if line.startswith(b'{"file"'):
                found.append(time.monotonic())
            if len(found) == 12:
                break
        writer.close()
        return found

    arrived = asyncio.run(times())
    assert len({round(each, 3) for each in arrived}) > 3


def test_sigterm_loses_nothing() -> None:
    async def in_flight(service: Service) -> Counter[int]:
        tasks = [asyncio.create_task(send(service.port, request("POST", "/v1/ocr", PAGE))) for _ in range(8)]
        while b"bitocr_places_taken 8" not in (await send(service.port, request("GET", "/metrics")))[1]:
            await asyncio.sleep(0.01)
        service.process.send_signal(signal.SIGTERM)
        return Counter(status for status, _ in await asyncio.gather(*tasks))

    with running("--threads", "1") as service:
        assert asyncio.run(in_flight(service)) == {200: 8}
        assert service.process.wait(60) == 0


def test_slow_clients_are_sent_away_and_stop_nobody() -> None:
    beginnings = [b"", b"POST /v1/ocr HTTP/1.1\r\nX-A: ", request("POST", "/v1/ocr", b"", length=1000)]

    async def ends(port: int) -> list[int]:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        for number, (_, writer) in enumerate(opened):
            writer.write(beginnings[number % 3])
        statuses = [(await send(port, READ))[0] for _ in range(5)]
        assert statuses == [200] * 5
        answers = [(await receive(reader))[0] for reader, _ in opened]
        return [answers[kind] for kind in range(3) if len(set(answers[kind::3])) == 1]

    with running("--client-timeout", "2") as service:
        assert asyncio.run(ends(service.port)) == [0, 0, 408]


def test_a_port_that_is_taken_is_told(run: Callable[..., Result], service: Service) -> None:
    result = run("serve", "--port", service.port)
    assert (result.code, f"cannot listen at 127.0.0.1:{service.port}" in result.err) == (2, True)
    assert result.err.count("\n") == 1


def test_the_description_is_true(service: Service, tmp_path: Path) -> None:
    """Schemathesis sends requests that openapi.json allows, and others.

    Not every request that the schema allows can be served: random bytes are not a picture, and a random text is not a
    pattern.
    """
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"http://127.0.0.1:{service.port}/openapi.json",
    ]
    options = ["--max-examples=10", "--generation-deterministic", "--exclude-checks=positive_data_acceptance"]
    found = subprocess.run([*command, *options], capture_output=True, text=True, cwd=tmp_path)
    assert found.returncode == 0, found.stdout
