"""The engine as installed by `cmake --install`, and C programs that are built with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMPILER = os.environ.get("CC") or shutil.which("cc") or "cc"
STRICT = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def tool(name: str) -> str:
    """A program of this environment or of the machine. Skips the test if there is none."""
    path = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if path is None:
        pytest.skip(f"takes {name}")
    return path


def configure(source: Path, build: Path, *definitions: str) -> None:
    generator = ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={tool('ninja')}"]
    command = [tool("cmake"), "-S", str(source), "-B", str(build), *generator, *definitions]
    subprocess.run(command, check=True, capture_output=True)


def cmake(source: Path, build: Path, *definitions: str) -> None:
    """Configures and builds a CMake project."""
    configure(source, build, *definitions)
    subprocess.run([tool("cmake"), "--build", build], check=True, capture_output=True)


def install(build: Path, prefix: Path, *definitions: str) -> Path:
    """Builds and installs the engine as a C programmer would. Returns the prefix."""
    cmake(ROOT, build, "-DBITOCR_PYTHON=OFF", "-DBITOCR_HOOKS=OFF", f"-DCMAKE_INSTALL_PREFIX={prefix}", *definitions)
    subprocess.run([tool("cmake"), "--install", build], check=True, capture_output=True)
    return prefix


def run(*command: object, **environment: str) -> tuple[int, str, str]:
    """The exit code, output and errors of a program."""
    argv, env = [str(part) for part in command], {**os.environ, **environment}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    return done.returncode, done.stdout, done.stderr
