"""Rendering with the bundled face: always the same, never empty, with every character."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bitocr import cli
from bitocr.errors import UsageError
from bitocr.lab.data.charset import ENGLISH, Charset
from bitocr.lab.data.datasets import read_samples
from bitocr.lab.data.synth import KINDS, Renderer, effects, scan, scene
from bitocr.lab.data.synth.document_text import DocumentText
from bitocr.lab.data.synth.faces import FALLBACK, Face, describe, open_face
from bitocr.lab.data.synth.layout import Setting, set_text
from bitocr.lab.data.synth.scene_text import SceneText

FACES = describe([Face(str(FALLBACK), 0, "Cabin", "Regular")])


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_and_index_give_the_same_image(kind: str) -> None:
    first, second = Renderer(kind, seed=4, fonts=FACES), Renderer(kind, seed=4, fonts=FACES)
    second.render(99)  # what was rendered before does not matter
    for index in range(20):
        (image, text), (again, same) = first.render(index), second.render(index)
        assert text == same
        np.testing.assert_array_equal(image, again)
    other = Renderer(kind, seed=5, fonts=FACES)
    assert [other.render(i)[1] for i in range(20)] != [first.render(i)[1] for i in range(20)]


@pytest.mark.parametrize("kind", KINDS)
def test_images_and_texts_are_sound(kind: str) -> None:
    renderer, charset = Renderer(kind, seed=1, fonts=FACES), Charset()
    for index in range(300):
        image, text = renderer.render(index)
        assert image.dtype == np.uint8
        assert image.ndim == 2
        assert 8 <= image.shape[0] <= 72
        assert 4 <= image.shape[1] <= 2000
        assert image.std() >= 6
        assert text == text.strip()
        assert 1 <= len(text) <= 64
        assert charset.covers(text)


def test_every_character_is_seen_often_enough() -> None:
    rng, scene_text, document_text = np.random.default_rng(0), SceneText(), DocumentText()
    texts = [scene_text(rng) for _ in range(12_000)]
    texts += [document_text(rng, genre) for genre in ("receipt", "form", "book") for _ in range(2_500)]
    counts = Counter("".join(texts))
    assert set(counts) == set(ENGLISH)
    assert min(counts.values()) >= len(texts) / 1000
    assert all("  " not in text for text in texts)


def test_an_unknown_kind() -> None:
    with pytest.raises(UsageError, match="choose one of mix, words, lines"):
        Renderer("pages", fonts=FACES)


def test_fonts_that_do_not_suffice() -> None:
    lacking = Face(str(FALLBACK), 0, "Cabin", "Regular", missing=ENGLISH[1:])
    with pytest.raises(UsageError, match="these fonts lack"):
        Renderer("words", fonts=[lacking]).render(0)


def ink(text: str = "Ink", size: int = 30) -> np.ndarray:
    mask = set_text(np.random.default_rng(0), open_face(str(FALLBACK), 0, size), text, Setting())
    return np.pad(mask, 4)


def test_letters_stand_out_from_their_ground() -> None:
    mask = ink()
    for seed in range(200):
        picture = scene.compose(np.random.default_rng(seed), mask).astype(float)
        assert picture.shape == mask.shape
        assert picture.std() > 3


@pytest.mark.parametrize("scanner", [scan.clean, scan.gray, scan.thermal, scan.binarised])
def test_scans_are_dark_on_light(scanner: scan.Scanner) -> None:
    mask = ink("Receipt")
    for seed in range(30):
        page = scanner(np.random.default_rng(seed), mask).astype(float)
        assert page[mask > 200].mean() < page[mask == 0].mean() - 20


@pytest.mark.parametrize("effect", [effect for effect, _ in effects.CAMERA], ids=lambda effect: effect.__name__)
@pytest.mark.parametrize("shape", [(8, 4), (32, 100), (72, 2000)])
def test_effects_take_every_size(effect: effects.Effect, shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    before = image.copy()
    out = effect(np.random.default_rng(1), image)
    assert out.dtype == np.uint8
    assert out.ndim == 2
    assert min(out.shape) >= 4
    np.testing.assert_array_equal(image, before)


def test_settings() -> None:
    rng, font = np.random.default_rng(0), open_face(str(FALLBACK), 0, 30)
    plain = set_text(rng, font, "a b", Setting())
    assert set_text(rng, font, "a b", Setting(tracking=0.3)).shape[1] > plain.shape[1] + 10
    assert set_text(rng, font, "a b", Setting(gap=3)).shape[1] > plain.shape[1] + 10
    assert set_text(rng, font, "a b", Setting(stretch=0.5)).shape[1] == round(plain.shape[1] / 2)
    assert set_text(rng, font, "a b", Setting(initial=1.5)).shape[1] > plain.shape[1]
    assert set_text(rng, font, "a b", Setting(stroke=0.05)).mean() > plain.mean()
    assert set_text(rng, font, "   ", Setting()).size == 0
    assert set(np.unique(set_text(rng, font, "a b", Setting(mode="1")))) <= {0, 255}


@pytest.fixture
def _bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitocr.lab.data.synth.fonts.find_faces", lambda: FACES)


@pytest.mark.usefixtures("_bundled")
@pytest.mark.parametrize("option", [[], ["--lmdb"]])
def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    out = tmp_path / "out"
    arguments = ["synth", str(out), "--count", "5", "--seed", "2", "--kind", "words", *option]
    assert cli.run(arguments) == 0
    assert "5 images" in capsys.readouterr().out
    expected = [Renderer("words", 2, FACES).render(i) for i in range(5)]
    for (image, text), (drawn, written) in zip(read_samples(out), expected, strict=True):
        assert text == written
        np.testing.assert_array_equal(image, drawn)
    assert cli.run(arguments) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--count", "0"], ["--count", "x"], ["--count", "1", "--kind", "poems"], []])
def test_wrong_usage_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert cli.run(["synth", str(tmp_path / "out"), *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out.part").exists()
