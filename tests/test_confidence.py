"""Calibrated confidences: the engine against all paths of CTC, its bounds, and the numbers in the header."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

import damage
import random_model
from bitocr.inspect.metrics import normalise_line
from bitocr.io import bitfile
from bitocr.native.engine import Engine
from test_engine_ctc import all_paths, letter_count, random_logprobs, total

HEADER_NUMBERS = [
    ("1", 1.0), ("0.75", 0.75), ("1.2687", 1.2687), ("75e-2", 0.75), ("0.0075E+2", 0.75), ("7500.0e-0004", 0.75),
    ("1" + "0" * 30 + "e-30", 1.0), ("0." + "0" * 30 + "5e31", 5.0), ("0.3333333333333333333333333333333", 1 / 3),
]  # fmt: skip


def engine(charset: str, slope: float = 1.0, offset: float = 0.0) -> Engine:
    header = {**random_model.header(charset), "calibration": {"slope": slope, "offset": offset}}
    return Engine(bitfile.dump(header, random_model.tensors(header)))


def expected(probability: float, slope: float, offset: float) -> float:
    """The formula of confidence.h."""
    probability = np.float64(probability)
    with np.errstate(divide="ignore"):
        logit = np.clip(np.log(probability) - np.log1p(-probability), -12, 12)
    return float(1 / (1 + np.exp(-(slope * logit + offset))))


def enumerated(logprobs: np.ndarray, charset: str, text: str) -> float:
    """The probability of all texts that equal `text` apart from case and spaces: the sum over all their paths.

    One exception: a space or the other case between two equal letters separates them only as a blank would.
    """
    merged = merge(logprobs, charset)
    paths = all_paths(merged, charset)[normalise_line(text)]
    return float(np.exp(list(paths.values())).sum())


def merge(logprobs: np.ndarray, charset: str) -> np.ndarray:
    """Moves the probability of capitals to lowercase and of the space to the blank, and leaves 1e-30 behind."""
    p = np.exp(logprobs.astype(np.float64))
    for label, character in enumerate(charset, 1):
        to = 0 if character == " " else charset.find(character.lower()) + 1
        if to != label and (to or character == " "):
            p[:, to] += p[:, label]
            p[:, label] = 1e-30
    return np.log(p)


@pytest.mark.parametrize("beam", [0, 8])
@pytest.mark.parametrize(("charset", "steps"), [("abc", 5), ("aAb", 5), ("a b", 6), ("bA a", 4), ("éaÉ", 5)])
@pytest.mark.parametrize("seed", range(6))
def test_the_probability_of_all_paths(charset: str, steps: int, seed: int, beam: int) -> None:
    logprobs = random_logprobs(steps, len(charset) + 1, seed)
    for slope, offset in ((1.0, 0.0), (1.7, -0.9)):
        result = engine(charset, slope, offset).decode(logprobs, beam=beam)
        if charset == "éaÉ":  # case is that of ASCII alone
            probability = np.exp(list(all_paths(logprobs, charset)[result["text"]].values())).sum()
        else:
            probability = enumerated(logprobs, charset, result["text"])
        assert result["confidence"] == pytest.approx(expected(probability, slope, offset), rel=1e-5)


def forward(logprobs: np.ndarray, labels: list[int]) -> float:
    """ln of the probability of a labelling, computed in logarithms over all states."""
    extended = np.zeros(2 * len(labels) + 1, int)
    extended[1::2] = labels
    skips = np.zeros(len(extended), bool)
    skips[2:] = (extended[2:] != 0) & (extended[2:] != extended[:-2])
    state = np.full(len(extended), -np.inf)
    state[0] = 0
    for row in logprobs:
        moved = np.logaddexp(state, np.concatenate([[-np.inf], state[:-1]]))
        jumped = np.where(skips, np.concatenate([[-np.inf, -np.inf], state[:-2]])[: len(state)], -np.inf)
        state = np.logaddexp(moved, jumped) + row[extended]
    return float(np.logaddexp.reduce(state[-2:]))


@pytest.mark.parametrize("sharpness", [3.0, 8.0, 20.0])
@pytest.mark.parametrize("seed", range(4))
def test_long_lines(seed: int, sharpness: float) -> None:
    """Hundreds of characters, where numbers underflow and only a window of states is computed."""
    charset = "".join(map(chr, range(ord("a"), ord("a") + 26)))
    logprobs = random_logprobs(600, 27, seed, sharpness)
    result = engine(charset, 0.02, 0.5).decode(logprobs)
    logarithm = forward(logprobs.astype(np.float64), [charset.index(c) + 1 for c in result["text"]])
    assert len(result["text"]) > 300
    assert result["confidence"] == pytest.approx(expected(np.exp(logarithm), 0.02, 0.5), rel=1e-4)


def test_what_is_left_aside() -> None:
    """Doubt about cases or spaces does not count as doubt about the text; doubt between letters does."""
    rows = {"case": [0.02, 0.49, 0.49, 0.0, 0.0], "letter": [0.02, 0.49, 0.0, 0.49, 0.0], "sure": [0.02, 0.98, 0, 0, 0]}
    rows["space"] = [0.49, 0.0, 0.02, 0.0, 0.49]
    confidence = {}
    for name, row in rows.items():
        logprobs = np.log(np.maximum([rows["sure"], row], 1e-9)).astype(np.float32)
        confidence[name] = engine("aAb ").decode(logprobs)["confidence"]
    assert confidence["case"] == pytest.approx(confidence["sure"], abs=1e-3)
    assert confidence["space"] > 0.9
    assert 0.4 < confidence["letter"] < 0.55


def test_rises_with_the_probability() -> None:
    confidences = []
    for p in (0.5, 0.6, 0.9, 0.99, 0.999, 0.99999, 1.0):
        logprobs = np.log(np.array([[1 - p, p]] * 3) + 1e-30)
        confidences.append(engine("a", 1.5, -3).decode(logprobs)["confidence"])
    assert confidences == sorted(confidences)
    assert len(set(confidences)) == len(confidences)


def test_bounds() -> None:
    sure = np.log(np.array([[1e-30, 1.0]], np.float32))
    assert engine("a", 1.0, 0.0).decode(sure)["confidence"] == pytest.approx(1 / (1 + np.exp(-12)), rel=1e-7)
    words = engine("ab", 1.0, 0.0).decode(
        np.log(np.array([[1e-30, 1.0, 1e-20]], np.float32)), words=["b"], word_bonus=99
    )
    assert words["text"] in ("a", "b")
    assert engine("a", 100, -100).decode(sure)["confidence"] <= 1
    assert engine("a", 100, -100).decode(np.log(np.full((9, 2), 0.5)))["confidence"] >= 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, 1e30, -1e30])
@pytest.mark.parametrize("where", [slice(None), slice(2, 3), (slice(None), 0), (slice(None), 1)])
def test_senseless_values_do_no_harm(value: float, where: slice | tuple[slice, int]) -> None:
    logprobs = random_logprobs(6, 4, 0)
    logprobs[where] = value
    for beam in (0, 4):
        assert 0 <= engine("abc", 1.3, -2).decode(logprobs, beam=beam)["confidence"] <= 1


def test_without_calibration_it_is_the_mean_of_the_scores() -> None:
    plain = Engine(random_model.model("aAb"))
    for seed in range(5):
        logprobs = random_logprobs(9, 4, seed)
        result, other = plain.decode(logprobs), engine("aAb", 1.4, 1.0).decode(logprobs)
        scores = [score for _, score, _ in result["chars"]]
        assert result["confidence"] == pytest.approx(np.exp(np.log(scores).mean()), rel=1e-5)
        assert other["confidence"] != result["confidence"]
        assert {**other, "confidence": 0} == {**result, "confidence": 0}


def test_the_same_image_again_and_after_longer_ones() -> None:
    """Memory is reused from image to image."""
    rng, reader = np.random.default_rng(0), engine("abcdef", 0.5, 0.5)
    images = [rng.integers(0, 256, (32, width), dtype=np.uint8) for width in (64, 800, 32, 200, 64)]
    alone = [engine("abcdef", 0.5, 0.5).recognize([image])[0]["confidence"] for image in images]
    assert [line["confidence"] for line in reader.recognize(images)] == alone
    logprobs = reader.logprobs(images[0])
    assert reader.decode(logprobs)["confidence"] == alone[0]


@pytest.mark.parametrize(("text", "value"), HEADER_NUMBERS)
def test_numbers_of_the_header(text: str, value: float) -> None:
    """The same as Python's, however they are written."""
    logprobs = random_logprobs(6, 3, 1)
    for sign in ("", "-"):
        found = Engine(damage.with_calibration(f'{{"slope": 2, "offset": {sign}{text}}}')).decode(logprobs)
        probability = np.exp(list(all_paths(logprobs, "ab")[found["text"]].values())).sum()
        assert found["confidence"] == pytest.approx(expected(probability, 2, float(sign + text)), rel=1e-6)


