"""Makes a word list: `python -m bitocr.lab.ngram.build_words english.words --size 60000`.

It writes one word per line: those of the `size` most frequent words of a language in `wordlists` that have two or more
letters (a word's first letter has no bonus) and nothing else but apostrophes between them. Sorted words compress well,
and the engine need not sort them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bitocr.errors import BitocrError, UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.data.synth.words import VOCABULARY
from bitocr.lab.ngram.texts import known_frequencies

SIZE = 60_000


def build_words(language: str, size: int) -> list[str]:
    """The words of a list. Raises UsageError for a size out of range or a language without word list."""
    if not 0 < size <= VOCABULARY:
        raise UsageError(f"a list of {size:,} words cannot be made: 1 to {VOCABULARY:,}")
    most_frequent = list(known_frequencies(language))[:size]
    return sorted(word for word in most_frequent if is_plain(word))


def is_plain(word: str) -> bool:
    """Whether a word has only letters and inner apostrophes, and is long enough to be worth listing."""
    return len(word) > 1 and all(part.isalpha() for part in word.split("'"))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT.words", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--size", type=int, default=SIZE, metavar="N")
    arguments = parser.parse_args(argv)
    try:
        words = build_words(arguments.language, arguments.size)
        write_atomic(arguments.out, "".join(f"{word}\n" for word in words).encode())
    except BitocrError as error:
        sys.exit(f"{parser.prog}: {error}")
    print(f"{arguments.out}: {len(words):,} words, {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
