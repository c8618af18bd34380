"""Installs web fonts for training: `python -m bitocr.lab.data.synth.webfonts FOLDER` after npm has fetched them.

Each @fontsource package holds a family, split by alphabet. `web-fonts.txt` lists packages and their classes. The Latin
part of their regular and bold faces is unpacked as TrueType into the user's font folder, where fontconfig finds it. For
packages in `web-han-fonts.txt`, the regular face with all of its Chinese characters is unpacked.
"""

from __future__ import annotations

import io
import os
import sys
from functools import lru_cache
from pathlib import Path

from bitocr.errors import BitocrError, UsageError
from bitocr.io.files import write_atomic

LIST = Path(__file__).parent / "web-fonts.txt"
HAN_LIST = Path(__file__).parent / "chinese" / "web-han-fonts.txt"
WEIGHTS = (400, 700)


@lru_cache(maxsize=1)
def web_families() -> dict[str, str]:
    """The class (sans, serif, display, script, mono) of each family, by `family_key` of its name."""
    return {name: kind for kind, *names in _rows(LIST) for name in names}


def han_families() -> list[str]:
    return [name for names in _rows(HAN_LIST) for name in names]


def _rows(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]


def family_key(family: str) -> str:
    """A family's name as fontsource spells it: "Alex Brush" is alex-brush."""
    return "-".join(family.lower().split())


def font_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "fonts" / "bitocr"


def latin_files(package: Path) -> list[Path]:
    """The Latin faces of an unpacked package: regular and bold, upright and italic; its first face if it has none."""
    files = sorted(package.glob("files/*-latin-[0-9]*.woff"))
    return [f for f in files if any(f"-latin-{weight}-" in f.name for weight in WEIGHTS)] or files[:1]


def han_files(package: Path) -> list[Path]:
    """The complete Chinese face of an unpacked package. Its other files are parts of that face."""
    return sorted(package.glob("files/*-chinese-*-400-normal.woff"))[:1]


def unpack(source: Path, target: Path) -> None:
    """Converts a .woff file to TrueType, which opens many times faster. Raises UsageError."""
    from fontTools.ttLib import TTFont, TTLibError

    stream = io.BytesIO()
    try:
        with TTFont(source) as font:
            font.flavor = None
            font.save(stream)
    except TTLibError as error:
        raise UsageError(f"{source}: not a font: {error}") from None
    write_atomic(target, stream.getvalue())


def install(node_modules: Path) -> int:
    """Unpacks the listed families that npm has fetched, and returns how many faces there are now.

    Raises:
        UsageError: there are no packages, or one is damaged.
    """
    folder = font_folder()
    folder.mkdir(parents=True, exist_ok=True)
    packages = node_modules / "@fontsource"
    files = [file for name in web_families() for file in latin_files(packages / name)]
    files += [file for name in han_families() for file in han_files(packages / name)]
    if not files:
        raise UsageError(f"{node_modules}: no @fontsource package in it")
    for file in files:
        target = folder / f"{file.stem}.ttf"
        if not target.exists():
            unpack(file, target)
    return len(files)


if __name__ == "__main__":
    try:
        print(f"{install(Path(sys.argv[1]))} faces in {font_folder()}")
    except BitocrError as error:
        sys.exit(f"webfonts: {error}")
