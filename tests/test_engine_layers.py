"""The engine's folders: includes go one way, and every external symbol begins with bitocr_."""

from __future__ import annotations

import graphlib
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ENGINE = Path(__file__).parent.parent / "engine"
SOURCES = ENGINE / "src"
COMPILER = os.environ.get("CC") or shutil.which("cc") or "cc"

# What a folder may include beside itself: only what stands above it here, so that nothing is circular.
MAY_INCLUDE: dict[str, set[str]] = {
    "base": set(),
    "kernels": {"base"},
    "kernels/x86": {"base", "kernels"},
    "kernels/arm": {"base", "kernels"},
    "kernels/wasm": {"base", "kernels"},
    "model": {"base"},
    "image": {"base"},
    "image/clean": {"base", "image"},
    "page": {"base"},
    "net": {"base", "kernels", "model"},
    "decode": {"base", "kernels", "model"},
    "api": {"base", "kernels", "model", "image", "image/clean", "page", "net", "decode"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
ARCHITECTURE = {"x86_64": "x86", "amd64": "x86", "aarch64": "arm", "arm64": "arm"}.get(platform.machine().lower())
X86_SETS = "avx2 popcnt avx512f avx512bw avx512dq avx512vl avx512vnni avx512vpopcntdq"


def files() -> dict[str, list[str]]:
    """The engine's C files by path from SOURCES, each with its includes except the public header."""
    found = sorted([*SOURCES.rglob("*.c"), *SOURCES.rglob("*.h")])
    return {
        path.relative_to(SOURCES).as_posix(): [i for i in INCLUDE.findall(path.read_text()) if i != "bitocr.h"]
        for path in found
    }


def folder_of(file: str) -> str:
    return file.rpartition("/")[0]


def test_folders_are_in_an_order() -> None:
    above: set[str] = set()
    for folder, allowed in MAY_INCLUDE.items():
        assert allowed <= above, folder
        above.add(folder)
    assert {folder_of(file) for file in files()} <= above


def test_includes_are_paths_from_the_root() -> None:
    sources = files()
    assert [(file, i) for file, includes in sources.items() for i in includes if i not in sources] == []


def test_includes_go_one_way() -> None:
    backwards = [
        (file, include)
        for file, includes in files().items()
        for include in includes
        if folder_of(include) not in {folder_of(file), *MAY_INCLUDE[folder_of(file)]}
    ]
    assert backwards == []


def test_no_include_is_circular() -> None:
    graphlib.TopologicalSorter(files()).prepare()  # raises CycleError, which names the files


def test_the_container_knows_no_architecture() -> None:
    words = re.compile(r"crnn|lstm|conv|stem|block|neck|height|stride|classes|hidden", re.IGNORECASE)
    found = {path.name: words.findall(path.read_text()) for path in (SOURCES / "model").iterdir()}
    assert {name: said for name, said in found.items() if said} == {}


def compiled_here() -> list[Path]:
    """The C files that CMake would compile on this machine, with the kernels of its architecture only."""
    others = {f"kernels/{name}" for name in {"x86", "arm", "wasm"} - {ARCHITECTURE}}
    sources = [SOURCES / file for file in files() if file.endswith(".c") and folder_of(file) not in others]
    return sources + sorted((ENGINE / "hooks").glob("*.c"))


@pytest.mark.skipif(not shutil.which("nm"), reason="takes nm")
def test_symbols_begin_with_bitocr(tmp_path: Path) -> None:
    together = tmp_path / "engine.o"
    flags = ["-std=c11", "-O0", "-D_POSIX_C_SOURCE=200809L", f"-I{ENGINE / 'include'}", f"-I{SOURCES}"]
    if ARCHITECTURE == "x86":
        flags += [f"-m{name}" for name in X86_SETS.split()]
    elif ARCHITECTURE == "arm":
        flags += ["-march=armv8.2-a+dotprod"]
    subprocess.run([COMPILER, *flags, "-r", "-nostdlib", *compiled_here(), "-o", together], check=True)
    listing = subprocess.run(["nm", "-g", together], capture_output=True, text=True, check=True).stdout
    # Address, type and name; those that it takes from elsewhere have no address. On a Mac, C names get an underscore.
    defined = [fields for fields in map(str.split, listing.splitlines()) if len(fields) == 3]
    names = [name.removeprefix("_") for _, _, name in defined]
    assert "bitocr_recognize" in names
    assert [name for name in names if not name.startswith("bitocr_")] == []
