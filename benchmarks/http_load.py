"""Starts a service in a separate process, and clients for it, for benchmarks/service.py and the tests."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_LISTENING = re.compile(r"listening at http://[^:]+:(\d+)/")
_CPUCLOCK_SCHED = 2  # Linux's clock of another process


@dataclass
class Service:
    """A running `bitocr serve`; `seconds` is the time from its start until it was ready."""

    process: subprocess.Popen[str]
    port: int
    seconds: float

    def cpu_seconds(self) -> float:
        """The user and system time so far, to the nanosecond (/proc counts only hundredths of a second)."""
        return time.clock_gettime(~self.process.pid << 3 | _CPUCLOCK_SCHED)

    def memory(self, key: str = "VmRSS") -> float:
        """The memory in use, or with "VmHWM" the peak, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{key}:\s+(\d+) kB", status)
        return int(found.group(1)) / 1024 if found else 0.0


@contextmanager
def running(*options: str) -> Iterator[Service]:
    """A service that is ready, at a free port. SIGTERM ends it after the block."""
    command = [sys.executable, "-m", "bitocr", "serve", "--port", "0", *options]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert process.stderr is not None
    try:
        found = _LISTENING.search(process.stderr.readline())
        if found is None:
            raise SystemExit(f"the service did not start: {process.stderr.read()}")
        port = int(found.group(1))
        asyncio.run(send(port, request("GET", "/health/ready")))  # waits in the backlog until the service is ready
        yield Service(process, port, time.perf_counter() - begun)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stderr.close()


def request(method: str, path: str, body: bytes = b"", kind: str = "image/png", length: int | None = None) -> bytes:
    """The bytes of a request. `length` replaces the body's length in its head."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


@dataclass
class Answers:
    """statuses: the count of each status, 0 for a closed connection; seconds: the time of each answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        return 1000 * sorted(self.seconds)[min(int(share * len(self.seconds)), len(self.seconds) - 1)]


async def send(port: int, message: bytes) -> tuple[int, bytes]:
    """The status and body of the answer, over a new connection; 0 if the connection was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(message)
        return await receive(reader)
    finally:
        writer.close()


async def receive(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length.group(1))) if length else await reader.read()
    except (asyncio.IncompleteReadError, ConnectionError):
        return 0, b""
    return int(head.split(b" ", 2)[1]), body


class Clients:
    """A context with `count` clients. Each has a connection that stays open between loads."""

    def __init__(self, port: int, count: int) -> None:
        self._port, self._loop = port, asyncio.new_event_loop()
        self._streams = [self._loop.run_until_complete(self._connect()) for _ in range(count)]

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *raised: object) -> None:
        for _, writer in self._streams:
            writer.close()
        self._loop.run_until_complete(asyncio.sleep(0))  # the connections close in this turn of the loop
        self._loop.close()

    def load(self, messages: Sequence[bytes], count: int) -> Answers:
        """Sends `count` requests, the messages in turn. Raises OSError if the service is gone."""
        answers, turns = Answers(), iter(range(count))
        self._loop.run_until_complete(self._all(messages, turns, answers))
        return answers

    async def _all(self, messages: Sequence[bytes], turns: Iterator[int], answers: Answers) -> None:
        await asyncio.gather(*(self._client(place, messages, turns, answers) for place in range(len(self._streams))))

    async def _client(self, place: int, messages: Sequence[bytes], turns: Iterator[int], answers: Answers) -> None:
        for turn in turns:
            reader, writer = self._streams[place]
            begun = time.perf_counter()
            writer.write(messages[turn % len(messages)])
            status, _ = await receive(reader)
            answers.statuses[status] += 1
            answers.seconds.append(time.perf_counter() - begun)
            if status in (0, 503):  # the service closes the connection, since the body may be unread
                writer.close()
                self._streams[place] = await self._connect()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)


def load(port: int, messages: Sequence[bytes], count: int, clients: int) -> Answers:
    """Sends `count` requests from `clients` clients, the messages in turn."""
    with Clients(port, clients) as open_clients:
        return open_clients.load(messages, count)
