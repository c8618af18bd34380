"""Reading unsure lines again in other views: the result of the vote, when it stops, and how to turn it on or off."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import random_model
from bitocr import Reader
from bitocr.defaults import REREAD_BELOW
from bitocr.errors import UsageError
from bitocr.inspect.metrics import normalise_line
from bitocr.io import bitfile
from bitocr.io.shipped import find
from bitocr.lab.export.calibrate import calibrated, logit, sigmoid
from bitocr.native.engine import Engine
from bitocr.native.handles import NO_LIMITS, Limits
from bitocr.native.image import MAX_WIDTH, natural_width, prepare
from bitocr.native.pages import read_boxes
from conftest import CHARSET, Result, picture
from test_engine_ctc import letter_count

Run = Callable[..., Result]
SLOPE, OFFSET = 0.7, 0.5
#: Noise, in which every view reads something else, and narrow noise, of which the first two views agree.
IMAGES = [picture(seed, 32, 60 + 8 * seed) for seed in range(24)] + [picture(seed, 32, 36) for seed in (0, 10, 47, 92)]


MIN_WIDTH = 16  # bitocr.h
#: Tenths of the usual width, -1 if dark and light are exchanged, and hundredths cut off above and below.
VIEWS = (
    (10, 1, 0, 0), (9, 1, 0, 0), (12, -1, 8, 8), (8, 1, 0, 0), (11, -1, 0, 0), (12, 1, 8, 8),
    (11, 1, 10, 0), (13, 1, 0, 0), (12, -1, 0, 10), (10, 1, 0, 10), (13, -1, 8, 8), (11, -1, 10, 0),
)  # fmt: skip


class View(NamedTuple):
    """The text of one view, and the view's probability of each text, ignoring case and spaces."""

    result: dict[str, Any]
    shares: dict[str, float]

    @property
    def text(self) -> str:
        return normalise_line(self.result["text"])


def sure_model(charset: str, sureness: float, seed: int = 0) -> bytes:
    """A calibrated random model with probabilities of all sizes."""
    header = {**random_model.header(charset), "calibration": {"slope": SLOPE, "offset": OFFSET}}
    tensors = random_model.tensors(header, seed)
    return bitfile.dump(header, {**tensors, "head.scale": sureness * tensors["head.scale"]})


@pytest.fixture(scope="module")
def model() -> bytes:
    return sure_model(CHARSET, 40)


