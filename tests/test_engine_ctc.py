"""Decoding, compared with brute force over all paths where possible."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict

import numpy as np
import pytest

import random_model
from bitocr.errors import UsageError
from bitocr.native.engine import Engine

Path = tuple[int, ...]


@functools.cache
def engine(charset: str) -> Engine:
    return Engine(random_model.model(charset))


def random_logprobs(steps: int, classes: int, seed: int, sharpness: float = 1.5) -> np.ndarray:
    logits = np.random.default_rng(seed).standard_normal((steps, classes)) * sharpness
    return np.asarray(logits - np.log(np.exp(logits).sum(1, keepdims=True)), np.float32)


def collapse(path: Path, charset: str) -> str:
    return "".join(charset[label - 1] for label, _ in itertools.groupby(path) if label)


def all_paths(logprobs: np.ndarray, charset: str) -> dict[str, dict[Path, float]]:
    """The paths of each text with their log-probabilities."""
    texts: dict[str, dict[Path, float]] = defaultdict(dict)
    for path in itertools.product(range(logprobs.shape[1]), repeat=len(logprobs)):
        texts[collapse(path, charset)][path] = float(logprobs[range(len(logprobs)), path].sum())
    return texts


def total(paths: dict[Path, float]) -> float:
    return float(np.logaddexp.reduce(list(paths.values())))


def letter_count(text: str, words: set[str], joins: str) -> int:
    """The number of letters after the first in a text's listed words. Characters other than `joins` separate words."""
    parts = "".join(c if c in joins else " " for c in text.lower()).split()
    return sum(len(part) - 1 for part in parts if part in words)


def expected_chars(logprobs: np.ndarray, path: Path, width: int) -> list[tuple[float, float]]:
    """The score and x of each character of a path."""
    probs, out, t = np.exp(logprobs.astype(np.float64)), [], 0
    for label, run in itertools.groupby(path):
        frames = range(t, t := t + len(list(run)))
        p = probs[frames, label]
        if label:
            out.append((p.max(), (p * (np.array(frames) + 0.5)).sum() / p.sum() * width / len(logprobs)))
    return out


@pytest.mark.parametrize("seed", range(40))
def test_beam_search_finds_the_most_probable_text(seed: int) -> None:
    logprobs = random_logprobs(4 if seed % 2 else 5, 4 if seed % 2 else 3, seed)
    charset = "abc"[: logprobs.shape[1] - 1]
    texts = all_paths(logprobs, charset)
    best = max(texts, key=lambda text: total(texts[text]))
    result = engine(charset).decode(logprobs, 100, beam=256)
    assert result["text"] == best
    path = max(texts[best], key=texts[best].__getitem__)
    expected = expected_chars(logprobs, path, 100)
    np.testing.assert_allclose([c[1:] for c in result["chars"]], np.array(expected).reshape(-1, 2), rtol=1e-5)
    scores = [score for score, _ in expected] or np.exp(logprobs[:, 0])
    assert result["confidence"] == pytest.approx(np.exp(np.log(scores).mean()), rel=1e-5)


@pytest.mark.parametrize("text", ["aa", "bb", "aab", "baa", "abb", "aaa"])
@pytest.mark.parametrize("seed", range(4))
def test_characters_of_doubled_letters_stand_on_the_best_path(text: str, seed: int) -> None:
    """The word wins by its bonus, whatever is probable. Its best path has a blank between equal letters."""
    logprobs = random_logprobs(6, 3, seed)
    result = engine("ab").decode(logprobs, 60, beam=256, words=[text], word_bonus=100)
    assert result["text"] == text
    paths = all_paths(logprobs, "ab")[text]
    expected = expected_chars(logprobs, max(paths, key=paths.__getitem__), 60)
    np.testing.assert_allclose([c[1:] for c in result["chars"]], expected, rtol=1e-5)


@pytest.mark.parametrize("bonus", [0.0, 0.5, 3.0, 20.0])
@pytest.mark.parametrize("seed", range(8))
def test_words_add_their_bonus(seed: int, bonus: float) -> None:
    charset, words = "bA-", ["ba", "A", "abb", "no"]
    logprobs = random_logprobs(5, 4, seed)
    texts = all_paths(logprobs, charset)
    ranks = {
        t: total(p) + bonus * letter_count(t, {"ba", "a", "abb"}, "ab") for t, p in texts.items() if total(p) > -1e9
    }
    result = engine(charset).decode(logprobs, beam=256, words=words, word_bonus=bonus)
    assert ranks[result["text"]] == pytest.approx(max(ranks.values()), abs=1e-4)


def test_words_with_marks_and_letters_beyond_ascii() -> None:
    charset = "aé'."
    logprobs = np.log(np.array([[0.1, 0.3, 0.2, 0.2, 0.2], [0.1, 0.2, 0.2, 0.3, 0.2], [0.1, 0.3, 0.2, 0.2, 0.2]]))
    assert engine(charset).decode(logprobs)["text"] == "a'a"
    for word in ("é'é", "a.é", "é'"):
        assert word in engine(charset).decode(logprobs, words=[word], word_bonus=9)["text"]
    plain = engine(charset).decode(logprobs, beam=16)["text"]
    for words in ([], [""], ["xyz", "éx"]):
        assert engine(charset).decode(logprobs, words=words, word_bonus=9)["text"] == plain


