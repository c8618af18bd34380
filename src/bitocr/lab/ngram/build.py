"""Builds the bytes of an n-gram file from a language, or from files of words and lines."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from bitocr.lab.data.charset import open_charset
from bitocr.lab.data.wordlists import VERSION
from bitocr.lab.ngram.counts import build
from bitocr.lab.ngram.file import Weights, dump, node_size, room
from bitocr.lab.ngram.symbols import Symbols
from bitocr.lab.ngram.texts import DRAWN, gather

WORDFREQ = (
    "{name}. Made from the word frequencies of wordfreq {version} (Robyn Speer, https://github.com/rspeer/wordfreq), "
    "data under CC BY-SA 4.0, from Google Books Ngrams (http://books.google.com/ngrams), the Leeds Internet Corpus, "
    "Wikipedia, ParaCrawl, OPUS OpenSubtitles 2018 (http://www.opensubtitles.org/), SUBTLEX (Marc Brysbaert et al., "
    "freely available data) and others. This file: CC BY-SA 4.0."
)


PHRASES = " Phrases of TypeScript (Apache-2.0), Spyder (MIT), JupyterLab and Wagtail (BSD-3-Clause)."


def build_file(
    language: str,
    words: Path | None,
    lines: Path | None,
    order: int,
    size: int,
    weights: Weights,
    sources: str = "",
    drawn: int = DRAWN,
) -> bytes:
    """The contents of a file of about `size` bytes. `sources` tells its card where the lines come from.

    `drawn` is the number of tokens, and of lines, that are drawn for it.

    Raises:
        UsageError: the language has no word list, or a file cannot be read.
    """
    texts = gather(language, words, lines, drawn=drawn)
    symbols = Symbols(texts, open_charset("chinese") if language == "zh" else None)
    folded: dict[str, float] = defaultdict(float)
    for text, weight in texts.items():
        folded[symbols.fold(text)] += weight
    card = f"from {words.name}" if words else WORDFREQ.format(name=f"Language: {language}", version=VERSION)
    card += PHRASES if language == "zh" and not words else ""
    card += f" Lines: {sources}" if sources else ""
    model = build(folded, symbols.count, order, room(size, symbols, card), node_size(symbols, order))
    return dump(model, symbols, weights, card)