@pytest.mark.parametrize("calibration", [{"slope": 1e-6, "offset": 100}, {"offset": -100.0, "slope": 100, "more": []}])
def test_sound_extremes(calibration: dict[str, Any]) -> None:
    assert (
        0
        <= Engine(damage.with_calibration(json.dumps(calibration))).decode(random_logprobs(6, 3, 1))["confidence"]
        <= 1
    )


@pytest.mark.parametrize("bonus", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("seed", range(8))
def test_with_words_the_surer_reading_is_kept(seed: int, bonus: float) -> None:
    """With words, a text's share of the total weight (probability times e^bonus); without words, its probability.

    If words don't change the text of the best path, they count.
    """
    charset, words = "abc", ["aa", "cab"]
    logprobs = random_logprobs(4, 4, seed)
    paths = all_paths(logprobs, charset)
    shares: list[dict[str, float]] = []
    readings = []
    for worth in (bonus, 0.0):
        weights: dict[str, float] = defaultdict(float)
        ranks = {t: total(p) + worth * letter_count(t, set(words), charset) for t, p in paths.items()}
        for text, rank in ranks.items():
            weights[normalise_line(text)] += float(np.exp(rank))
        shares.append({text: weight / sum(weights.values()) for text, weight in weights.items()})
        readings.append(max(ranks, key=ranks.__getitem__))
    greedy = engine(charset).decode(logprobs)["text"]
    guided, plain = ("", "") if not greedy else readings
    sure, other = shares[0][normalise_line(guided)], shares[1][normalise_line(plain)]
    text, share = (plain, other) if guided != greedy and other > sure else (guided, sure)
    result = engine(charset, 1.3, 0.2).decode(logprobs, beam=256, words=words, word_bonus=bonus)
    assert result["text"] == text
    assert result["confidence"] == pytest.approx(expected(share, 1.3, 0.2), rel=0.02)


@pytest.mark.parametrize("bonus", [0.0, 0.5, 2.0])
def test_with_words_it_is_the_share_of_what_both_think(bonus: float) -> None:
    """Texts that differ only in case or spaces count as one. Here words don't change the text of the best path."""
    charset, words, compared = "aA ", ["aa", "aaa"], 0
    for seed in range(40):
        logprobs = random_logprobs(4, 4, seed)
        ranks = {
            text: total(paths) + bonus * letter_count(text, set(words), "a")
            for text, paths in all_paths(logprobs, charset).items()
        }
        if max(ranks, key=ranks.__getitem__) != engine(charset).decode(logprobs)["text"]:
            continue
        compared += 1
        result = engine(charset, 1.3, 0.2).decode(logprobs, beam=256, words=words, word_bonus=bonus)
        same = [np.exp(rank) for text, rank in ranks.items() if normalise_line(text) == normalise_line(result["text"])]
        share = sum(same) / np.exp(list(ranks.values())).sum()
        assert result["confidence"] == pytest.approx(expected(share, 1.3, 0.2), rel=0.02)
    assert compared > 4


@pytest.mark.parametrize(("code", "sure"), [(0.9, True), (0.4, False)])
def test_what_is_known_of_words_does_not_spoil_a_sure_code(code: float, sure: bool) -> None:
    """A digit that looks somewhat like a letter: the word wins only if the picture leaves doubt."""
    charset = "ab0"
    probabilities = np.full((3, 4), 1e-6)
    probabilities[0, 1] = probabilities[2, 2] = 1
    probabilities[1, 3], probabilities[1, 2] = code, 1 - code - 1e-6
    probabilities = np.insert(probabilities, 2, [1, 1e-6, 1e-6, 1e-6], 0)
    result = engine(charset, 1.0, 0.0).decode(np.log(probabilities), beam=16, words=["abb"], word_bonus=1.0)
    assert (result["text"] == "a0b") == sure


def spelled(charset: str, *characters: dict[str, float]) -> np.ndarray:
    """Log-probabilities of these characters, with a blank after each."""
    probabilities = np.full((2 * len(characters), len(charset) + 1), 1e-6)
    probabilities[1::2, 0] = 1
    for frame, character in zip(probabilities[::2], characters, strict=True):
        for each, probability in character.items():
            frame[charset.index(each) + 1] = probability
    return np.log(probabilities)


@pytest.mark.parametrize(
    ("start", "digit", "text"),
    [
        pytest.param("0-", {"0": 0.95, "b": 0.05}, "abb 0-a0b", id="a code in a line of words"),
        pytest.param("0-", {"0": 0.1, "b": 0.9}, "abb 0-abb", id="of which words are surer"),
        pytest.param("/", {"-": 0.95, "b": 0.05}, "abb /a-b", id="a path without digits"),
        pytest.param("_", {"-": 0.95, "b": 0.05}, "abb _a-b", id="a name with an underscore"),
        pytest.param("@", {"-": 0.95, "b": 0.05}, "abb @a-b", id="an address"),
        pytest.param("\\", {"-": 0.95, "b": 0.05}, "abb \\a-b", id="a path of Windows"),
        pytest.param("", {"-": 0.95, "b": 0.05}, "abb abb", id="a word"),
        pytest.param("é0-", {"0": 0.95, "b": 0.05}, "abb é0-abb", id="letters beyond ASCII are no code"),
        pytest.param("", {"0": 0.95, "b": 0.05}, "abb abb", id="nor is what is a word without digits in one reading"),
    ],
)
def test_codes_are_kept_token_by_token(start: str, digit: dict[str, float], text: str) -> None:
    """The words of a line raise its confidence, but not that of the code among them."""
    charset = "ab0é-/_@\\ "
    sure = {letter: {letter: 1.0} for letter in charset}
    word = [sure["a"], {"a": 0.55, "b": 0.45}, sure["b"], sure[" "]]
    logprobs = spelled(charset, *word, *(sure[c] for c in start), sure["a"], digit, sure["b"])
    result = engine(charset).decode(logprobs, 2 * len(logprobs), beam=16, words=["abb"], word_bonus=2.0)
    assert result["text"] == text
    assert [c for c, *_ in result["chars"]] == list(text)
    assert [x for *_, x in result["chars"]] == pytest.approx([1 + 4 * i for i in range(len(text))], abs=0.1)
    assert 0.5 < result["confidence"] < 0.99


def test_with_words_and_a_narrow_beam_it_is_of_the_same_size() -> None:
    """Texts that the beam drops still count."""
    charset = "abcdefgh"
    for seed in range(6):
        logprobs = random_logprobs(12, 9, seed, sharpness=1.0)
        wide, narrow = (engine(charset).decode(logprobs, beam=beam, words=["zz"]) for beam in (256, 6))
        assert wide["confidence"] < 0.1
        assert narrow["confidence"] < 0.1