@pytest.mark.parametrize("seed", range(5))
def test_greedy(seed: int) -> None:
    charset = "".join(map(chr, range(ord("a"), ord("a") + 12)))
    logprobs = random_logprobs(70, 13, seed, sharpness=4)
    logprobs[30:33] = logprobs[30]
    path = tuple(int(c) for c in logprobs.argmax(1))
    for beam in (0, 1):
        result = engine(charset).decode(logprobs, 280, beam=beam)
        assert result["text"] == collapse(path, charset)
        expected = expected_chars(logprobs, path, 280)
        np.testing.assert_allclose([c[1:] for c in result["chars"]], expected, rtol=1e-5)
        assert "".join(c[0] for c in result["chars"]) == result["text"]


def test_sharp_output_is_the_same_with_and_without_a_beam() -> None:
    charset = "".join(map(chr, range(32, 126)))
    logprobs = random_logprobs(2000, 95, 0, sharpness=14)
    assert engine(charset).decode(logprobs, beam=8)["text"] == engine(charset).decode(logprobs)["text"]


@pytest.mark.parametrize("options", [{}, {"beam": 8}, {"words": ["Hai", "b a"]}], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_classes_that_are_hopeless_change_nothing(options: dict, seed: int) -> None:
    """7,000 classes, of which only a small charset is probable: reads as with the small charset alone."""
    small, large = "Habi -", "".join(map(chr, range(0x4E00, 0x4E00 + 7000)))
    logprobs = random_logprobs(60, 7, seed, sharpness=5)
    places = [0, 1, 127, 128, 3000, 6999, 7006]
    charset = list(large)
    for place, character in zip(places[1:], small, strict=True):
        charset.insert(place - 1, character)
    wide = np.full((60, 7007), -40, np.float32)
    wide[:, places] = logprobs
    few = engine(small).decode(logprobs, 240, **options)
    many = engine("".join(charset[:7006])).decode(wide, 240, **options)
    assert many == few
    assert few["text"]


@pytest.mark.parametrize("beam", [0, 4])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, 1e30, -1e30])
@pytest.mark.parametrize("where", [slice(None), slice(2, 3), (slice(None), 0), (slice(None), 1)])
def test_senseless_values_do_no_harm(beam: int, value: float, where: slice | tuple[slice, int]) -> None:
    logprobs = random_logprobs(6, 4, 0)
    logprobs[where] = value
    assert isinstance(engine("abc").decode(logprobs, beam=beam)["text"], str)


def test_blank_line() -> None:
    logprobs = np.log(np.array([[0.9, 0.1], [0.8, 0.2]], np.float32))
    for beam in (0, 4):
        result = engine("a").decode(logprobs, beam=beam)
        assert (result["text"], result["chars"]) == ("", [])
        assert result["confidence"] == pytest.approx((0.9 * 0.8) ** 0.5)


@pytest.mark.parametrize(("text", "word"), [("a’b", "a'b"), ("“ab", "ab"), ("a—ab", "ab"), ("½ab", "ab")])
def test_printed_marks_do_not_hide_words(text: str, word: str) -> None:
    """A curly apostrophe counts as one in a word; curly quotes and dashes separate words, as plain ones do."""
    charset = "abx'’“—½"
    probabilities = np.full((len(text), len(charset) + 1), 1e-6)
    for t, character in enumerate(text):
        probabilities[t, charset.index(character) + 1] = 0.4 if t == len(text) - 1 else 1
    probabilities[-1, charset.index("x") + 1] = 0.5
    for words, last in (([word], "b"), (["aa"], "x")):
        assert engine(charset).decode(np.log(probabilities), words=words, word_bonus=9)["text"] == text[:-1] + last


def test_many_faint_paths_are_no_text() -> None:
    """The best class of each frame is the blank, although the paths of "a" together are more probable."""
    logprobs = np.log(np.full((6, 2), [0.55, 0.45], np.float32))
    for options in ({"beam": 0}, {"beam": 8}, {"words": ["a"], "word_bonus": 5.0}):
        result = engine("a").decode(logprobs, **options)
        assert (result["text"], result["chars"]) == ("", [])
        assert result["confidence"] == pytest.approx(0.55)


def test_doubled_letters_need_a_blank() -> None:
    rows = {"a": [0.05, 0.95], "-": [0.95, 0.05]}
    for path, text in [("aa", "a"), ("a-a", "aa"), ("aa-aa", "aa"), ("-a-", "a"), ("a--a-a", "aaa")]:
        logprobs = np.log(np.array([rows[c] for c in path], np.float32))
        for beam in (0, 4):
            assert engine("a").decode(logprobs, beam=beam)["text"] == text


BAD = [
    ({"beam": -1}, "beam is -1"),
    ({"beam": 257}, "beam is 257"),
    ({"beam": 1, "words": ["a"]}, "beam of 2 or more"),
    ({"words": ["a"], "word_bonus": float("nan")}, "from 0 to 100"),
    ({"words": ["a"], "word_bonus": float("inf")}, "from 0 to 100"),
    ({"words": ["a"], "word_bonus": -1.0}, "from 0 to 100"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_options(options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        engine("abc").decode(random_logprobs(6, 4, 0), **options)


@pytest.mark.parametrize("shape", [(0, 4), (8193, 4), (6, 3), (6,), (1, 6, 4)])
def test_bad_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        engine("abc").decode(np.zeros(shape, np.float32))
