#!/usr/bin/env python3
"""Builds the source distribution and the wheels into dist/, checks them, and reads with each of them.

    python tools/wheels/make.py                  all
    python tools/wheels/make.py x86_64 windows   only these wheels, and the source distribution

Wheels are for Linux on x86-64 and 64-bit ARM with glibc 2.17 or later (manylinux2014, compiled by zig) and for 64-bit
Windows (MinGW-w64). The one for this machine is installed into a new environment without a compiler. qemu-user runs the
one for ARM with Debian's Python, and Wine runs the library for Windows. All must read the committed images as this
checkout does. Prints one line for each; the exit code is 1 if one fails. On Debian, missing packages are installed with
apt-get.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import build
import check
import read
from common import BUILD, ROOT, TARGETS, Target, WheelError, install

TRY: dict[str, Callable[[Path], str]] = {
    "x86_64": lambda path: read.try_native(path, *read.READY),
    "aarch64": read.try_aarch64,
    "windows": read.try_windows,
}


def report(name: str, task: Callable[[], str]) -> bool:
    """Runs a task and prints its summary. Returns whether it succeeded."""
    start = time.monotonic()
    try:
        said, is_fine = task(), True
    except WheelError as error:
        said, is_fine = f"FAILED: {error}", False
    print(f"{name:8} {said} ({time.monotonic() - start:.0f} s)", flush=True)
    return is_fine


def make_wheel(target: Target, source: Path, out: Path) -> str:
    path = build.wheel(target, source, out)
    checked = check.check_wheel(target, path)
    return f"{checked}; {TRY[target.name](path)}"


def make_all(targets: list[Target], out: Path) -> bool:
    source = build.sdist(out)
    tasks: dict[str, Callable[[], str]] = {
        target.name: lambda target=target: make_wheel(target, source, out)  # type: ignore[misc]
        for target in targets
    }
    tasks["sdist"] = lambda: f"{check.check_sdist(source)}; {read.try_native(source, compiler=True)}"
    with ThreadPoolExecutor(2) as pool:
        return all(list(pool.map(report, tasks, tasks.values())))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)}; all by default")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder to write into (default: dist)")
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"there is no wheel for {', '.join(sorted(unknown))}: choose from {', '.join(TARGETS)}")
    targets = [TARGETS[name] for name in names]
    out = options.out.resolve()
    for folder in (out, BUILD):
        folder.mkdir(parents=True, exist_ok=True)
    for old in out.glob("bitocr-*"):
        old.unlink()
    try:
        install(tuple(package for target in targets for package in target.packages))
        return 0 if make_all(targets, out) else 1
    except WheelError as error:
        print(f"FAILED: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
