"""Counts the instructions that the engine takes for a line. Unlike a time, the count is the same on a busy machine.

valgrind counts them in a process that reads several lines, and in one that reads a single line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bitocr
from bitocr.errors import BitocrError, UsageError

HEIGHT, WIDTH = 32, 304  # of the line: gray noise, which the network takes as 32 x 320
_FEW, _MANY = 1, 3  # lines
_NO_KERNEL = 3  # the exit code
# What valgrind runs: without numpy and the packages beside it, whose import would take longer than all the rest.
_READ = """
import ctypes, sys
folder, model, kernel, height, width, lines = sys.argv[1:]
sys.path.insert(0, folder)
from bitocr.errors import UsageError
from bitocr.native.library import NEVER, Decoding, Image, Options, call, lib
handle, results = ctypes.c_void_p(), lib.bitocr_results_create()
options = Options(kernel.encode(), 1, 1, NEVER, b"none")
try:
    call(lib.bitocr_load, model.encode("utf-8", "surrogateescape"), options, handle)
except UsageError:
    sys.exit({no_kernel})
state, pixels = 1, (ctypes.c_uint8 * (int(height) * int(width)))()
for i in range(len(pixels)):
    state = (state * 1664525 + 1013904223) % 2**32
    pixels[i] = state >> 24
image = Image(ctypes.addressof(pixels), int(width), int(height), int(width), 1)
for _ in range(int(lines)):
    call(lib.bitocr_recognize, handle, image, 1, Decoding(1), results)
""".replace("{no_kernel}", str(_NO_KERNEL))


def counts(model: Path, kernels: Iterable[str]) -> list[dict[str, Any]]:
    """Instructions from pixels to text of a line, without language model or rereading, for each of these kernels.

    Those that valgrind cannot run have None: it knows no AVX-512. Raises UsageError if there is no valgrind.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda kernel: {"kernel": kernel, "instructions": _count(model, kernel)}, kernels))


def _count(model: Path, kernel: str) -> int | None:
    few, many = (_total(model, kernel, lines) for lines in (_FEW, _MANY))
    return None if few is None or many is None else (many - few) // (_MANY - _FEW)


def _total(model: Path, kernel: str, lines: int) -> int | None:
    """Instructions of a whole process, or None if it has no such kernel."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise UsageError("valgrind, which counts instructions, is missing: apt-get install valgrind")
    command = [
        valgrind,
        "--tool=callgrind",
        f"--callgrind-out-file={os.devnull}",
        sys.executable,
        "-s",
        "-S",
        "-c",
        _READ,
    ]
    arguments = [Path(bitocr.__file__).parents[1], model, kernel, HEIGHT, WIDTH, lines]
    # The order of sets and dicts would change the count.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, env=environment)
    if done.returncode == _NO_KERNEL:
        return None
    collected = [line.rpartition(":")[2] for line in done.stderr.splitlines() if "Collected :" in line]
    if done.returncode or not collected:
        said = done.stderr.strip().splitlines() or ["it says nothing"]
        raise BitocrError(f"valgrind cannot count the instructions of a line: {said[-1]}")
    return int(collected[0])
