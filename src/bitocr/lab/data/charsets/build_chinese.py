"""Builds chinese.txt: `python -m bitocr.lab.data.charsets.build_chinese JIEBA UNIHAN > chinese.txt`.

JIEBA is dict.txt of the PyPI package jieba (MIT), UNIHAN the file Unihan_OtherMappings.txt of the Unicode Character
Database (Unicode licence; Debian has it, packed, in unicode-data). With jieba 0.42.1, Unicode 15.0 and wordfreq 3.1.1
(data under CC BY-SA 4.0) the result is the file as it is here: a list of characters and their order, nothing else.

The order is printable ASCII as in `ENGLISH` (so that the rows of an English head keep their places), signs, and hanzi
by frequency. So each prefix of the file is a useful charset: you can train a small one first and widen the head later.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from bitocr.lab.data.charset import ENGLISH, check_characters
from bitocr.lab.data.wordlists import word_frequencies

SIGNS = (
    "。、《》“”‘’—…·〈〉「」『』【】〔〕〖〗〇"
    "¥€£°℃℉‰№§©®™×÷±≈≠≤≥∞∠⊥′″²³½㎡→←↑↓★☆●○◆◇■□▲△▼▽※•–♂♀♪♥√✓✔"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
    "αβγδεθλμπρσφωΔΣΦΩàáèéìíòóùúüāēīōūǎěǐǒǔǚǜñçの"
)
COMMON_OUTSIDE = "囧妳囍冇砲"
"""Characters that occur in chats and on signs, but are in neither standard."""
ADDED = 200
"""How many characters of the Table of General Standard Chinese Characters complete GB/T 2312."""
COLUMNS = 50


def gb2312() -> list[str]:
    """The 6763 hanzi of GB/T 2312: rows 16 to 55 are level 1, 56 to 87 level 2."""
    codes = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [character for code in codes if (character := code.decode("gb2312", "ignore"))]


def general_standard(unihan: Iterable[str]) -> list[str]:
    """The 8105 characters of the Table of General Standard Chinese Characters (2013), Unihan's kTGH."""
    rows = (line.split("\t") for line in unihan if "\tkTGH\t" in line)
    return [chr(int(code[2:], 16)) for code, *_ in rows]


def frequencies(jieba: Iterable[str]) -> dict[str, float]:
    """How often each character occurs, as the sum of its shares in wordfreq and in jieba's words."""
    entries = (line.split() for line in jieba)
    # Leave out jieba's entries of one character: they count garbled text.
    words = {word: float(count) for word, count, *_ in entries if len(word) > 1}
    total: dict[str, float] = defaultdict(float)
    for table in (word_frequencies("zh"), words):
        counts: dict[str, float] = defaultdict(float)
        for word, count in table.items():
            for character in word:
                counts[character] += count
        whole = sum(counts.values())
        for character, count in counts.items():
            total[character] += count / whole
    return total


def build(jieba: Iterable[str], unihan: Iterable[str]) -> list[str]:
    """The lines of chinese.txt."""
    seen = frequencies(jieba)

    def by_frequency(characters: Iterable[str]) -> list[str]:
        return sorted(characters, key=lambda character: (-seen[character], character))

    standard = set(gb2312())
    added = by_frequency(set(general_standard(unihan)) - standard - set(COMMON_OUTSIDE))[:ADDED]
    hanzi = by_frequency(standard.union(added, COMMON_OUTSIDE))
    signs = "".join(dict.fromkeys(SIGNS))
    check_characters(ENGLISH + signs + "".join(hanzi))
    rest = signs + "".join(hanzi)
    return [ENGLISH, *(rest[start : start + COLUMNS] for start in range(0, len(rest), COLUMNS))]


if __name__ == "__main__":
    texts = [Path(name).read_text(encoding="utf-8").splitlines() for name in sys.argv[1:3]]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print("\n".join(build(*texts)))
