"""A service in a process of its own, and clients for it: what benchmarks/service.py and the tests measure with."""

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
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Service:
    """A running `bitocr serve`. seconds: from its start until it was ready."""

    process: subprocess.Popen[str]
    port: int
    seconds: float

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self, key: str = "VmRSS") -> float:
        """Megabytes in use, or with "VmHWM" the most that were."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{key}:\s+(\d+) kB", status)
        return int(found.group(1)) / 1024 if found else 0.0


@contextmanager
def running(*options: str) -> Iterator[Service]:
    """A service that is ready, at a free port; ended with SIGTERM."""
    command = [sys.executable, "-m", "bitocr", "serve", "--port", "0", *options]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert process.stderr is not None
    try:
        found = _LISTENING.search(process.stderr.readline())
        if found is None:
            raise SystemExit(f"the service did not start: {process.stderr.read()}")
        port = int(found.group(1))
        asyncio.run(send(port, request("GET", "/health/ready")))  # which waits in the backlog until it is
        yield Service(process, port, time.perf_counter() - begun)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stderr.close()


def request(method: str, path: str, body: bytes = b"", kind: str = "image/png", length: int | None = None) -> bytes:
    """A request as it is sent. length: what its head says, where that is not the body's."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


@dataclass
class Answers:
    """statuses: how often each came; 0 where the connection ended. seconds: of each answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        return 1000 * sorted(self.seconds)[min(int(share * len(self.seconds)), len(self.seconds) - 1)]


async def send(port: int, message: bytes) -> tuple[int, bytes]:
    """Status and body of the answer, over a connection of its own; 0 where the connection ended."""
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


def load(port: int, messages: Sequence[bytes], count: int, clients: int) -> Answers:
    """Sends `count` requests by so many clients, each over one connection, the messages in turn."""
    answers, turns = Answers(), iter(range(count))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for turn in turns:
            begun = time.perf_counter()
            writer.write(messages[turn % len(messages)])
            status, _ = await receive(reader)
            answers.statuses[status] += 1
            answers.seconds.append(time.perf_counter() - begun)
            if status == 503:  # they close the connection, as the body may be unread
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    async def all_clients() -> None:
        await asyncio.gather(*(client() for _ in range(clients)))

    asyncio.run(all_clients())
    return answers
