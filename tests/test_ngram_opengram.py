"""Lines drawn from open-gram's files, with a tiny one made here."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bitocr.lab.ngram.opengram import LONGEST, OpenGram, main

WORDS = ["", "", "。", "甲", "乙乙"]
END, ONE, TWO = 2, 3, 4
PROBABILITIES = [0.0, 1.0, 0.25, 0.5]


def node(word: int, p: float, first: int, shorter: tuple[int, int] = (0, 0)) -> bytes:
    value = PROBABILITIES.index(p)
    return struct.pack("<3I", word, value | (first & 0xFFFF) << 16, shorter[1] | shorter[0] << 23 | first >> 16 << 25)


def leaf(word: int, p: float, shorter: tuple[int, int]) -> bytes:
    value = PROBABILITIES.index(p)
    return struct.pack("<2I", word | (value & 0x3FFF) << 18, shorter[1] | shorter[0] << 23 | value >> 14 << 25)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Bigrams: a sentence begins with 甲; half of these are followed by 乙乙, which ends it; or else by unigrams."""
    levels = [
        [node(0, 1.0, 0), node(0, 0.0, 4)],
        [node(0, 0.25, 0), node(END, 0.25, 0), node(ONE, 0.25, 1), node(TWO, 0.5, 2), node(0, 0.0, 3)],
        [leaf(ONE, 1.0, (1, 2)), leaf(TWO, 0.5, (1, 3)), leaf(END, 1.0, (1, 1)), leaf(0, 0.0, (0, 0))],
    ]
    sizes = struct.pack("<5I", 2, 0, *map(len, levels))
    values = np.zeros((1 << 16) + (1 << 14), "<f4")
    values[: len(PROBABILITIES)] = PROBABILITIES
    (tmp_path / "lm_sc.t3g").write_bytes(sizes + values.tobytes() + b"".join(map(b"".join, levels)))
    words = "".join(word + "\0" for word in WORDS).encode("utf-32-le")
    (tmp_path / "pydict_sc.bin").write_bytes(struct.pack("<3I", len(WORDS), 0, 12) + words)
    return tmp_path


def test_lines_are_drawn_as_the_model_says(folder: Path) -> None:
    lines = OpenGram(folder).lines(np.random.default_rng(0), 4000)
    assert all(re.fullmatch("甲+(乙乙)?。", line) or len(line) >= LONGEST for line in lines)
    after = Counter(match for line in lines for match in re.findall("(?<=甲)[甲乙。]", line))
    shares = [after[c] / after.total() for c in "乙甲。"]
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.02)  # backing off does not bring 乙乙 again


def test_the_command(folder: Path) -> None:
    command = [sys.executable, "-m", "bitocr.lab.ngram.opengram", str(folder), "30000"]
    result = subprocess.run(command, capture_output=True, check=True)
    assert len(result.stdout.decode().splitlines()) == 30000


@pytest.mark.parametrize("damage", [lambda data: data[:20], lambda data: data[:-5], lambda data: None])
@pytest.mark.parametrize("name", ["lm_sc.t3g", "pydict_sc.bin"])
def test_damaged_files_are_told_in_a_line(
    folder: Path, name: str, damage: Callable[[bytes], bytes | None], capsys: pytest.CaptureFixture[str]
) -> None:
    changed = damage((folder / name).read_bytes())
    (folder / name).unlink()
    if changed is not None:
        (folder / name).write_bytes(changed)
    with pytest.raises(SystemExit, match="open-gram's files are missing or damaged: ") as caught:
        main([str(folder), "10"])
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""
