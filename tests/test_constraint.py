"""Constrained reading, compared with brute force over all texts where possible."""

from __future__ import annotations

import random
import re
import time
from typing import Any

import numpy as np
import pytest

from bitocr.errors import UsageError
from test_engine_ctc import all_paths, engine, random_logprobs, total

CHARSET = "01a-."
# Atoms of patterns, each as Python's regular expressions write it.
ATOMS = {
    "D": "[0-9]",
    "L": "[A-Za-z]",
    "X": "[0-9A-Za-z]",
    "0": "0",
    "a": "a",
    "-": "-",
    ".": r"\.",
    "[0a]": "[0a]",
    "[^a.]": "[^a.]",
    r"\d": "[0-9]",
    r"\.": r"\.",
    "[0-1-]": "[0-1-]",
    "[]": None,
}
REPEATS = ("?", "*", "+", "{2}", "{1,2}", "{2,}", "{0,3}")


def random_pattern(rng: random.Random, depth: int = 2) -> tuple[str, str]:
    """A pattern and the equivalent regular expression."""
    ours, theirs = "", ""
    for _ in range(rng.randint(1, 3)):
        if depth and rng.random() < 0.3:
            a, b = random_pattern(rng, depth - 1), random_pattern(rng, depth - 1)
            part = f"({a[0]}|{b[0]})", f"(?:{a[1]}|{b[1]})"
        else:
            part = rng.choice([(atom, regex) for atom, regex in ATOMS.items() if regex])
        repeat = rng.choice(REPEATS) if rng.random() < 0.4 else ""
        ours, theirs = ours + part[0] + repeat, theirs + part[1] + repeat
    return ours, theirs


@pytest.mark.parametrize("seed", range(300))
def test_patterns_read_the_most_probable_text_of_those_that_may_be(seed: int) -> None:
    rng = random.Random(seed)
    logprobs = random_logprobs(rng.randint(1, 4), 6, seed)
    texts = {text: np.exp(total(paths)) for text, paths in all_paths(logprobs, CHARSET).items()}
    for _ in range(8):
        pattern, regex = random_pattern(rng)
        allow = rng.choice([None, None, "0-1.", "a0\\-"])
        members = {None: CHARSET, "0-1.": "01.", "a0\\-": "a0-"}[allow]
        may_be = {t: p for t, p in texts.items() if p > 0 and re.fullmatch(regex, t) and set(t) <= set(members)}
        try:
            line = engine(CHARSET).decode(logprobs, beam=256, limits=(allow, pattern, None))
        except UsageError:  # the pattern takes what `allow` lacks
            assert may_be == {}
            continue
        if not may_be:
            assert (line["text"], line["confidence"]) == ("", 0)
            continue
        assert line["text"] in may_be, pattern
        assert may_be[line["text"]] >= 0.999 * max(may_be.values()), pattern
        share = may_be[line["text"]] / sum(may_be.values())
        assert line["confidence"] == pytest.approx(share, rel=0.02), pattern


WORDY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<-/., adeilmny年月日"


def spelled(text: str, seed: int, doubt: float = 0.03, alphabet: str = WORDY) -> np.ndarray:
    """Log-probabilities of a text: for each character its frame and a blank frame, with a little of all others."""
    probs = np.random.default_rng(seed).random((2 * len(text), len(alphabet) + 1)).astype(np.float32)
    probs *= doubt / probs.sum(1, keepdims=True)
    for i, character in enumerate(text):
        probs[2 * i, alphabet.index(character) + 1] += 1
        probs[2 * i + 1, 0] += 1
    return np.log(probs / probs.sum(1, keepdims=True))


def read_as(text: str, check: str, pattern: str | None = None, seed: int = 0) -> str:
    return engine(WORDY).decode(spelled(text, seed), beam=16, limits=(None, pattern, check))["text"]