def inputs(image: np.ndarray, on_page: bool = False) -> list[np.ndarray]:
    """The network's inputs for an image in all views. Nothing is cut off a page's line."""
    height, width = image.shape
    usual, found = natural_width(width, height), []
    for tenths, sign, above, below in VIEWS:
        wanted = usual if tenths == 10 else min(max(usual * tenths // 10 // -4 * -4, MIN_WIDTH), MAX_WIDTH)
        rows = image if on_page else image[height * above // 100 : height - height * below // 100]
        found.append(sign * prepare(rows, wanted))
    return found


def is_code(text: str) -> bool:
    """Whether words with digits or signs of paths make up more than half of it."""
    codes = [bool(set(word) & set("0123456789\\/@_")) for word in text.split(" ")]
    lengths = [len(word) + 1 for word in text.split(" ")]
    return sum(n for n, code in zip(lengths, codes, strict=True) if code) > sum(lengths) / 2


def elected(views: list[View]) -> dict[str, Any]:
    """The reading with the highest mean probability and, of equal texts, the case and spaces with the highest one.

    It has the confidence of the mean."""
    means = [np.mean([view.shares.get(candidate.text, 0.0) for view in views]) for candidate in views]
    spellings: dict[str, float] = defaultdict(float)
    for view in views:
        spellings[view.result["text"]] += view.shares[view.text]
    best = max(
        range(len(views)), key=lambda k: (means[k], spellings[views[k].result["text"]], views[k].shares[views[k].text])
    )
    return {**views[best].result, "confidence": float(sigmoid(SLOPE * logit(np.array(means[best])) + OFFSET))}


NOTHING = {"text": "", "chars": [], "angle": 0}
GUESSED = 0.48  # one character of less confidence is left out
HOPELESS, CLEAR = 0.55, 0.8  # mean scores below which a line of a page is looked at once, and FEW times
FEW = 3
USUAL = 5
LONG = 12  # the readings of a longer line settle it as soon as any two agree
LEGIBLE = 0.9  # the mean score of a long text that is not tried upside down
VERY_LONG = 24  # a longer line is looked at FEW times, if it is no code


def mean_score(result: dict[str, Any]) -> float:
    return float(np.mean([score for _, score, _ in result["chars"]] or [0]))


def looks(first: View, on_page: bool) -> int:
    """How many views there are at most."""
    if on_page and mean_score(first.result) < CLEAR:
        return FEW if mean_score(first.result) >= HOPELESS else 1
    if not on_page and is_code(first.result["text"]):
        return len(VIEWS)
    return FEW if len(first.result["chars"]) > VERY_LONG else USUAL


def expected(views: list[View], threshold: float, on_page: bool = False) -> dict[str, Any]:
    """The result of reading with this threshold."""
    found, is_long = elected(views[:1]), len(views[0].result["chars"]) > LONG
    for count in range(1, min(len(views), looks(views[0], on_page))):
        agree = len({view.text for view in views[:count]}) < count and (count == 2 or on_page or is_long)
        if found["confidence"] >= threshold or (agree and (on_page or not is_code(views[0].result["text"]))):
            break
        found = elected(views[: count + 1])
    is_guess = len(found["chars"]) == 1 and found["confidence"] < GUESSED
    return {**NOTHING, "confidence": 1 - found["confidence"]} if is_guess else found


def upside_down(data: bytes, image: np.ndarray, upright: dict[str, Any]) -> dict[str, Any]:
    """The reading of the picture upside down, if it is sure and twice as probable. Legible texts are not turned."""
    if len(upright["chars"]) > LONG and mean_score(upright) >= LEGIBLE:
        return upright
    turned = Engine(data).recognize([np.ascontiguousarray(np.rot90(image, 2))])[0]
    is_better = turned["confidence"] > max(0.6, 2 * upright["confidence"]) and len(turned["text"]) > 1
    return {**turned, "angle": 180} if is_better else upright


def noisy(text: str, seed: int) -> np.ndarray:
    """A small line of gray text in noise."""
    face = ImageFont.load_default(11)
    picture = Image.new("L", (int(face.getlength(text)) + 8, 21), 200)
    ImageDraw.Draw(picture).text((4, 2), text, 110, face)
    noise = np.random.default_rng(seed).normal(0, 8, (picture.height, picture.width))
    return np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)


def same(line: dict[str, Any], other: dict[str, Any], tolerance: float) -> bool:
    close = line["confidence"] == pytest.approx(other["confidence"], rel=tolerance)
    return close and {**line, "confidence": 0} == {**other, "confidence": 0}


def greedy_views(data: bytes, image: np.ndarray, limits: Limits = NO_LIMITS, on_page: bool = False) -> list[View]:
    engine = Engine(calibrated(data, {"slope": 1, "offset": 0}))
    outputs = [engine.logprobs(np.ascontiguousarray(view)) for view in inputs(image, on_page)]
    results = [engine.decode(output, image.shape[1], limits=limits) for output in outputs]
    return [View(result, {normalise_line(result["text"]): result["confidence"]}) for result in results]


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.7, 1.0])
def test_the_views_elect_a_text(model: bytes, threshold: float) -> None:
    lines = Engine(model, threads=2, reread=threshold).recognize(IMAGES)
    changed = 0
    for image, line in zip(IMAGES, lines, strict=True):
        views = greedy_views(model, image)
        upright = expected(views, threshold)
        assert same(line, upside_down(model, image, upright) if threshold else upright, 1e-4)
        changed += line["text"] != views[0].result["text"]
    assert (changed > 0) == (threshold > 0)
    assert changed < len(IMAGES)


def test_a_doubtful_character_is_no_text() -> None:
    """The rest of its confidence is that there is none."""
    data = sure_model("ab", 1.5, seed=1)
    images = [picture(seed, 32, 16) for seed in range(80)]
    kept = set()
    for image, line in zip(images, Engine(data, reread=0).recognize(images), strict=True):
        view = greedy_views(data, image)[0]
        assert same(line, expected([view], 0), 1e-4)
        kept.add((len(view.result["chars"]), bool(line["text"])))
    assert {(1, True), (1, False)} <= kept


@pytest.mark.parametrize("name", ["bricks", "corner", "lines", "stroke"])
def test_drawings_are_no_text(name: str) -> None:
    """Other views show a letter in them, or some strokes look like a sign."""
    picture = Path(__file__).parent / "data" / "blank" / f"{name}.png"
    line = Reader().read_line(picture)
    assert (line.text, line.chars) == ("", ())


@pytest.mark.parametrize("width", [90, 180, 260])
def test_a_few_letters_spread_over_a_wide_picture_are_no_text(width: int) -> None:
    images = [picture(seed, 32, width) for seed in range(24)]
    dashes, letters = (
        [line["text"] for line in Engine(sure_model(charset, 10, seed=3), reread=0).recognize(images)]
        for charset in ("-", "a")
    )
    expected = [("a" * len(text)) if 2 * width <= 5 * len(text) * 32 or len(text) > 3 else "" for text in dashes]
    assert letters == expected
    assert letters != [text.replace("-", "a") for text in dashes]
    assert any(letters)


