"""Checks the promises of `bitocr batch` on pictures of lines.

    python benchmarks/batch.py FOLDER [PART ...] [--lines 50000] [--kills 20]

FOLDER holds pictures of lines. The parts, all by default:

    overhead  CPU time of a batch of 10,000 lines, with its start, over that of read_lines, on one thread: medians of
              short turns, since other programs disturb long ones
    again     seconds to check a finished run of 100,000 inputs (tiny blank pictures, so that the run is short)
    kills     kill -9 at random moments of runs that have begun to write, then a last run: rows, inputs, leftovers, and
              whether the bytes equal those of an undisturbed run
    hostile   5,000 inputs, 1 in 100 of them damaged, a bomb or not a picture: whether these are named
    memory    the resident set of a batch of --lines lines, after each tenth

Fails if a promise does not hold.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from PIL import Image

from bitocr import Reader, batch
from bitocr.reader import available_cores

TURNS, TURN_LINES, FEW_LINES = 24, 200, 20
SHARD_LINES, RUN_LINES = 1000, 10_000  # of the batch whose overhead is measured


def check(name: str, holds: bool) -> None:
    if not holds:
        raise SystemExit(f"{name}: no")


def command(inputs: object, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "bitocr", "batch", "--line", *options, str(inputs), str(out)]


def rows(out: Path) -> list[str]:
    """The names of the inputs that have rows, in file order."""
    files = [gzip.decompress(path.read_bytes()).decode() for path in sorted(out.glob("part-*"))]
    return [json.loads(line)["source"] for file in files for line in file.splitlines()]


def listed(folder: Path, names: list[str]) -> str:
    (folder / "list.txt").write_text("\n".join(names))
    return f"@{folder / 'list.txt'}"


def overhead(paths: list[str], work: Path, options: argparse.Namespace) -> None:
    def by_lines(part: list[str], number: int) -> None:
        reader.read_lines(part)

    def by_batch(part: list[str], number: int, shard_size: int = 0) -> None:
        out = work / f"out{number}-{shard_size}"
        batch.run([listed(work, part)], out, line=True, threads=1, shard_size=shard_size)

    def seconds(read: Callable[[list[str], int], None], part: list[str], number: int) -> float:
        begun = time.process_time()
        read(part, number)
        return time.process_time() - begun

    reader = Reader()
    by_lines(paths[:100], 0)
    starts, shards, more, lines = [], [], [], []
    for number in range(TURNS):
        part = list(islice(cycle(paths), number * TURN_LINES, (number + 1) * TURN_LINES))
        few, in_shards = part[:FEW_LINES], partial(by_batch, shard_size=1)
        begun = seconds(by_lines, part, 0)
        whole, start = seconds(by_batch, part, 3 * number), seconds(by_batch, part[:1], 3 * number + 1)
        lines.append((begun + seconds(by_lines, part, 0)) / 2 / TURN_LINES)
        starts.append(start - lines[-1])
        more.append((whole - start) / (TURN_LINES - 1) - lines[-1])
        parted = seconds(in_shards, few, 3 * number + 2) - seconds(by_batch, few, 3 * number + 2)
        shards.append(parted / (FEW_LINES - 1))
    line, shard, start = median(more), median(shards), median(starts)
    ratio = (line + shard / SHARD_LINES + start / RUN_LINES) / median(lines)
    said = f"{1e6 * line:.0f} us a line beside {1e6 * median(lines):.0f} us"
    said += f", {1e3 * shard:.1f} ms a shard, {1e3 * start:.1f} ms"
    print(f"overhead: {100 * ratio:.1f} % CPU over read_lines in {RUN_LINES:,} lines ({said} to start; {TURNS} turns)")
    check("at most 5 %", ratio <= 0.05)


def again(paths: list[str], work: Path, options: argparse.Namespace) -> None:
    folder, out = work / "in", work / "out"
    for number in range(100):
        (folder / f"{number:03}").mkdir(parents=True)
        first = folder / f"{number:03}" / "0000.png"
        Image.new("L", (8, 8), 255).save(first)
        for copy in range(1, 1000):
            os.link(first, first.with_name(f"{copy:04}.png"))
    subprocess.run(command(folder, out), check=True, stdout=subprocess.DEVNULL)
    begun, before = time.perf_counter(), os.times()
    result = subprocess.run(command(folder, out), check=True, capture_output=True, text=True)
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"again: {processor:.2f} s CPU, {time.perf_counter() - begun:.2f} s in all: {result.stdout.strip()}")
    check("all are done", "100,000 of 100,000 inputs are in" in result.stdout and ", 0 read now" in result.stdout)


def kills(paths: list[str], work: Path, options: argparse.Namespace) -> None:
    names = paths[:3000]
    inputs, chance, moments = listed(work, names), random.Random(1), []
    subprocess.run(command(inputs, work / "whole", "--shard-size", "50"), check=True, capture_output=True)
    out = work / "killed"
    for number in range(options.kills):
        more = ("--shard-size", "50", *(("--processes", "2") if number % 2 else ()))
        process = subprocess.Popen(
            command(inputs, out, *more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        _wait(out, len(list(out.glob("part-*"))) + chance.randrange(4))
        time.sleep(chance.uniform(0, 0.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        moments.append(len(list(out.glob("part-*"))))
    subprocess.run(command(inputs, out, "--shard-size", "50"), check=True, capture_output=True)
    read, left = rows(out), list(out.rglob(".*"))
    whole = {path.name: path.read_bytes() for path in (work / "whole").glob("part-*")}
    same = whole == {path.name: path.read_bytes() for path in out.glob("part-*")}
    print(f"kills: shards after each of {options.kills}: {moments}")
    print(f"kills: {len(read)} rows, {len(set(read))} unique, {len(names)} inputs, {len(left)} leftovers, same: {same}")
    check("nothing is lost", read == names and not left and same)


def _wait(out: Path, shards: int) -> None:
    """Waits until `shards` shards are done, or until a timeout."""
    end = time.monotonic() + 60
    while len(list(out.glob("part-*"))) < shards and time.monotonic() < end:
        time.sleep(0.02)


def bomb() -> bytes:
    """A PNG of 60000 x 60000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(7501 * 200))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def hostile_files(picture: Path) -> list[bytes]:
    saved = io.BytesIO()
    Image.open(picture).convert("RGB").save(saved, "PNG")
    whole = saved.getvalue()
    return [b"", whole[: len(whole) // 3], whole[:40], bomb(), b"plain text", b"\0" * 1000, b"%PDF-1.7\n" + b"x" * 99,
            b"GIF89a" + b"\xff" * 99, b"BM" + b"\xff" * 60, b"II*\0" + b"\xff" * 60, b"RIFF\xff\xff\xff\xffWEBPVP8 ",
            b"\xff\xd8\xff" + whole]  # fmt: skip


def hostile(paths: list[str], work: Path, options: argparse.Namespace) -> None:
    bad, kinds = set(), hostile_files(Path(paths[0]))
    (work / "in").mkdir()
    for number, source in enumerate(islice(cycle(paths), 5000)):
        path = work / "in" / f"{number:05}.png"
        if number % 100 == 50:
            path.write_bytes(kinds[number // 100 % len(kinds)])
            bad.add(str(path))
        else:
            path.symlink_to(source)
    code = subprocess.run(command(work / "in", work / "out"), capture_output=True, check=False).returncode
    errors = [json.loads(line) for line in (work / "out" / "errors.jsonl").read_text().splitlines()]
    named = [error["source"] for error in errors]
    print(f"hostile: {len(set(named) & bad)} of {len(bad)} named, {len(set(named) - bad)} others, exit code {code}")
    check("all are named", sorted(named) == sorted(bad) and code == 1 and len(rows(work / "out")) == 5000)


def resident(process: int) -> float:
    """The resident memory of a process in MB, from Linux."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def memory(paths: list[str], work: Path, options: argparse.Namespace) -> None:
    inputs, out = listed(work, list(islice(cycle(paths), options.lines))), work / "out"
    process = subprocess.Popen(command(inputs, out), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    seen: list[float] = []
    while process.poll() is None:
        done = sum(json.loads(line)["inputs"] for line in _log(out))
        if done >= (len(seen) + 1) * options.lines // 10 and len(seen) < 9:
            seen.append(resident(process.pid))
            print(f"memory: {seen[-1]:.0f} MB after {done:,} lines", flush=True)
        time.sleep(0.2)
    print(f"memory: {options.lines:,} lines, {available_cores()} threads")
    check("memory is flat", process.returncode == 0 and max(seen[2:]) <= 1.1 * seen[1])


def _log(out: Path) -> list[str]:
    path = out / "log.jsonl"
    return path.read_text().splitlines() if path.exists() else []


PARTS = {"overhead": overhead, "again": again, "kills": kills, "hostile": hostile, "memory": memory}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    paths = sorted(str(path.absolute()) for path in options.folder.iterdir())
    for part in options.parts or PARTS:
        with TemporaryDirectory() as work:
            PARTS[part](paths, Path(work), options)


if __name__ == "__main__":
    main()
