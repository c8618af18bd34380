#!/usr/bin/env python3
"""Builds the engine for other processors, and compares its results with those on this one.

    python tools/ports/run.py              all targets
    python tools/ports/run.py wasm32 i386  only these

Each target runs the engine's tests in C (engine/tests: kernels, limits), and reads the committed images with every
shipped model. The SHA-256 sums of inputs, features, log-probabilities and texts must equal those of a build for this
machine. Prints one line per target; the exit code is 1 if one fails. On Debian and Ubuntu, missing packages are
installed with apt-get.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from readings import MODELS, READINGS, arguments, packed_images

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools" / "ports"
BUILD = ROOT / "build" / "ports"
Sums = dict[str, str]


class PortError(Exception):
    """An error in one line."""


@dataclass(frozen=True)
class Target:
    """A processor: how to run its programs, and the Debian packages that this needs."""

    name: str
    runner: tuple[str, ...] = ()
    # The suffix of programs.
    suffix: str = ""
    packages: tuple[str, ...] = ()
    # Packages that are not needed if these programs are there.
    programs: dict[str, str] = field(default_factory=dict)
    # The runner's option for an older processor, and the kernels that then run.
    older: tuple[str, ...] = ()
    older_kernels: str = ""


def targets() -> dict[str, Target]:
    gcc, clang = version("gcc", "-dumpversion"), version("clang", "-dumpversion")
    wine = ("env", f"WINEPREFIX={BUILD / 'wine'}", "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "wine")
    node = ("node", "--no-warnings", str(TOOLS / "wasi.mjs"))
    found = [  # the slowest first
        Target("armhf", ("qemu-arm",), packages=("gcc-arm-linux-gnueabihf", "libc6-dev-armhf-cross", "qemu-user")),
        Target(
            "aarch64",
            ("qemu-aarch64",),
            packages=("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"),
            older=("-cpu", "cortex-a53"),
            older_kernels="neon, generic",
        ),
        Target("i386", packages=(f"gcc-{gcc}-multilib",)),
        Target("windows", wine, ".exe", ("gcc-mingw-w64-x86-64-win32", "wine", "wine64")),
    ]
    wasm = ("lld", "wasi-libc", f"libclang-rt-{clang}-dev-wasm32")
    found += [
        Target(name, node, packages=wasm, programs={"clang": "clang", "node": "nodejs"})
        for name in ("wasm32", "wasm32-simd")
    ]
    return {target.name: target for target in found}


def version(program: str, option: str) -> str:
    """The first part of a compiler's version; if it is missing, that of Debian 12."""
    if not shutil.which(program):
        return {"gcc": "12", "clang": "14"}[program]
    return output([program, option]).partition(".")[0].strip()


def output(command: list[str]) -> str:
    """The output of a program. If it fails, raises PortError with its first error, or else its last line."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
        raise PortError(next((line for line in said if "error:" in line), f"{Path(command[0]).name}: {said[-1]}"))
    return done.stdout


def install(wanted: list[Target]) -> None:
    """Installs missing packages. Raises PortError if that is not possible."""
    missing = {
        package for target in wanted for program, package in target.programs.items() if not shutil.which(program)
    }
    missing |= {package for target in wanted for package in target.packages if not is_installed(package)}
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise PortError(f"missing, and there is no apt-get to install it with: {', '.join(sorted(missing))}")
    apt = [] if os.geteuid() == 0 else ["sudo"]
    apt += ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    output([*apt, "update"])
    output([*apt, "install", "-y", "--no-install-recommends", *sorted(missing)])


def is_installed(package: str) -> bool:
    command = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return bool(shutil.which("dpkg-query")) and subprocess.run(command, capture_output=True).stdout == b"installed"


def build(target: Target) -> Path:
    """Builds the programs of engine/tests; returns their folder."""
    folder = BUILD / target.name
    options = ["-G", "Ninja", "-DBITOCR_TESTS=ON", "-DBITOCR_SHARED=OFF", "-DBITOCR_PYTHON=OFF", "-DBITOCR_HOOKS=OFF"]
    toolchain = TOOLS / f"{target.name}.cmake"
    if toolchain.exists():
        options.append(f"-DCMAKE_TOOLCHAIN_FILE={toolchain}")
    output(["cmake", "-S", str(ROOT), "-B", str(folder), *options])
    output(["cmake", "--build", str(folder)])
    return folder / "engine" / "tests"


def program(target: Target, programs: Path, name: str) -> tuple[str, ...]:
    """The command that runs a program of engine/tests."""
    return (*target.runner, str(programs / f"{name}{target.suffix}"))


def read(target: Target, programs: Path, pixels: Path, kernel: str = "") -> Sums:
    """The sums of all models, by "model what"."""
    sums = {}
    for model in READINGS:
        command = [*program(target, programs, "sums"), str(pixels), *arguments(model), *([kernel] if kernel else [])]
        for line in output(command).splitlines():
            what, _, value = line.partition(" ")
            sums[f"{model} {what}"] = value
    return sums


def check(target: Target, pixels: Path, expected: Sums) -> str:
    """Builds and runs everything for a target, and returns a summary. Raises PortError if anything differs."""
    programs = build(target)
    said = output([*program(target, programs, "kernels")]).strip()
    check_older(target, programs)
    limits = program(target, programs, "limits")
    output([*limits, str(MODELS / "english-tiny.bit"), str(MODELS / "english.ngram")])
    for kernel in said.partition(":")[0].split(", "):
        found = read(target, programs, pixels, kernel)
        if wrong := [name for name in expected if found.get(name) != expected[name]]:
            raise PortError(f"{kernel} differs from this machine's build: {', '.join(wrong)}")
    return f"{said}; inputs, features, log-probabilities and texts are equal"


def check_older(target: Target, programs: Path) -> None:
    """Raises PortError if an older processor gets kernels that it cannot run, or other results."""
    if target.older:
        said = output([*target.runner, *target.older, str(programs / "kernels")]).strip()
        if said.partition(":")[0] != target.older_kernels:
            raise PortError(f"with {' '.join(target.older)}: {said}")


def report(target: Target, pixels: Path, expected: Sums) -> bool:
    start = time.monotonic()
    try:
        said, is_fine = check(target, pixels, expected), True
    except PortError as error:
        said, is_fine = f"FAILED: {error}", False
    print(f"{target.name:11} {said} ({time.monotonic() - start:.0f} s)", flush=True)
    return is_fine


def main() -> int:
    known = targets()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(known)}; all by default")
    names = parser.parse_args().targets or list(known)
    if unknown := set(names) - set(known):
        parser.error(f"there is no target {', '.join(sorted(unknown))}: choose from {', '.join(known)}")
    wanted = [known[name] for name in names]
    # `make` has installed cmake and ninja there.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    native = Target("native")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        pixels = Path(folder) / "images.raw"
        pixels.write_bytes(packed_images())
        try:
            install(wanted)
            expected = read(native, build(native), pixels)
        except PortError as error:
            print(f"FAILED: {error}")
            return 1
        fine = list(pool.map(lambda target: report(target, pixels, expected), [native, *wanted]))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
