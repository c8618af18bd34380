"""Checks of wheels and of the source distribution, apart from their readings."""

from __future__ import annotations

import re
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from common import TARGETS, Target, WheelError, output

__all__ = ["TARGETS", "WheelError", "check_library", "check_sdist", "check_wheel"]

MOST = 6_000_000  # bytes of a wheel or of the source distribution
MOST_NGRAMS = 3_000_000  # of these, packed
MOST_FILE = 1_600_000  # of one file in either
GLIBC = 17  # manylinux2014: glibc 2.17
JUNK = re.compile(r"\.(pyc|pyo|o|a|lib|orig|rej|log|safetensors|ckpt)$|(^|/)(__pycache__|\.[^/]+)(/|$)")


def check_wheel(target: Target, path: Path) -> str:
    """Checks a wheel and returns a summary. Raises WheelError if it is wrong."""
    if not path.name.endswith(f"-py3-none-{target.platform}.whl"):
        raise WheelError(f"{path.name} is not for {target.platform}")
    with zipfile.ZipFile(path) as archive:
        check_files({info.filename: info.file_size for info in archive.infolist()})
        libraries = [name for name in archive.namelist() if Path(name).suffix in {".so", ".dll", ".dylib"}]
        if libraries != [f"bitocr/native/{target.library}"]:
            raise WheelError(f"{path.name} holds the libraries {libraries}")
        check_size(path, MOST)
        ngrams = sum(info.compress_size for info in archive.infolist() if info.filename.endswith(".ngram"))
        if ngrams > MOST_NGRAMS:
            raise WheelError(f"its n-grams have {ngrams:,} bytes, more than {MOST_NGRAMS:,}")
        check_library(target, archive.read(libraries[0]))
    policy = check_policy(path) if "manylinux" in target.platform else ""
    return f"{path.stat().st_size:,} bytes, {ngrams:,} of them n-grams{policy}"


def check_size(path: Path, most: int) -> None:
    if (size := path.stat().st_size) > most:
        raise WheelError(f"{path.name} has {size:,} bytes, more than {most:,}")


def check_files(sizes: dict[str, int]) -> None:
    if junk := [name for name in sizes if JUNK.search(name)]:
        raise WheelError(f"it holds {', '.join(junk[:5])}")
    if large := [f"{name} ({size:,} bytes)" for name, size in sizes.items() if size > MOST_FILE]:
        raise WheelError(f"it holds large files: {', '.join(large)}")


def check_library(target: Target, library: bytes) -> None:
    """Checks that the library has all kernels, and no instruction that fuses a multiplication with an addition."""
    if missing := [name for name in target.kernels if b"\0" + name.encode() + b"\0" not in library]:
        raise WheelError(f"its library has no kernel {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / target.library
        path.write_bytes(library)
        if found := re.search(target.fused, output([target.objdump, "-d", str(path)])):
            raise WheelError(f"its library rounds once for two operations: {found.group().strip()}")


def check_policy(path: Path) -> str:
    """auditwheel's name for it. Raises WheelError if it needs a newer glibc than its tag says, or other libraries."""
    said = " ".join(output([sys.executable, "-m", "auditwheel", "show", str(path)]).split())
    found = re.search(r'following platform tag: "manylinux_2_(\d+)_(\w+)"', said)
    if not found or int(found[1]) > GLIBC:
        raise WheelError(f"auditwheel: {said}")
    return f", glibc 2.{found[1]}"


def check_sdist(path: Path) -> str:
    """Checks the source distribution and returns a summary. Raises WheelError if it is wrong."""
    with tarfile.open(path) as archive:
        sizes = {member.name: member.size for member in archive if member.isfile()}
    check_files(sizes)
    check_size(path, MOST)
    return f"{path.stat().st_size:,} bytes, {len(sizes)} files"
