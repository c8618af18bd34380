"""Measures the cost and the limits of `bitocr serve`: a service in a separate process, with clients on this machine.

    python benchmarks/service.py [NAME ...] [--requests 20000]

overhead: CPU time of a request beside that of the same read through `Reader`, on as many threads, in turns. ready: from
the start to the first answer. crowd: 64 clients at once. memory: growth over many requests. bombs: large pictures in
small files, 8 at once. slow: clients that send almost nothing. end: SIGTERM with requests in flight. Without a name, it
runs all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

from http_load import Answers, Clients, Service, load, request, running, send
from PIL import Image

from bitocr import Reader
from bitocr.reader import available_cores

DATA = Path(__file__).parents[1] / "tests" / "data"
LINES = [path.read_bytes() for path in sorted((DATA / "lines").glob("words-*.png"))]
PATH = "/v1/ocr?line=1"
MESSAGES = [request("POST", PATH, data) for data in LINES]
BUDGET = 60_000_000


def overhead(count: int) -> None:
    """Measures words that are hard to read, and a blank picture, whose engine time is small and hardly varies."""
    blank = io.BytesIO()
    Image.new("L", (100, 32), 255).save(blank, "PNG")
    for name, lines in (("hard words", LINES), ("blank", [blank.getvalue()])):
        differences, engine = compare(lines, max(count // 200, 20), 4 * len(LINES))
        low, middle, high = quantiles(differences)
        print(f"{name}:")
        show("engine alone", f"{median(engine):.3f} ms CPU a request")
        spread = f"{len(differences)} turns: {low:.3f} to {high:.3f}"
        show("more in the service", f"{middle:.3f} ms CPU a request (at most 0.3; {spread})")


def compare(lines: list[bytes], rounds: int, each: int) -> tuple[list[float], list[float]]:
    """The cost of requests beyond the engine, and of the engine, in many short turns.

    Other programs disturb a few turns, but not the median.
    """
    reader, messages = Reader(), [request("POST", PATH, data) for data in lines]
    differences, engine = [], []
    with running() as service, ThreadPoolExecutor(available_cores()) as pool, Clients(service.port, 8) as clients:
        clients.load(messages, 500)
        read_all(reader, pool, lines, 500)
        for _ in range(rounds):
            before = service.cpu_seconds()
            clients.load(messages, each)
            served = 1000 * (service.cpu_seconds() - before) / each
            engine.append(read_all(reader, pool, lines, each))
            differences.append(served - engine[-1])
    return differences, engine


def read_all(reader: Reader, pool: ThreadPoolExecutor, lines: list[bytes], count: int) -> float:
    """The CPU milliseconds of one read, on as many threads as the service has."""
    begun = time.process_time()
    for _ in pool.map(reader.read_line, islice(cycle(lines), count)):
        pass
    return 1000 * (time.process_time() - begun) / count


def ready(count: int) -> None:
    walls, cpus = [], []
    for _ in range(7):
        with running() as service:
            walls.append(service.seconds)
            cpus.append(service.cpu_seconds())
    show("ready", f"{median(walls):.2f} s (at most 0.6), {median(cpus):.2f} s CPU; the best of 7: {min(walls):.2f} s")


def crowd(count: int) -> None:
    with running() as service:
        answers = load(service.port, MESSAGES, min(count, 4000), 64)
        show("64 clients", f"{dict(answers.statuses)}, {latencies(answers)}, {service.memory('VmHWM'):.0f} MB at most")


def memory(count: int) -> None:
    with running() as service:
        load(service.port, MESSAGES, 2000, 8)
        before = service.memory()
        answers = load(service.port, MESSAGES, count, 8)
        grown = service.memory() - before
    show("memory", f"{before:.1f} MB, {grown:+.2f} MB after {count:,} requests (at most 2), {dict(answers.statuses)}")


def bomb(side: int = 6300) -> bytes:
    """A picture of 40 million pixels in a small file."""
    file = io.BytesIO()
    Image.new("RGBA", (side, side), "white").save(file, "PNG", compress_level=9)
    return file.getvalue()


def bombs(count: int) -> None:
    data = bomb()
    with running("--pixel-budget", str(BUDGET), "--timeout", "600") as service:
        answers = load(service.port, [request("POST", "/v1/ocr", data)], 8, 8)
        peak, rest = service.memory("VmHWM"), service.memory()
        status, body = asyncio.run(send(service.port, request("POST", "/v1/ocr", huge())))
    show("bombs", f"{len(data) >> 10} KiB each: {dict(answers.statuses)}, {peak:.0f} MB at most, {rest:.0f} MB after")
    show("60000 x 60000", f"{status} {body.decode()}")


def huge() -> bytes:
    """A picture of 60,000 x 60,000 of which only the header is there."""
    head = bytearray(bomb(1))
    head[16:24] = (60000).to_bytes(4, "big") * 2
    return bytes(head)


def slow(count: int) -> None:
    beginning = request("POST", PATH, b"", length=1000)
    kinds = [b"", b"POST /v1/ocr HTTP/1.1\r\nHost: x\r\nX-A: ", beginning, beginning + b"\x89PNG"]

    async def hold(port: int, clients: int) -> list[asyncio.StreamWriter]:
        writers = []
        for number in range(clients):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(kinds[number % len(kinds)])
            writers.append(writer)
        return writers

    async def beside(service: Service) -> tuple[Answers, Answers, int]:
        alone = await asyncio.to_thread(load, service.port, MESSAGES, 400, 2)
        writers = await hold(service.port, 400)
        crowded = await asyncio.to_thread(load, service.port, MESSAGES, 400, 2)
        await asyncio.sleep(12)
        closed = sum(await asyncio.gather(*(is_closed(writer) for writer in writers)))
        return alone, crowded, closed

    with running("--client-timeout", "5") as service:
        alone, crowded, closed = asyncio.run(beside(service))
    show("alone", latencies(alone))
    show(
        "beside 400 slow clients",
        f"{latencies(crowded)}, {dict(crowded.statuses)}; {closed} of them sent away within 12 s",
    )


async def is_closed(writer: asyncio.StreamWriter) -> bool:
    try:
        for _ in range(2):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)
    except ConnectionError:
        return True
    return writer.transport.is_closing()


def end(count: int) -> None:
    page = (DATA / "pages" / "document.gif").read_bytes()

    async def in_flight(service: Service) -> Counter[int]:
        tasks = [asyncio.create_task(send(service.port, request("POST", "/v1/ocr", page))) for _ in range(12)]
        while b"bitocr_places_taken 12" not in (await send(service.port, request("GET", "/metrics")))[1]:
            await asyncio.sleep(0.01)
        service.process.send_signal(signal.SIGTERM)
        return Counter(status for status, _ in await asyncio.gather(*tasks))

    with running("--threads", "1") as service:
        statuses = asyncio.run(in_flight(service))
        code = service.process.wait(60)
    show("SIGTERM", f"12 in flight: {dict(statuses)}, exit code {code}")


def latencies(answers: Answers) -> str:
    return f"median {answers.quantile(0.5):.1f} ms, p99 {answers.quantile(0.99):.1f} ms"


def show(name: str, what: str) -> None:
    print(f"{name:24}{what}", flush=True)


PARTS: dict[str, Callable[[int], None]] = {
    each.__name__: each for each in (overhead, ready, crowd, memory, bombs, slow, end)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="NAME", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--requests", type=int, default=20_000, help="of `memory`; the others take their share")
    arguments = parser.parse_args()
    for name in arguments.parts or PARTS:
        PARTS[name](arguments.requests)


if __name__ == "__main__":
    main()
