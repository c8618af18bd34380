"""Word lists: the trie compared with a plain search, the shipped list, which models use it, how it is made."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import random_model
from bitocr import Reader
from bitocr.defaults import BEAM
from bitocr.errors import UsageError
from bitocr.io import bitfile, shipped
from bitocr.lab.ngram import build_words
from bitocr.native import library
from bitocr.native.handles import Results
from bitocr.native.library import call, lib
from conftest import CHARSET, Result
from test_engine_ctc import all_paths, engine, random_logprobs, total
from test_ngram import sharp

Run = Callable[..., Result]
ENGLISH = shipped.FOLDER / "english.words"


def bonus_letters(text: str, words: list[str]) -> int:
    """The number of letters after the first in a text's listed words, by engine/src/decode/lexicon.h."""
    beginnings = {word[:i].lower() for word in words for i in range(1, len(word) + 1)}
    listed, out, part = {word.lower() for word in words}, 0, ""
    for c in text.lower() + " ":
        if part + c in beginnings or c.isalnum():
            part += c
        else:
            out += len(part) - 1 if part in listed else 0
            part = ""
    return out


#: A charset, and the letters and marks of its words.
ALPHABETS = [("ab' ", "ab'"), ("'bBaA", "aBb'"), ("é-a1", "éa-1"), ("aA", "aAx")]


@pytest.mark.parametrize(("charset", "alphabet"), ALPHABETS)
@pytest.mark.parametrize("seed", range(6))
def test_words_are_found_where_they_stand(charset: str, alphabet: str, seed: int) -> None:
    rng = random.Random(seed)
    words = ["".join(rng.choices(alphabet, k=rng.randint(1, 4))) for _ in range(rng.choice([1, 3, 8]))]
    logprobs = random_logprobs(5 if len(charset) < 5 else 4, len(charset) + 1, seed)
    known = [word for word in words if set(word.lower()) <= set(charset.lower())]
    ranks = {
        text: total(paths) + 1.5 * bonus_letters(text, known) for text, paths in all_paths(logprobs, charset).items()
    }
    for order in (words, sorted(words), words[::-1] + words):
        result = engine(charset).decode(logprobs, beam=256, words=order, word_bonus=1.5)
        assert ranks[result["text"]] == pytest.approx(max(ranks.values()), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("don't", 4),
        ("don", 2),
        ("don.", 2),
        ("rock'", 3),
        ("don'x", 0),
        ("u.s", 2),
        ("us.", 1),
        ("'us'", 1),
        ("a-us", 1),
    ],
)
def test_marks_part_words_but_where_one_goes_on(text: str, letters: int) -> None:
    assert bonus_letters(text, ["don't", "don", "rock", "u.s", "us"]) == letters


def test_bytes_are_words_too() -> None:
    logprobs = random_logprobs(6, 4, 0)
    expected = engine("ab ").decode(logprobs, words=["abba", "ba"], word_bonus=5)
    assert expected != engine("ab ").decode(logprobs, beam=16)
    assert engine("ab ").decode(logprobs, words=b"abba\n\tba", word_bonus=5) == expected
    with pytest.raises(UsageError, match="the list of words is not UTF-8"):
        engine("ab ").decode(logprobs, words=b"abba \xff")


@pytest.mark.parametrize("text", ["CHOCOLATE", "Railway", "doesn't", "the public"])
def test_a_long_list_in_any_order(text: str) -> None:
    """Every second character looks more like a q."""
    words = ENGLISH.read_text("utf-8").split()
    logprobs = sharp(text)
    logprobs[::4, CHARSET.index("q") + 1] = np.log(0.5)
    logprobs[range(0, 2 * len(text), 4), [CHARSET.index(c) + 1 for c in text[::2]]] = np.log(0.4)
    assert engine(CHARSET).decode(logprobs, beam=64)["text"] != text
    for listed in (words, random.Random(0).sample(words, len(words))):
        assert engine(CHARSET).decode(logprobs, beam=64, words=listed)["text"] == text


def test_the_shipped_list() -> None:
    text = ENGLISH.read_text("utf-8")
    words = text.split("\n")[:-1]
    assert words == sorted(set(words))
    assert len(words) > 58_000
    assert ENGLISH.stat().st_size < 490_000
    assert all(word == word.lower() and build_words.is_plain(word) for word in words)
    assert {"it's", "the", "café"} < set(words)
    assert b"english.words" in (Path(__file__).parents[1] / "NOTICE").read_bytes()


def model_of(path: Path, languages: list[str]) -> Path:
    """A small random model for these languages."""
    header = {**random_model.header(CHARSET), "languages": languages}
    bitfile.write(path, header, random_model.tensors(header))
    return path


OWN = "qxzjk"


