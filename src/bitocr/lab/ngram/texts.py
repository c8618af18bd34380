"""The texts that an n-gram model learns from, each with a weight. The weights add up to 1.

Words and their frequencies come from `wordlists` or a file. Numbers, prices, dates and codes are drawn as in rendered
images, so that the model doesn't take them for misread words. Running lines show which words follow each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bitocr.errors import UsageError
from bitocr.io.files import read_text
from bitocr.lab.data.charset import open_charset
from bitocr.lab.data.synth import tokens
from bitocr.lab.data.synth.chinese import tokens as chinese_tokens
from bitocr.lab.data.synth.document_text import DocumentText
from bitocr.lab.data.synth.words import VOCABULARY
from bitocr.lab.data.wordlists import word_frequencies

Texts = dict[str, float]
Rng = np.random.Generator

TEMPER = 0.75  # exponent of frequencies, since signs have rarer words than running text
MARKED = 20_000  # this many of the most frequent words also occur with a mark after them
DRAWN = 60_000  # this many tokens, and as many lines
GENRES = ("receipt", "form", "book")
CHINESE_GENRES = ("scene", "screen", "receipt", "form")
SHARES = {"words": 0.49, "marked": 0.06, "tokens": 0.2, "lines": 0.25}
CHINESE_SHARES = {"words": 0.18, "tokens": 0.07, "lines": 0.6, "drawn": 0.06, "phrases": 0.06, "english": 0.03}
TOKENS: dict[Callable[[Rng], str], float] = {
    tokens.number: 7, tokens.price: 2, tokens.code: 5, tokens.date: 2, tokens.clock: 1, tokens.phone: 1.5,
    tokens.percent: 1, tokens.scramble: 3,
}  # fmt: skip
CHINESE_TOKENS: dict[Callable[[Rng], str], float] = {
    chinese_tokens.number: 7, chinese_tokens.price: 4, chinese_tokens.date: 5, chinese_tokens.clock: 2,
    chinese_tokens.phone: 2,
}  # fmt: skip


def gather(
    language: str, words: Path | None = None, lines: Path | None = None, seed: int = 0, drawn: int = DRAWN
) -> Texts:
    """The texts for a language that has a word list, or for a file of words with their counts. Raises UsageError.

    `lines` is a file of running text, line by line. Without it English gets `drawn` lines of receipts, forms and books,
    and other languages get none. Tokens are drawn too: large models need many, or they learn those few by heart.
    """
    if language == "zh" and words is None:
        return chinese(lines, seed, drawn)
    rng = np.random.default_rng(seed)
    frequencies = read_frequencies(words) if words else known_frequencies(language)
    parts = {"words": frequencies, "marked": marked(frequencies), "tokens": drawn_tokens(rng, drawn)}
    if lines is not None:
        parts["lines"] = read_lines(lines)
    elif language == "en" and words is None:
        parts["lines"] = drawn_lines(rng, drawn, DocumentText(), GENRES)
    return mixed(parts, SHARES)


def chinese(lines: Path | None, seed: int, drawn: int) -> Texts:
    """The texts for Chinese, with some English words, as they occur among hanzi."""
    from bitocr.lab.data.synth.chinese.text import ChineseText, phrases

    rng, text = np.random.default_rng(seed), ChineseText(open_charset("chinese"))
    parts = {
        "words": known_frequencies("zh"),
        "tokens": drawn_tokens(rng, drawn, {**TOKENS, **CHINESE_TOKENS}),
        "drawn": drawn_lines(rng, drawn, text, CHINESE_GENRES),
        "phrases": dict.fromkeys(phrases(), 1.0),
        "english": known_frequencies("en"),
    }
    if lines is not None:
        parts["lines"] = read_lines(lines)
    return mixed(parts, CHINESE_SHARES)


def mixed(parts: dict[str, Texts], shares: Mapping[str, float]) -> Texts:
    """All parts, weighted by their shares."""
    out: Texts = defaultdict(float)
    share = sum(shares[name] for name in parts)
    for name, texts in parts.items():
        total = sum(texts.values())
        for text, weight in texts.items():
            out[text] += weight / total * shares[name] / share
    return out


def read_lines(path: Path) -> Texts:
    return dict.fromkeys(filter(None, map(str.strip, read_text(path).split("\n"))), 1.0)


def known_frequencies(language: str) -> Texts:
    """The most frequent words of a language, at most VOCABULARY, with tempered frequencies. Raises UsageError."""
    ranked = sorted(word_frequencies(language).items(), key=lambda pair: (-pair[1], pair[0]))
    return {word: frequency**TEMPER for word, frequency in ranked[:VOCABULARY]}


def read_frequencies(path: Path) -> Texts:
    """Reads words and counts from a file. Each line has a word, a tab and its count (1 if missing)."""
    out: Texts = defaultdict(float)
    for number, line in enumerate(read_text(path).split("\n"), 1):
        word, _, count = line.strip().partition("\t")
        if not word:
            continue
        try:
            value = float(count or 1)
        except ValueError:
            value = 0
        if not 0 < value < 1e18:
            raise UsageError(f"{path}, line {number}: expected a word, a tab and its count")
        out[word] += value**TEMPER
    if not out:
        raise UsageError(f"{path}: no words in it (one a line, with a tab and its count)")
    return out


def marked(frequencies: Texts) -> Texts:
    """The most frequent words, followed by a mark. All marks are one symbol, so any mark serves."""
    ranked = sorted(frequencies.items(), key=lambda pair: (-pair[1], pair[0]))
    return {word + ".": weight for word, weight in ranked[:MARKED]}


def drawn_tokens(rng: Rng, count: int, tokens: Mapping[Callable[[Rng], str], float] = TOKENS) -> Texts:
    out: Texts = defaultdict(float)
    total = sum(tokens.values())
    for token, weight in tokens.items():
        for _ in range(int(count * weight / total)):
            out[token(rng)] += 1
    return out


def drawn_lines(rng: Rng, count: int, text: Callable[[Rng, str], str], genres: Sequence[str]) -> Texts:
    out: Texts = defaultdict(float)
    for i in range(count):
        out[text(rng, genres[i % len(genres)])] += 1
    return out