def test_two_views_settle_a_long_line() -> None:
    data = calibrated(find("english").read_bytes(), {"slope": SLOPE, "offset": OFFSET})
    late = 0
    for seed in range(45):
        image = noisy(f"slowly unsure {111 * seed}"[(0, 3, 8)[seed % 3] :], seed)
        views = greedy_views(data, image)
        line = Engine(data, reread=1.0).recognize([image])[0]
        assert same(line, expected(views, 1.0), 1e-4)
        texts = [view.text for view in views]
        late += len(set(texts[:2])) == 2 and len(set(texts[:4])) < 4
    assert late > 2


def test_codes_have_all_views() -> None:
    """A text of words with a code among them has not."""
    data = calibrated(find("english").read_bytes(), {"slope": SLOPE, "offset": OFFSET})
    seen = {"more views": 0, "two agree": 0, "spelling": 0, "mostly words": 0}
    for seed in range(60):
        text = (f"Xk{37 * seed}-vO0o", f"l{seed} w 1I{77 * seed}", f"usually {seed}")[seed % 3]
        image = noisy(text, seed)
        views = greedy_views(data, image)
        line = Engine(data, reread=1.0).recognize([image])[0]
        assert same(line, expected(views, 1.0), 1e-4)
        if not is_code(views[0].result["text"]):
            seen["mostly words"] += any(c.isdigit() for c in line["text"])
            continue
        seen["more views"] += line["text"] != elected(views[:USUAL])["text"]
        seen["two agree"] += views[0].text == views[1].text and line["text"] != elected(views[:2])["text"]
        alike = [view for view in views if view.text == normalise_line(line["text"])]
        surest = max(alike, key=lambda view: view.shares[view.text])
        seen["spelling"] += surest.result["text"] != line["text"]
    assert all(seen.values()), seen


def test_two_views_settle_a_code_with_a_constraint() -> None:
    """And one never does: it may have the only text that the constraint allows."""
    data = calibrated(find("english").read_bytes(), {"slope": SLOPE, "offset": OFFSET})
    limits = ("0-9A-Za-z\\-", None, None)
    seen = {"one is sure": 0, "more differ": 0}
    for seed in range(40):
        image = noisy(f"Xk{37 * seed}-vO0o", seed)
        views = greedy_views(data, image, limits)
        line = Engine(data, reread=0.3).recognize([image], limits=limits)[0]
        if views[0].text == views[1].text:
            assert same(line, elected(views[:2]), 1e-4)
            seen["one is sure"] += views[0].result["confidence"] > 0.3
            seen["more differ"] += elected(views)["text"] != line["text"]
    assert all(seen.values()), seen


def test_a_very_long_line_has_three_views() -> None:
    data = calibrated(find("english").read_bytes(), {"slope": SLOPE, "offset": OFFSET})
    seen = {False: 0, True: 0}  # lines that more views would change, and whether they are very long
    for seed in range(24):
        image = noisy(f"slowly {7 * seed} unsure, very long"[: 22 if seed % 2 else None], seed)
        views = greedy_views(data, image)
        line = Engine(data, reread=1.0).recognize([image])[0]
        assert same(line, expected(views, 1.0), 1e-4)
        seen[len(views[0].result["chars"]) > VERY_LONG] += not same(elected(views[:USUAL]), elected(views[:FEW]), 1e-4)
    assert all(seen.values())


