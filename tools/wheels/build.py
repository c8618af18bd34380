"""Builds the source distribution from the files in git, and the wheels from that.

The same sources and tools give the same bytes, since all files get the same time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import ziglang
from common import BUILD, ROOT, TOOLS, Target, WheelError, output

SDIST = "import sys; from scikit_build_core.build import build_sdist; build_sdist(sys.argv[1])"
WHEEL = """
import sys
from scikit_build_core.build import build_wheel
out, folder, toolchain = sys.argv[1:]
build_wheel(out, {
    "build-dir": folder,
    "cmake.define.CMAKE_TOOLCHAIN_FILE": toolchain,
    "install.strip": "false",  # the linker has done it, for a processor that this machine's strip may not know
})
"""
EPOCH = "315532800"  # 1980-01-01, the earliest time in zip files


def environment() -> dict[str, str]:
    """The environment of the builds: it finds zig, cmake and ninja, and gives all files the same time."""
    path = [str(Path(ziglang.__file__).parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {
        **os.environ,
        "PATH": os.pathsep.join(path),
        "SOURCE_DATE_EPOCH": EPOCH,
        "ZIG_GLOBAL_CACHE_DIR": str(BUILD / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(BUILD / "zig"),
    }


def run(folder: Path, *command: object) -> None:
    """Runs a program in a folder. Raises WheelError with its error if it fails."""
    done = subprocess.run([*map(str, command)], cwd=folder, env=environment(), capture_output=True, text=True)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise WheelError(next((line for line in said if "error:" in line), said[-1] if said else str(command[0])))


def page() -> list[str]:
    """The files of the service's page, which git ignores; empty unless `make web` has run."""
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "src/bitocr/serve/page").rglob("*"))]


def sdist(out: Path) -> Path:
    """Builds the source distribution into `out`."""
    with tempfile.TemporaryDirectory() as folder:
        for name in [*output(["git", "-C", str(ROOT), "ls-files", "-z"]).split("\0"), *page()]:
            if name and (ROOT / name).is_file():
                copy = Path(folder) / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy)
        run(Path(folder), sys.executable, "-c", SDIST, out)
    return only(out, "bitocr-*.tar.gz")


def wheel(target: Target, source: Path, out: Path) -> Path:
    """Builds the wheel for a target from a source distribution into `out`."""
    folder = BUILD / target.name
    shutil.rmtree(folder, ignore_errors=True)
    built = folder / "built"
    built.mkdir(parents=True)
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    toolchain = TOOLS / f"{target.name}.cmake"
    run(only(folder, "bitocr-*"), sys.executable, "-c", WHEEL, built, folder / "cmake", toolchain)
    tags = ["--python-tag=py3", "--abi-tag=none", f"--platform-tag={target.platform}"]
    run(built, sys.executable, "-m", "wheel", "tags", "--remove", *tags, only(built, "*.whl"))
    finished = only(built, "*.whl")
    return Path(shutil.copy(finished, out / finished.name))


def only(folder: Path, pattern: str) -> Path:
    """The only path in a folder that matches."""
    (path,) = folder.glob(pattern)
    return path
