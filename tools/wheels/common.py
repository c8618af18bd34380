"""The folders and targets of wheels, and how to run programs (as in tools/ports)."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools" / "wheels"
BUILD = ROOT / "build" / "wheels"
sys.path.append(str(ROOT / "tools" / "ports"))

import run as ports  # noqa: E402

WheelError = ports.PortError
output = ports.output


@dataclass(frozen=True)
class Target:
    """The target of a wheel."""

    name: str
    platform: str  # in the wheel's tag
    library: str
    kernels: tuple[str, ...]  # the kernels that the library must have
    objdump: str  # the program that disassembles it
    fused: str  # matches instructions that round once for a multiplication and an addition
    packages: tuple[str, ...]  # the Debian packages to build and try it


X86 = ("avx512", "avx512bw", "avx2", "generic")
TARGETS = {
    target.name: target
    for target in (
        Target(
            "x86_64",
            "manylinux2014_x86_64.manylinux_2_17_x86_64",
            "_libbitocr.so",
            X86,
            "objdump",
            r"\tvfn?m(add|sub)",
            ("binutils",),
        ),
        Target(
            "aarch64",
            "manylinux2014_aarch64.manylinux_2_17_aarch64",
            "_libbitocr.so",
            ("neon_dot", "neon", "generic"),
            "aarch64-linux-gnu-objdump",
            r"\tfn?m(add|sub)\b|\tfml[as]\b",
            ("binutils-aarch64-linux-gnu", "qemu-user"),
        ),
        Target(
            "windows",
            "win_amd64",
            "_libbitocr.dll",
            X86,
            "x86_64-w64-mingw32-objdump",
            r"\tvfn?m(add|sub)",
            ("gcc-mingw-w64-x86-64-win32", "wine", "wine64"),
        ),
    )
}


def install(packages: tuple[str, ...]) -> None:
    """Installs missing Debian packages. Raises WheelError if that is not possible."""
    ports.install([ports.Target("wheels", packages=packages)])


def outside(**variables: object) -> dict[str, str]:
    """An environment without the checkout's packages and without a compiler, with PATH as given here."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_")) or name == "HOME"}
    return {"PATH": "", "PYTHONDONTWRITEBYTECODE": "1", **kept, **{k: str(v) for k, v in variables.items()}}