# Numbers from the standards and from public examples; each with texts of one mistake.
VALID = {
    "luhn": ["79927398713", "4111111111111111", "4111 1111 1111 1111", "378282246310005", "49015420323751-8", "18"],
    "ean": ["4006381333931", "9780306406157", "978-0-306-40615-7", "73513537", "036000291452", "10012345678902"],
    "iban": [
        "DE89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "FR1420041010050500013M02606",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
        "CH9300762011623852957",
    ],
    "mrz": [
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        "D231458907UTO7408122F1204159<<<<<<<6",
        "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
        "7408122",
        "L898902C36",
    ],
    "date": [
        "31/12/2019",
        "12/31/2019",
        "2020-02-29",
        "29.02.2020",
        "1.1.99",
        "12 MAY 2018",
        "MAY 12, 2018",
        "20200229",
        "2019年1月31日",
        "12-dec-18".replace("c", "C").replace("dEC", "DEC").replace("de", "DE"),
    ],
}
INVALID = {
    "luhn": ["79927398710", "4111111111111112", "0A", "1"],
    "ean": ["4006381333932", "73513538", "036000291453", "40063813339", "123456789"],
    "iban": ["DE89370400440532013001", "GB92NWBK60161331926819", "DE8937040044053201300", "GB29NWBK601613319268190"],
    "mrz": [
        "L898902C37UTO7408122F1204159ZE184226B<<<<<10",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<11",
        "L898902C36UTO7408132F1204159ZE184226B<<<<<10",
        "7408123",
        "D231458907UTO7408122F1204159<<<<<<<7",
    ],
    "date": [
        "31/04/2019",
        "29.02.2019",
        "30-02-2020",
        "32/01/2019",
        "00/01/2019",
        "13/13/2019",
        "20190229",
        "1/2-2019",
    ],
}


@pytest.mark.parametrize(("check", "text"), [(check, text) for check, texts in VALID.items() for text in texts])
def test_checks_take_valid_texts(check: str, text: str) -> None:
    assert read_as(text, check) == text


@pytest.mark.parametrize(("check", "text"), [(check, text) for check, texts in INVALID.items() for text in texts])
def test_checks_refuse_invalid_texts(check: str, text: str) -> None:
    assert read_as(text, check) != text


@pytest.mark.parametrize(("check", "text"), [(check, text) for check, texts in INVALID.items() for text in texts])
def test_a_pattern_of_an_invalid_text_alone_leaves_none(check: str, text: str) -> None:
    """So the check refuses it; the search does not just prefer another."""
    pattern = re.sub(r"([^0-9a-zA-Z]|[DLX])", r"\\\1", text)
    assert read_as(text, check, pattern) == ""


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("luhn", "4111111111111111", "4111111171111111"),
        ("ean", "4006381333931", "4006881333931"),
        ("iban", "DE89370400440532013000", "DE89370400440582013000"),
        ("mrz", "L898902C36UTO7408122F1204159ZE184226B<<<<<10", "L898902C36UTO7408122F1294159ZE184226B<<<<<10"),
        ("date", "29.02.2020", "39.02.2020"),
    ],
)
def test_checks_decide_between_look_alikes(check: str, right: str, wrong: str) -> None:
    """If a character looks more like another one, the text that passes is still read."""
    logprobs = np.logaddexp(spelled(right, 1) + np.log(0.3), spelled(wrong, 1) + np.log(0.7)).astype(np.float32)
    assert engine(WORDY).decode(logprobs, beam=16)["text"] == wrong
    line = engine(WORDY).decode(logprobs, beam=16, limits=(None, None, check))
    assert line["text"] == right
    assert line["confidence"] > 0.5


def luhn(digits: str) -> bool:
    numbers = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(n // 10 + n % 10 for n in numbers) % 10 == 0


@pytest.mark.parametrize("seed", range(30))
def test_a_check_reads_the_most_probable_text_that_passes(seed: int) -> None:
    charset = "0257"
    logprobs = random_logprobs(4, 5, seed)
    texts = {t: np.exp(total(p)) for t, p in all_paths(logprobs, charset).items() if len(t) >= 2 and luhn(t)}
    line = engine(charset).decode(logprobs, beam=256, limits=(None, None, "luhn"))
    assert texts[line["text"]] == pytest.approx(max(texts.values()), rel=1e-3)
    assert line["confidence"] == pytest.approx(texts[line["text"]] / sum(texts.values()), rel=0.02)


OPTIONS: list[dict[str, Any]] = [
    {"beam": 0},
    {"beam": 1},
    {"beam": 4},
    {"words": ["aaa", "a1", "0-0"], "word_bonus": 50},
]


@pytest.mark.parametrize("seed", range(40))
def test_nothing_outside_the_constraint_is_read(seed: int) -> None:
    """For any network output, beam, words and bonus."""
    rng = random.Random(seed)
    logprobs = random_logprobs(40, 6, seed, sharpness=rng.choice([1.0, 5.0, 20.0]))
    for _ in range(10):
        pattern, regex = random_pattern(rng)
        options: dict[str, Any] = rng.choice(OPTIONS)
        try:
            line = engine(CHARSET).decode(logprobs, limits=(None, pattern, None), **options)
        except UsageError:
            continue
        assert re.fullmatch(regex, line["text"]), pattern
        assert 0 <= line["confidence"] <= 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, 1e30, -1e30])
