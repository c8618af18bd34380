"""Writes the word lists of wordfreq into wordlists/: `python tools/freeze_wordlists.py [FOLDER]`.

Run `pip install wordfreq==3.1.1` first: nothing else here needs it. bitocr.lab.data.wordlists describes the files. The
languages of WHOLE are complete. The others have their SIZE most frequent words, and the shapes of numbers that are as
frequent: 0000 stands for all numbers of four digits.
"""

from __future__ import annotations

import gzip
import sys
from importlib.metadata import version
from pathlib import Path

from wordfreq import get_frequency_list, top_n_list

from bitocr.errors import BitocrError, UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.data.wordlists import BESIDE_SOURCES, SUFFIX, VERSION

WHOLE = ("en", "zh")
CUT = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "ms")
SIZE = 20_000


def frozen(language: str) -> list[list[str]]:
    """Lists of words by frequency: each word at index n makes up 10 ** (-n / 100) of all words."""
    lists = get_frequency_list(language, "best")
    if language in WHOLE:
        return lists
    last = top_n_list(language, SIZE)[-1]
    (at,) = (n for n, words in enumerate(lists) if last in words)
    return [*lists[:at], lists[at][: lists[at].index(last) + 1]]


def packed(language: str, lists: list[list[str]]) -> bytes:
    """The contents of a language's file."""
    count = sum(map(len, lists))
    title = f"# {language}: {count:,} words of wordfreq {VERSION} by Robyn Speer, CC BY-SA 4.0 (see NOTICE)"
    lines = [title, *(f"{n}\t{' '.join(words)}" for n, words in enumerate(lists) if words)]
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def main(folder: Path) -> None:
    if version("wordfreq") != VERSION:
        raise UsageError(f"this needs wordfreq {VERSION}, not {version('wordfreq')}")
    for language in WHOLE + CUT:
        lists = frozen(language)
        path, data = folder / f"{language}{SUFFIX}", packed(language, lists)
        write_atomic(path, data)
        print(f"{path}: {sum(map(len, lists)):,} words, {len(data):,} bytes")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else BESIDE_SOURCES)
    except BitocrError as error:
        sys.exit(f"freeze_wordlists.py: {error}")