def knows_own_word(reader: Reader) -> bool:
    """Whether OWN is read although the network prefers another string, which is no more like a word."""
    logprobs = sharp(OWN)
    logprobs[-2, CHARSET.index(OWN[-1]) + 1] = np.log(0.2)
    logprobs[-2, CHARSET.index("m") + 1] = np.log(0.5)
    results = Results()
    steps, none = len(logprobs), None  # no decoding but the reader's own
    call(lib.bitocr_decode, reader._engines[0]._model, logprobs.ctypes.data, steps, 100, none, results.handle)
    return bool(results.lines()[0]["text"] == OWN)


#: Languages, arguments of Reader; the n-gram model, and is the list of English in the words, is one's own?
DEFAULTS: list[tuple[list[str], dict[str, Any], tuple[str | None, bool, bool]]] = [
    (["en"], {}, ("english", True, False)),
    (["en"], {"words": ["Zebra", OWN]}, ("english", True, True)),
    (["en"], {"words": []}, ("english", True, False)),
    (["en"], {"language_model": "english.ngram"}, ("english", False, False)),
    (["en"], {"language_model": ENGLISH.with_suffix(".ngram")}, ("english", False, False)),
    (["en"], {"language_model": "english.ngram", "words": ["Zebra", OWN]}, ("english", False, True)),
    (["en"], {"language_model": "chinese"}, ("chinese", False, False)),
    (["en"], {"language_model": None}, (None, False, False)),
    (["en"], {"language_model": None, "words": ["Zebra", OWN]}, (None, False, True)),
    (["en"], {"beam": 0}, (None, False, False)),
    (["en"], {"beam": 1}, (None, False, False)),
    (["en"], {"beam": 4}, ("english", True, False)),
    (["zh", "en"], {}, ("chinese", False, False)),
    (["de"], {}, (None, False, False)),
    (["de"], {"words": ["Zebra", OWN]}, (None, False, True)),
    (["de"], {"language_model": "english"}, ("english", True, False)),
    (["de"], {"language_model": "english", "words": ["Zebra", OWN]}, ("english", True, True)),
]


@pytest.mark.parametrize(("languages", "arguments", "expected"), DEFAULTS, ids=str)
def test_who_reads_with_what(
    languages: list[str], arguments: dict[str, Any], expected: tuple[str | None, bool, bool], tmp_path: Path
) -> None:
    reader = Reader(model_of(tmp_path / "own.bit", languages), **arguments)
    ngram, words = reader._engines[0].ngram_file, reader._engines[0].words_file
    assert (ngram and Path(ngram).stem, words == str(ENGLISH), knows_own_word(reader)) == expected


def test_the_default_is_what_the_help_says() -> None:
    reader, info = Reader(), library.Info()
    call(lib.bitocr_describe, reader._engines[0]._model, info)  # what it points to lives as long as the reader
    assert info.decoding.contents.beam == BEAM


def test_a_list_that_is_damaged_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    model = model_of(tmp_path / "own.bit", ["en"])
    assert Reader(model)._engines[0].words_file is None
    (tmp_path / "english.words").write_bytes(b"zebra\n\xff\n")
    with pytest.raises(UsageError, match=r"english\.words: not a UTF-8 text file"):
        Reader(model)
    assert Reader(model, language_model=None)._engines[0].words_file is None


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "made.words"
    build_words.main([str(out)])
    assert out.read_bytes() == ENGLISH.read_bytes()
    assert capsys.readouterr().out.startswith(f"{out}: 58,")
    for bad, message in (("--size=0", "0 words cannot be made"), ("--language=klingon", "no words of 'klingon'")):
        with pytest.raises(SystemExit, match=message):
            build_words.main([str(tmp_path / "none.words"), bad])
    with pytest.raises(SystemExit, match="cannot write"):
        build_words.main([str(tmp_path / "no" / "none.words")])
    assert list(tmp_path.iterdir()) == [out]


def test_reading_from_the_command_line(run: Run, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a shipped list of words that resemble what the random network sees, and no n-grams."""
    model, mine = model_of(tmp_path / "own.bit", ["en"]), tmp_path / "mine.txt"
    plain = [line.text for line in Reader(model, beam=16).read_lines([images / "a.png", images / "b.jpg"])]
    shipped_word, own_word = (text[:-1] for text in plain)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    (tmp_path / "english.words").write_text(shipped_word + "\n")
    mine.write_text(own_word + "\n")

    def read(*options: Any) -> str:
        result = run("read", "--line", "--model", model, *options, images)
        assert result.code == 0
        return result.out

    readings = [read(), read("--words", mine), read("--language-model", "none"), read("--beam", 0)]
    assert readings[2] == readings[3]
    assert len(set(readings)) == 3
    assert readings[1] != read("--language-model", "none", "--words", mine)