@pytest.mark.parametrize("sureness", [1.5, 2, 3, 6])
def test_unclear_lines_of_pages_have_fewer_views(sureness: float) -> None:
    data = sure_model(CHARSET, sureness)
    height, pad, pitch = 24, 3, 40  # of a box, what is read around it, and from one line to the next
    widths = [26 + i % 16 for i in range(60)]  # more than 40 lines: of fewer, unsure ones are tried in larger boxes
    noise = picture(0, pitch * len(widths), 64)
    corners = [(20, pitch * i + 8, 20 + width, pitch * i + 8 + height) for i, width in enumerate(widths)]
    boxes = np.array([[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, y0, x1, y1 in corners], np.float32)
    page = read_boxes(Engine(data, reread=1.0), noise, boxes, 0.0, is_upright=True)
    found = {line.quad[0][1] // pitch: line for line in page.lines}
    for i, (x0, y0, x1, y1) in enumerate(corners):
        views = greedy_views(data, np.ascontiguousarray(noise[y0 - pad : y1 + pad, x0 - pad : x1 + pad]), on_page=True)
        line = expected(views, 1.0, on_page=True)
        assert found[i].text.replace(" ", "") == line["text"].replace(" ", "")
        assert found[i].confidence == pytest.approx(line["confidence"], rel=1e-4)


def text_probabilities(logprobs: np.ndarray, charset: str) -> dict[str, float]:
    """The probability of every text: a prefix beam search that drops nothing."""
    ends = {"": (1.0, 0.0)}  # the probability of its paths that end in a blank, and in its last character
    for blank, *characters in np.exp(logprobs.astype(np.float64)):
        grown: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for text, (with_blank, with_last) in ends.items():
            grown[text][0] += (with_blank + with_last) * blank
            for character, p in zip(charset, characters, strict=True):
                again = text.endswith(character)
                grown[text + character][1] += (with_blank + (0 if again else with_last)) * p
                grown[text][1] += with_last * p if again else 0
        ends = {text: (with_blank, with_last) for text, (with_blank, with_last) in grown.items()}
    return {text: sum(pair) for text, pair in ends.items()}


def guided_views(data: bytes, charset: str, image: np.ndarray, words: list[str], bonus: float) -> list[View]:
    """With words, each text has its share of the total weight (probability times e^bonus)."""
    engine, views = Engine(data), []
    for data_of_view in inputs(image):
        logprobs = engine.logprobs(np.ascontiguousarray(data_of_view))
        worth = {
            text: p * np.exp(bonus * letter_count(text, set(words), charset))
            for text, p in text_probabilities(logprobs, charset).items()
        }
        shares = {text: value / sum(worth.values()) for text, value in worth.items()}
        result = engine.decode(logprobs, image.shape[1], beam=256, words=words, word_bonus=bonus)
        views.append(View(result, shares))
    return views


def test_a_beam_votes_for_texts_that_came_second_too() -> None:
    charset, words, bonus = "ab", ["ab", "bab"], 0.5
    data = sure_model(charset, 4, seed=2)  # which weighs up several texts
    images = [picture(seed, 32, 16) for seed in range(6)]
    lines = Engine(data, reread=1.0).recognize(images, 256, words, bonus)
    by_tops = 0
    for image, line in zip(images, lines, strict=True):
        views = guided_views(data, charset, image, words, bonus)
        assert same(line, expected(views, 1.0), 0.02)
        tops = [View(view.result, {view.text: view.shares[view.text]}) for view in views]
        by_tops += not same(line, expected(tops, 1.0), 0.02)
    assert by_tops > 0


def test_a_long_line_is_not_too_long_for_a_wider_view(model: bytes) -> None:
    image = picture(0, 32, MAX_WIDTH - 16)
    line = Engine(model, reread=1.0).recognize([image])[0]
    assert line["text"] in {view.result["text"] for view in greedy_views(model, image)}


def test_readers_and_the_command_line_hand_it_on(run: Run, model: bytes, tmp_path: Path) -> None:
    (tmp_path / "sure.bit").write_bytes(model)
    Image.fromarray(IMAGES[3]).save(tmp_path / "a.png")
    (tmp_path / "labels.tsv").write_text("a.png\tx\n", "utf-8")
    for threshold, arguments in ((0.8, []), (0.0, ["--reread", 0]), (1.0, ["--reread", 1])):
        reader = pickle.loads(pickle.dumps(Reader(model, reread=threshold if arguments else None)))
        line = reader.read_line(IMAGES[3])
        assert line.text == Engine(model, reread=threshold).recognize(IMAGES[3:4])[0]["text"]
        found = run("read", "--line", tmp_path / "a.png", "--model", tmp_path / "sure.bit", "--json", *arguments)
        assert found.json["text"] == line.text
        assert found.json["confidence"] == pytest.approx(line.confidence, abs=1e-4)


def test_the_default_is_what_the_help_says(model: bytes) -> None:
    lines = Reader(model).read_lines(IMAGES)
    assert lines == Reader(model, reread=REREAD_BELOW).read_lines(IMAGES)
    assert all(lines != Reader(model, reread=other).read_lines(IMAGES) for other in (0.7, 0.85))


def test_a_model_without_calibration_reads_once() -> None:
    data = random_model.model(CHARSET)
    assert Reader(data).read_lines(IMAGES) == Reader(data, reread=0).read_lines(IMAGES)


@pytest.mark.parametrize("threshold", [-0.1, -2, 1.1, float("nan")])
def test_wrong_thresholds(model: bytes, threshold: float) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        Reader(model, reread=threshold)


def test_it_takes_a_calibrated_model() -> None:
    with pytest.raises(UsageError, match="bitocr calibrate"):
        Reader(random_model.model(CHARSET), reread=0.5)
