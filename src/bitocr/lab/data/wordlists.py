"""How often words occur: lists of wordfreq 3.1.1, frozen here because wordfreq is no longer maintained.

The lists are in the folder `wordlists` of bitocr's sources, which the wheel does not contain; the environment variable
BITOCR_WORDLISTS names another folder. NOTICE in that folder has their licence and sources. The lists of English and
Chinese are complete, the others have the 20,000 most frequent words. `tools/freeze_wordlists.py` wrote them.

A list is the file `LANGUAGE.txt.gz`, gzipped UTF-8 text. A line is a number n, a tab, and words with one space between
them; each of these words makes up 10 ** (-n / 100) of all words in texts. The most frequent words come first, words of
one line in the order of their code points. Lines that begin with "#" are comments.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path

from bitocr.errors import UsageError

VERSION = "3.1.1"
"""Of wordfreq."""
VARIABLE = "BITOCR_WORDLISTS"
SUFFIX = ".txt.gz"
BESIDE_SOURCES = Path(__file__).parents[4] / "wordlists"

_LINE = re.compile(r"(\d{1,4})\t([^ \t]+(?: [^ \t]+)*)")
_LONG_NUMBER = re.compile(r"\d[\d.,]+")


def languages() -> list[str]:
    """The languages that have a list, as "en". Raises UsageError if there are no lists."""
    return sorted(path.name.removesuffix(SUFFIX) for path in _files())


def word_frequencies(language: str) -> Mapping[str, float]:
    """Each word's share of all words in texts, in the order of the list.

    Raises UsageError if there are no lists, the language has none, or its list is damaged.
    """
    for path in _files():
        if path.name == language + SUFFIX:
            return _read(path)
    raise UsageError(f"{_folder()} has no words of '{language}': choose from {', '.join(languages())}")


def top_words(language: str, count: int) -> list[str]:
    """The `count` most frequent words, or all if the list has fewer. Raises UsageError like `word_frequencies`.

    Leaves out entries that begin with a number of several digits: a list has only their shapes, such as 0000 for every
    number of four digits.
    """
    return list(islice((word for word in word_frequencies(language) if not _LONG_NUMBER.match(word)), count))


def _folder() -> Path:
    return Path(os.environ.get(VARIABLE) or BESIDE_SOURCES)


def _files() -> list[Path]:
    found = list(_folder().glob("*" + SUFFIX))
    if not found:
        raise UsageError(f"no word lists in {_folder()}: set {VARIABLE} to the folder wordlists of bitocr's sources")
    return found


@cache
def _read(path: Path) -> Mapping[str, float]:
    frequencies: dict[str, float] = {}
    for number, line in enumerate(_unpack(path).split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise UsageError(f"{path}, line {number}: expected a number, a tab, and words with one space between them")
        frequencies.update(dict.fromkeys(found[2].split(" "), 10 ** (-int(found[1]) / 100)))
    if not frequencies:
        raise UsageError(f"{path}: no words in it")
    return frequencies


def _unpack(path: Path) -> str:
    try:
        return gzip.decompress(path.read_bytes()).decode()
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UsageError(f"{path}: a damaged gzip file: copy or download it again") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text in it") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
