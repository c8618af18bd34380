"""Hard and blank pictures: valid, always the same, labelled with what is printed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from bitocr.errors import UsageError
from bitocr.lab.config.data import Source
from bitocr.lab.data.charset import ENGLISH, SIGNS, Charset, open_charset
from bitocr.lab.data.stream import TextStream
from bitocr.lab.data.synth import codes, geometry, open_renderer, open_source
from bitocr.lab.data.synth.blank import blank
from bitocr.lab.data.synth.english import English
from bitocr.lab.data.synth.faces import FALLBACK, Face, describe
from bitocr.lab.data.synth.foreign import ForeignText, unwritable
from bitocr.lab.data.synth.hard import HardRenderer, shrunk
from bitocr.lab.data.synth.rules import add_rules
from bitocr.lab.data.synth.words import WordList

FACES = describe([Face(str(FALLBACK), 0, "Cabin", "Regular")])
WITH_SIGNS = open_charset("english-signs")


@pytest.fixture(autouse=True)
def _bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitocr.lab.data.synth.fonts.find_faces", lambda: FACES)


@pytest.mark.parametrize("charset", [Charset(), WITH_SIGNS], ids=["ascii", "signs"])
def test_hard_pictures_are_sound(charset: Charset) -> None:
    renderer, again = (HardRenderer(3, FACES, charset) for _ in range(2))
    seen = Counter[str]()
    for index in range(400):
        image, text = renderer.render(index)
        assert (image.dtype, image.ndim) == (np.uint8, 2)
        assert 8 <= image.shape[0] <= 72
        assert 4 <= image.shape[1] <= 2000
        assert 1 <= len(text) <= 64
        assert text == text.strip()
        assert charset.covers(text)
        seen.update(text)
        if index < 30:
            same, label = again.render(index)
            np.testing.assert_array_equal(image, same)
            assert label == text
    assert len(set(seen) & set(ENGLISH)) > 80
    assert (len(set(seen) & set(SIGNS)) > 8) == (charset is WITH_SIGNS)


def test_labels_have_signs_where_the_charset_has_them() -> None:
    plain, signed = English(FACES), English(FACES, charset=WITH_SIGNS)
    rng = np.random.default_rng(0)
    texts = {name: "".join(each.text(rng, "book") for _ in range(600)) for name, each in (("a", plain), ("b", signed))}
    assert not set(texts["a"]) & set(SIGNS)
    assert set("“”‘’—…€") <= set(texts["b"])
    assert signed.drawn(rng, FACES[0], '"a--b"', '"a--b"') == '"a--b"'


def test_foreign_letters_are_labelled_by_lot() -> None:
    """Never themselves: sometimes a plain letter, sometimes anything else. English letters are labelled as printed."""
    text, rng = ForeignText(FACES, charset=WITH_SIGNS), np.random.default_rng(0)
    plain = foreign = 0
    for _ in range(400):
        drawn = text.text(rng, "form")
        foreign += not WITH_SIGNS.covers(drawn)
        label = text.label(FACES[0], drawn)
        assert WITH_SIGNS.covers(label)
        assert text.label(FACES[0], drawn) == label
        plain += label == "".join(unicodedata.normalize("NFKD", c)[0] for c in drawn)
        for word in drawn.split():
            if word.isascii():
                assert word in label
    assert foreign > 390
    assert 20 < plain < 160
    for letter in "éжΩ":
        lots = [unwritable(rng, letter) for _ in range(200)]
        assert len(set(lots)) > 20
        assert "" in lots
        assert lots.count("e") > 50 or letter != "é"


def test_foreign_pictures_have_letters_that_their_face_draws() -> None:
    draw = open_source(Source(weight=1, synth="foreign"), 3, WITH_SIGNS)
    first, again = (draw(np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1] == again[1]
    text = ForeignText(FACES)
    assert text.face(np.random.default_rng(0), "form", "Café") == FACES[0]
    assert text.face(np.random.default_rng(0), "form", "жар") is None


def test_blank_pictures_say_nothing() -> None:
    rng, tones = np.random.default_rng(0), []
    for _ in range(400):
        image, text = blank(rng)
        assert text == ""
        assert (image.dtype, image.ndim) == (np.uint8, 2)
        assert 8 <= image.shape[0] <= 64
        tones.append(image.std())
    assert min(tones) == 0
    assert max(tones) > 60


SHAPES: dict[Callable[[np.random.Generator], str], str] = {
    codes.serial: "[A-Z0-9]{5,18}",
    codes.key: "[A-Z0-9]{4,5}(-[A-Z0-9]{4,5}){2,4}",
    codes.hexadecimal: "[0-9a-f]{6,32}",
    codes.iban: "[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,26}",
    codes.mac: "([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}",
    codes.ip: r"\d{1,3}(\.\d{1,3}){3}(:\d+)?",
    codes.version: r"(v|V|Ver\. |r)?\d+(\.\d+)+\S*",
    codes.path: r"(C:|~|\.)?([/\\][a-z]+)+(\.\w+)*",
}


@pytest.mark.parametrize("code", SHAPES, ids=lambda code: code.__name__)
def test_codes_have_their_shape(code: Callable[[np.random.Generator], str]) -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        assert re.fullmatch(SHAPES[code], code(rng))


def test_addresses() -> None:
    rng = np.random.default_rng(2)
    made = [codes.address(rng, WordList(("word", "other"), np.array([0.5, 0.5]), 1.0)) for _ in range(300)]
    assert any("@" in each for each in made)
    assert any(each.startswith("https://www.") for each in made)
    assert all("." in each and " " not in each for each in made)


def test_rules_only_add_ink() -> None:
    ink = np.zeros((32, 100), np.uint8)
    ink[10:22, 20:80] = 90
    before = ink.copy()
    for seed in range(100):
        ruled = add_rules(np.random.default_rng(seed), ink)
        assert (ruled >= ink).all()
        assert (ruled > ink).any()
    np.testing.assert_array_equal(ink, before)


@pytest.mark.parametrize("matrix", [geometry.turned, geometry.slanted])
def test_warps_keep_the_text_readable(matrix: Callable[..., np.ndarray]) -> None:
    """The text stays left to right and upright, and the middle line rises by less than two heights and a half."""
    for seed in range(100):
        warp = matrix(np.random.default_rng(seed), 200, 30)
        left, right, top = (warp @ np.array([x, y, 1.0]) for x, y in ((0, 15), (200, 15), (0, 0)))
        left, right, top = (point[:2] / point[2] for point in (left, right, top))
        assert right[0] > left[0] + 60
        assert abs(right[1] - left[1]) < 2.5 * 30 + 40
        assert top[1] < left[1]


def test_small_pictures_have_few_rows_or_look_so() -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 200), np.uint8)
    rows = Counter(shrunk(np.random.default_rng(seed), image).shape[0] for seed in range(100))
    assert set(rows) <= {*range(10, 17), 48}
    assert 20 < rows[48] < 70


def test_only_english_has_hard_pictures() -> None:
    with pytest.raises(UsageError, match="English"):
        open_renderer(Source(weight=1, synth="hard", language="chinese"), 0, WITH_SIGNS)


def test_a_batch_has_a_text_at_least() -> None:
    sources = [Source(weight=20, synth="blank"), Source(weight=1, synth="words")]
    batches = iter(TextStream(sources, WITH_SIGNS, columns=64, reuse=1, seed=1))
    for _ in range(20):
        batch = next(batches)
        assert batch.targets.numel() == batch.lengths.sum() > 0