@pytest.mark.parametrize("where", [slice(None), slice(2, 3), (slice(None), 0), (slice(None), 1)])
def test_senseless_values_do_no_harm(value: float, where: slice) -> None:
    logprobs = random_logprobs(6, 6, 0)
    logprobs[where] = value
    line = engine(CHARSET).decode(logprobs, limits=(None, "DD(-DD)?", None))
    assert re.fullmatch(r"[0-9]{2}(-[0-9]{2})?|", line["text"])


def test_too_few_frames_leave_no_text() -> None:
    line = engine(CHARSET).decode(random_logprobs(3, 6, 0), limits=(None, "DD-DD", None))
    assert line == {"text": "", "confidence": 0.0, "chars": [], "angle": 0}


def test_hanzi_by_their_code_points() -> None:
    charset = "一龥丁a1、"
    logprobs = random_logprobs(12, 7, 0)
    line = engine(charset).decode(logprobs, limits=("一-龥", None, None))
    assert line["text"]
    assert set(line["text"]) <= set("一龥丁")


WRONG = [
    ((None, "*a", None), "character 1: there is nothing to repeat"),
    ((None, "a**", None), "character 3: there is nothing to repeat"),
    ((None, "a{", None), "character 2: a repeat is"),
    ((None, "a{0}", None), "character 2: a repeat is"),
    ((None, "a{3,2}", None), "character 2: a repeat is"),
    ((None, "a{1000}", None), "character 2: a repeat is"),
    ((None, "(a", None), r"character 1: no \) closes"),
    ((None, "a)", None), r"character 2: no \( opens"),
    ((None, "a]", None), "character 2: nothing opens"),
    ((None, "[a", None), "character 1: no ] closes"),
    ((None, "[]", None), "character 2: the brackets are empty"),
    ((None, "[a-", None), "character 1: no ] closes"),
    ((None, "[1-0]", None), "character 2: a range ends before"),
    ((None, "\\q", None), "character 2: no such escape"),
    ((None, "a\\", None), "character 2: nothing follows"),
    ((None, "", None), "pattern is empty"),
    ((None, "a" * 1025, None), "longer than 1024"),
    ((None, "a" * 257, None), "character 257: .*more than 256"),
    ((None, "(" * 33, None), "character 33: .*too deep"),
    ((None, "(((){999}){999}){999}", None), "too many"),
    ((None, "((((a{99}){99}){99}){99})", None), "more than 256"),
    ((None, "€", None), "it lacks characters"),
    ((None, "\ud800", None), "not UTF-8"),
    ((None, "a\0b", None), "zero byte"),
    (("", None, None), "is empty"),
    (("€", None, None), "knows none of the allowed"),
    (("1-0", None, None), "character 1: a range ends before"),
    ((5, None, None), "allow is a string"),
    ((None, None, "isbn"), "there is no check isbn"),
]


@pytest.mark.parametrize(("limits", "message"), WRONG, ids=lambda value: str(value)[:20])
def test_wrong_constraints(limits: tuple, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        engine(CHARSET).decode(random_logprobs(3, 6, 0), limits=limits)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "pattern", ["(X?){256}", "(a|a|a)*" * 40, "((a*)*)*" * 30, "[a-b" + "0-1" * 330 + "]{256}", "(D|L|X)+" * 80]
)
def test_hostile_patterns_take_little_time(pattern: str) -> None:
    charset = "".join(map(chr, range(0x4E00, 0x4E00 + 7000))) + CHARSET
    logprobs = random_logprobs(100, 7006, 0)
    start = time.process_time()
    engine(charset).decode(logprobs, limits=(None, pattern, None))
    assert time.process_time() - start < 5
