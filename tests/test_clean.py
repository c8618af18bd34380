"""Cleaning pages: what each step removes and what it keeps, and odd pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import bitocr
from bitocr.cleaning import Steps, cleaned, suited
from bitocr.errors import ImageError, UsageError
from conftest import Result

Gray = NDArray[np.uint8]
TEXT = "The quick brown fox, i.e. a vulpine, jumps over it.\n" * 2


def page(width: int = 620, height: int = 400) -> Image.Image:
    """Eight lines of black text on white paper."""
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    for row in range(4):
        pen.multiline_text((60, 40 + 80 * row), TEXT, 0, ImageFont.load_default(18), spacing=14)
    return image


def ink(array: Gray) -> int:
    return int((array < 128).sum())


def specks(rng: np.random.Generator, shape: tuple[int, int], count: int) -> NDArray[np.bool_]:
    out = np.zeros(shape, bool)
    for y, x in zip(rng.integers(0, shape[0] - 3, count), rng.integers(0, shape[1] - 3, count), strict=True):
        out[y : y + rng.integers(1, 4), x : x + rng.integers(1, 4)] = True
    return out


@pytest.mark.parametrize("degrees", [0.2, 7.3, -2.55, 14.6, -15])
def test_deskew_is_exact_to_a_tenth_of_a_degree(degrees: float) -> None:
    tilted = page().rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    noise = np.random.default_rng(0).normal(0, 8, (tilted.height, tilted.width))
    noisy = np.clip(np.asarray(tilted) + noise, 0, 255).astype(np.uint8)
    level, angle = cleaned(noisy, Steps(deskew=True))
    assert angle == pytest.approx(degrees, abs=0.1)
    assert abs(cleaned(level, Steps(deskew=True))[1]) <= 0.1
    assert ink(level) == pytest.approx(ink(noisy), rel=0.1)
    assert level[0].min() > 200


@pytest.mark.parametrize("name", ["level text", "noise", "white", "leaves"])
def test_what_does_not_lean_is_not_turned(name: str) -> None:
    rng = np.random.default_rng(1)
    blots = Image.fromarray(rng.integers(0, 256, (40, 50), np.uint8)).resize((500, 400), Image.Resampling.BICUBIC)
    pictures = {
        "level text": np.asarray(page()),
        "noise": rng.integers(0, 256, (400, 500), np.uint8),
        "white": np.full((400, 500), 255, np.uint8),
        "leaves": np.asarray(blots),
    }
    out, angle = cleaned(pictures[name], Steps(deskew=True))
    assert angle == 0
    np.testing.assert_array_equal(out, pictures[name])


def test_rules_vanish_and_letters_stay() -> None:
    text = page()
    ruled = text.copy()
    pen = ImageDraw.Draw(ruled)
    for y in (30, 110, 192, 390):  # between lines of text, and one through the lower ends of its letters
        pen.line((20, y, 600, y), 0, 2)
    for x in (20, 600):
        pen.line((x, 30, x, 390), 0, 3)
    pen.rectangle((300, 340, 500, 380), 0)  # no rule: too thick
    out = bitocr.clean(ruled, remove_rules=True)
    box = np.s_[338:383, 298:503]
    expected = np.asarray(text).copy()
    expected[box] = np.asarray(ruled)[box]
    assert ink(np.asarray(ruled)) > 1.2 * ink(expected)
    assert ((out < 128) != (expected < 128)).sum() < 0.01 * ink(expected)
    np.testing.assert_array_equal(bitocr.clean(text, remove_rules=True), text)


def test_rules_are_not_cut_out_of_letters_that_touch_them() -> None:
    text = np.asarray(page())
    rows = np.flatnonzero((text < 128).any(1))
    bottom = int(rows[np.flatnonzero(np.diff(rows) > 1)[0]])  # of the first line's descenders
    ruled = text.copy()
    ruled[bottom - 3 : bottom - 1, 40:580] = 0  # through p, q and j
    out = bitocr.clean(ruled, remove_rules=True)
    lost = (text[: bottom + 1] < 128) & (out[: bottom + 1] >= 128)
    assert lost.sum() < 12
    assert ink(out) < ink(text) + 0.4 * (ink(ruled) - ink(text))


def test_noise_goes_and_dots_stay() -> None:
    rng = np.random.default_rng(2)
    text = np.asarray(page())
    noisy = np.where(rng.random(text.shape) < 0.01, 0, text).astype(np.uint8)
    noisy[specks(rng, text.shape, 150)] = 0
    out = bitocr.clean(noisy, denoise=True)
    away = np.asarray(Image.fromarray(text).resize((62, 40)).resize((620, 400), Image.Resampling.BOX)) > 254
    away[:, 40:560] = False  # margins, far from text
    assert ink(noisy[away]) > 300
    assert ink(out[away]) < 0.05 * ink(noisy[away])
    still = bitocr.clean(text, denoise=True)
    assert ((still < 128) != (text < 128)).sum() < 0.004 * ink(text)


def test_paper_becomes_white_and_black_and_white_text_stays() -> None:
    text = np.asarray(page())
    light = np.linspace(0.35, 1, text.shape[1])[None] * np.linspace(0.8, 1, text.shape[0])[:, None]
    uneven = (text * 0.9 * light + 15).astype(np.uint8)
    white = bitocr.clean(uneven, normalize=True)
    paper = text == 255
    assert np.ptp(uneven[paper].astype(int)) > 100
    assert np.percentile(white[paper], 2) > 235
    sauvola, otsu = (bitocr.clean(uneven, binarize=name) for name in ("sauvola", "otsu"))
    for array in (sauvola, otsu):
        assert set(np.unique(array)) == {0, 255}
    wrong = [((array < 128) != (text < 128)).mean() for array in (sauvola, otsu)]
    assert wrong[0] < 0.01 < 0.2 < wrong[1]
    assert ((bitocr.clean(text, binarize="otsu") < 128) != (text < 128)).mean() < 0.005
    dark = 255 - text
    np.testing.assert_array_equal(bitocr.clean(dark, normalize=True), dark)


def test_no_step_is_gray() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    expected = (rgb.astype(int) @ [77, 150, 29] + 128) >> 8
    np.testing.assert_array_equal(bitocr.clean(rgb), expected)


ALL = [*(Steps.parse(name) for name in "normalize denoise deskew remove-rules otsu sauvola".split())]
ALL.append(Steps(True, True, True, True, "sauvola"))


@pytest.mark.parametrize("shape", [(1, 1), (1, 50000), (50000, 1), (2, 3), (33, 35), (3000, 40), (40, 3000, 4)])
@pytest.mark.parametrize("fill", ["noise", "white", "black"])
def test_odd_pictures(shape: tuple[int, ...], fill: str) -> None:
    rng = np.random.default_rng(0)
    array = (
        rng.integers(0, 256, shape, np.uint8) if fill == "noise" else np.full(shape, 255 * (fill == "white"), np.uint8)
    )
    for steps in ALL:
        out, _ = cleaned(array, steps)
        assert (out.dtype, out.ndim) == (np.uint8, 2)
        assert out.shape == shape[:2] or steps.deskew
        if fill == "white":
            assert (out == 255).all()


def test_wrong_arguments() -> None:
    with pytest.raises(UsageError, match="'otsu' or 'sauvola'"):
        bitocr.clean(page(), binarize="niblack")  # type: ignore[arg-type]
    with pytest.raises(ImageError, match="no pixels"):
        bitocr.clean(np.zeros((0, 5), np.uint8))
    with pytest.raises(UsageError, match="there is no cleaning step 'sharpen'"):
        Steps.parse("deskew,sharpen")
    assert Steps.parse("remove-rules,otsu") == Steps(remove_rules=True, binarize="otsu")


# ---- reading ----


def test_what_is_read_after_cleaning_lies_where_it_was(tmp_path: Path) -> None:
    tilted = page().rotate(-5, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    reader = bitocr.Reader()
    plain, mended = reader.read(tilted), reader.read(tilted, clean="deskew,denoise")
    assert (mended.width, mended.height) == tilted.size
    assert mended.angle == pytest.approx(5, abs=0.3)
    assert len(mended.lines) == len(plain.lines) == 8
    for one, other in zip(plain.lines, mended.lines, strict=True):
        np.testing.assert_allclose(one.quad, other.quad, atol=9)
    chars = [char.quad for line in mended.lines for word in line.words for char in word.chars]
    assert all(-2 <= x <= tilted.width + 2 and -2 <= y <= tilted.height + 2 for quad in chars for x, y in quad)
    assert reader.read(tilted, clean="none") == plain
    assert [p.text for p in reader.read_pages([tilted], clean=Steps(deskew=True))] == [
        reader.read(tilted, "deskew").text
    ]
    with pytest.raises(UsageError, match="no cleaning step"):
        reader.read(tilted, clean="polish")


def test_auto_denoises_what_is_noisy() -> None:
    text = np.asarray(page())
    noisy = np.where(np.random.default_rng(0).random(text.shape) < 0.01, 0, text).astype(np.uint8)
    assert suited(text) == suited(text[:2]) == suited(text[:, :1]) == Steps()
    for array in (noisy, np.stack([noisy] * 3, -1), noisy[:, :, None]):
        assert suited(array) == Steps(denoise=True)
    reader = bitocr.Reader()
    assert reader.read(noisy, clean="auto") == reader.read(noisy, clean="denoise") != reader.read(noisy)
    assert reader.read(text, clean="auto") == reader.read(text)


# ---- the command line ----

Run = Callable[..., Result]


def test_the_command(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "a.png", tmp_path / "out.png"
    page().save(path)
    assert run("clean", path, out, "--binarize", "sauvola", "--deskew") == (0, "", "")
    np.testing.assert_array_equal(np.asarray(Image.open(out)), bitocr.clean(path, binarize="sauvola", deskew=True) > 0)
    data = io.BytesIO()
    page().save(data, "TIFF", save_all=True, append_images=[page(300, 200)])
    assert run("clean", "-", tmp_path / "out.tif", "--denoise", stdin=data.getvalue()).code == 0
    pages: Any = Image.open(tmp_path / "out.tif")
    assert pages.n_frames == 2
    assert run("clean", "-", out, "--denoise", stdin=data.getvalue()).err.endswith("out.png holds one\n")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["{}", "out.png"], "nothing to do: give --normalize"),
        (["{}", "out.txt", "--deskew"], "OUT is a file to write"),
        (["none.png", "out.png", "--deskew"], "none.png: No such file"),
        (["{}", "none/out.png", "--deskew"], "cannot write none/out.png: No such file or directory"),
        (["{}", "out.png", "--binarize", "magic"], "--binarize"),
        (["{}", "out.png", "--deskew", "--max-pixels", "9"], "too large"),
    ],
)
def test_wrong_usage(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    page(60, 50).save("a.png")
    result = run("clean", *(word.format("a.png") for word in argv))
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
    assert not (tmp_path / "out.png").exists()
