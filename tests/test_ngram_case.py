"""The engine's n-grams if only the case is in doubt, and n-gram files that end with their tables."""

from __future__ import annotations

import struct

import numpy as np
import pytest

import tiny_ngram
from bitocr.errors import ModelError
from test_engine_ctc import all_paths, engine, random_logprobs, total
from test_ngram import sealed

CHARSET = "abAB"


@pytest.mark.parametrize("text", ["ABab", "abaB", "ABAb", "aBab", "Abab", "ABAB", "abab"])
def test_an_odd_case_costs(text: str) -> None:
    """Each letter looks a little more like `text` than like its other case: n-grams decide as usual."""
    probabilities = np.full((len(text), len(CHARSET) + 1), 1e-20)
    for t, letter in enumerate(text):
        probabilities[t, CHARSET.index(letter) + 1] = 0.5
        probabilities[t, CHARSET.index(letter.swapcase()) + 1] = 0.4
    logprobs = np.log(probabilities).astype(np.float32)
    ngrams = tiny_ngram.model()
    ranks = {t: total(paths) + tiny_ngram.value(ngrams, t) for t, paths in all_paths(logprobs, CHARSET).items()}
    best = max(ranks, key=ranks.__getitem__)
    assert (best == text) == (text in ("Abab", "ABAB", "abab"))
    assert engine(CHARSET).decode(logprobs, beam=256, ngram=tiny_ngram.data())["text"] == best


def end_of_tables(data: bytes) -> int:
    """The end of a file's tables, by the head of engine/src/ngram_file.h; the card follows."""
    version = data[8]
    characters, nodes, inner = struct.unpack_from("<3I", data, 36)
    wide = 6 * characters + 3 * nodes + (nodes + 7) // 8 + 3 * inner
    return 64 + (wide if version == 2 else 4 * characters + 2 * (nodes + inner))


@pytest.mark.parametrize("version", tiny_ngram.VERSIONS)
def test_a_file_may_end_with_its_tables_and_not_before(version: int) -> None:
    data, logprobs = tiny_ngram.data(version=version), random_logprobs(5, 4, 0)
    end = end_of_tables(data)
    assert data[end:].startswith(b"a card")
    expected = engine("ab ").decode(logprobs, ngram=data)
    assert engine("ab ").decode(logprobs, ngram=sealed(data[:end])) == expected
    with pytest.raises(ModelError, match="its tables are cut off"):
        engine("ab ").decode(logprobs, ngram=sealed(data[: end - 1]))
