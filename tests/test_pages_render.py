"""Rendered pages: there is ink where their lines are, and the targets of the detector are right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2")

from bitocr.errors import UsageError
from bitocr.lab.data.pages import cells, clutter, shards
from bitocr.lab.data.pages.camera import moved
from bitocr.lab.data.pages.crops import Cropping, crop
from bitocr.lab.data.pages.lines import Line, resampled, upright
from bitocr.lab.data.pages.pens import Pen, Pens
from bitocr.lab.data.pages.real import RealLines, line_in, open_real
from bitocr.lab.data.pages.receipt import item_columns
from bitocr.lab.data.pages.renderer import LAYOUTS, SIZE, PageRenderer, RenderedPage, seen, shown
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.targets import ALONG, GAP, HEIGHT, KERNEL, KNOWN, TEXT, targets
from bitocr.lab.data.pages.writing import write
from bitocr.lab.data.synth.english import English
from bitocr.lab.data.synth.faces import FALLBACK, Face, describe
from labelled import write_pictures

LATIN = Face(str(FALLBACK), 0, "Cabin", "Regular")
WHOLE = np.array([[0, 1]], np.float32)


@pytest.fixture(scope="module")
def pen() -> Pen:
    (face,) = describe([LATIN])
    return Pen(face, face.open(40), 40, is_han=False)


def page_with(*lines: Line, tone: int = 200, side: int = 128) -> RenderedPage:
    return RenderedPage("form", np.full((side, side), tone, np.uint8), list(lines))


def maps_of(*lines: Line, side: int = 128) -> np.ndarray:
    edges = np.stack([resampled(line.edges, np.linspace(0, 1, 9)) for line in lines])
    return targets(edges, [line.words for line in lines], np.array([line.legible for line in lines]), side)


@pytest.mark.parametrize("tracking", [0.0, 8.0])
def test_a_writing_is_its_ink(pen: Pen, tracking: float) -> None:
    writing = write(pen, "Hill no. 9", tracking)
    assert writing is not None
    columns, rows = (np.any(writing.ink > 50, axis) for axis in (0, 1))
    assert columns[[0, -1]].all()
    assert rows[[0, -1]].all()
    assert len(writing.words) == 3
    for start, end in writing.words.astype(int):
        assert columns[[start, end - 1]].all()
    for (_, end), (start, _) in zip(writing.words.astype(int), writing.words[1:].astype(int), strict=False):
        assert not columns[end:start].any()


def test_no_more_is_written_than_fits(pen: Pen) -> None:
    whole, part = write(pen, "one two three"), write(pen, "one two three", limit=150)
    assert whole is not None
    assert part is not None
    assert part.width <= 150 < whole.width
    assert len(part.words) == 2


def test_wide_spaces_part_lines(pen: Pen) -> None:
    sheet = Sheet(np.full((100, 600), 250.0, np.float32))
    for spacing, count in ((1.0, 1), (9.0, 2)):
        sheet.lines.clear()
        writing = write(pen, "left right", spacing=spacing)
        assert writing is not None
        sheet.write(writing, 10, 20, 0.0)
        assert len(sheet.lines) == count
        for line in sheet.lines:
            (left, top), (right, bottom) = line.edges.reshape(-1, 2).min(0), line.edges.reshape(-1, 2).max(0)
            ink = sheet.pixels[int(top) : int(bottom), int(left) : int(right)] < 200
            assert all(np.any(ink, axis)[[0, -1]].all() for axis in (0, 1))


def test_kernel_height_gap_and_text_of_a_line() -> None:
    words = np.array([[0, 0.4], [0.6, 1]], np.float32)
    maps = maps_of(upright(8, 40, 120, 72, words))
    text, kernel = maps[TEXT] > 0, maps[KERNEL] > 0
    assert text.sum() == (112 // 4) * (32 // 4)
    assert np.flatnonzero(kernel.any(1)).tolist() == [12, 13, 14, 15]  # of rows 10 to 17
    assert np.flatnonzero(kernel.any(0)).tolist() == list(range(4, 28))  # a quarter of the height less at each end
    assert np.unique(maps[HEIGHT][text]) == pytest.approx([1.0])
    gap = (maps[GAP] > 0) & kernel
    assert 12 <= np.flatnonzero(gap.any(0)).min() <= np.flatnonzero(gap.any(0)).max() <= 19
    assert (maps[ALONG][kernel] > 0).all()
    assert maps[KNOWN].all()


@pytest.mark.parametrize(("line", "learned"), [
    (upright(8, 40, 120, 52, WHOLE), True),
    (upright(8, 40, 120, 44, WHOLE), False),  # too low
    (Line(upright(8, 40, 120, 52, WHOLE).edges, WHOLE, legible=False), False),
    (upright(200, 40, 300, 52, WHOLE), True),  # elsewhere
])  # fmt: skip
def test_what_is_not_known_is_not_learned(line: Line, learned: bool) -> None:
    maps = maps_of(line)
    assert bool(maps[KNOWN].all()) == learned
    if not learned:
        assert not maps[KERNEL].any()


@pytest.mark.parametrize("height", [8, 10, 14, 20, 40])
@pytest.mark.parametrize("width", [0.2, 0.5, 0.9])
def test_a_lone_digit_has_a_kernel_that_can_be_found(height: int, width: float) -> None:
    for shift in range(4):
        maps = maps_of(upright(50 + shift, 50, 50 + shift + width * height, 50 + height, WHOLE))
        columns = np.flatnonzero(maps[KERNEL].any(0))
        assert maps[KERNEL].sum() >= 2
        assert 0.5 * height - 4 <= 4 * len(columns) <= max(8, 0.5 * height) + 4
        middle = 50 + shift + width * height / 2
        assert abs(4 * columns.mean() + 2 - middle) <= 2


def test_lines_close_to_each_other_keep_their_kernels_apart() -> None:
    maps = maps_of(*(upright(8, 10 + 13 * i, 120, 21 + 13 * i, WHOLE) for i in range(6)))
    rows = maps[KERNEL].any(1).astype(int)
    assert np.abs(np.diff(np.r_[0, rows, 0])).sum() == 12


def test_archives_keep_pages(tmp_path: Path) -> None:
    curve = Line(upright(8, 40, 120, 72, WHOLE).edges, WHOLE, legible=False)
    line = upright(8, 8, 100, 30, np.array([[0, 0.5], [0.6, 1]], np.float32))
    pages = [page_with(tone=90), page_with(line, curve), page_with(tone=9)]
    (tmp_path / "a.npz").write_bytes(shards.pack(pages))
    stored = shards.unpack(tmp_path / "a.npz")
    assert [len(page.edges) for page in stored] == [0, 2, 0]
    for before, after in zip(pages, stored, strict=True):
        assert np.abs(before.pixels.astype(int) - after.pixels).max() < 3
    assert stored[1].legible.tolist() == [True, False]
    assert [len(words) for words in stored[1].words] == [2, 1]
    np.testing.assert_allclose(stored[1].edges[0, [0, -1]], pages[1].lines[0].edges[[0, -1]], atol=1e-4)


@pytest.mark.parametrize("bytes_", [b"", b"PK", b"\x00" * 64])
def test_a_damaged_archive_is_told(tmp_path: Path, bytes_: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(bytes_)
    with pytest.raises(UsageError, match="not an archive of rendered pages"):
        shards.unpack(tmp_path / "a.npz")


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("turned", [0.0, 1.0])
def test_a_crop_and_its_targets_are_of_the_same_place(tmp_path: Path, scale: float, turned: float) -> None:
    page = page_with(side=256)
    page.pixels[100:140, 40:216] = 0
    line = upright(40, 100, 216, 140, WHOLE)
    (tmp_path / "a.npz").write_bytes(shards.pack([RenderedPage("form", page.pixels, [line])]))
    (stored,) = shards.unpack(tmp_path / "a.npz")
    rng = np.random.default_rng(3)
    for _ in range(5):
        image, maps = crop(rng, stored, Cropping(128, (scale, scale), inverted=0.0, turned=turned))
        cells = image.reshape(32, 4, 32, 4).mean((1, 3))
        dark = cells < (int(image.min()) + int(image.max())) / 2
        if int(image.max()) - int(image.min()) > 60:
            assert (dark != (maps[TEXT] > 0)).mean() < 0.08


def test_lines_outside_are_not_seen() -> None:
    assert seen(upright(-20, 10, 20, 30, WHOLE))
    assert not seen(upright(-20, 10, -2, 30, WHOLE))


def test_points_follow_a_homography() -> None:
    shift = np.array([[1, 0, 5], [0, 2, 0], [0, 0, 1.0]])
    np.testing.assert_allclose(moved(shift, np.array([[1, 1], [2, 3]], np.float32)), [[6, 2], [7, 6]])


@pytest.fixture(scope="module")
def pens(tmp_path_factory: pytest.TempPathFactory) -> Pens:
    """Pens with one Latin face for everything, and a real line to paste in."""
    folder = tmp_path_factory.mktemp("real")
    labels = str(write_pictures(folder / "few", ["no 12", "long words"]) / "labels.tsv")
    english = English(describe([LATIN]))
    return Pens(
        real=open_real({"receipt": labels, "scene": labels}), languages={"english": english, "chinese": english}
    )


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_layout_is_drawn_the_same_again(pens: Pens, kind: str) -> None:
    first, again = (PageRenderer(3, shares={kind: 1.0}, pens=pens) for _ in range(2))
    pages = [first.render(index) for index in range(4)]
    assert all(page.kind == kind for page in pages)
    assert sum(len(page.lines) for page in pages) > 4
    for index in (3, 1):  # in another order
        page = again.render(index)
        np.testing.assert_array_equal(page.pixels, pages[index].pixels)
        for ours, theirs in zip(page.lines, pages[index].lines, strict=True):
            np.testing.assert_array_equal(ours.edges, theirs.edges)
    assert not np.array_equal(pages[0].pixels, pages[1].pixels)


def test_ink_is_where_lines_are(pens: Pens) -> None:
    """The lines of a form without clutter and camera, where everything else is rules."""
    inside = np.zeros((SIZE, SIZE), bool)
    sheet = LAYOUTS["receipt"](np.random.default_rng(5), Pens(languages=pens.languages), SIZE, "all")
    for line in sheet.lines:
        left, top, right, bottom = (
            int(v) for v in (*line.edges.reshape(-1, 2).min(0), *line.edges.reshape(-1, 2).max(0))
        )
        inside[max(0, top) : bottom, max(0, left) : right] = True
        box = sheet.pixels[max(0, top) : bottom, max(0, left) : right]
        assert not box.size or box.max() - box.min() > 20
    assert len(sheet.lines) > 5


@pytest.mark.parametrize("painter", clutter.ON_PAPER.items + clutter.IN_SCENES.items)
def test_clutter_leaves_something_and_no_line(painter: clutter.Painter) -> None:
    sheet = Sheet(np.full((200, 300), 230.0, np.float32))
    painter(np.random.default_rng(2), sheet, (20, 20, 280, 180), 30.0)
    assert sheet.pixels.min() < 200
    assert not sheet.lines


def test_a_real_crop_is_where_its_ink_is() -> None:
    crop = np.full((40, 200), 210, np.uint8)
    crop[10:30, 20:80] = crop[10:30, 120:180] = 40
    line = line_in(crop)
    assert line is not None
    np.testing.assert_allclose(line.edges.reshape(-1, 2).min(0), [20, 10])
    np.testing.assert_allclose(line.edges.reshape(-1, 2).max(0), [180, 30])
    np.testing.assert_allclose(line.words, [[0, 0.375], [0.625, 1]])
    assert line_in(np.full((20, 50), 200, np.uint8)) is None


def test_lone_letters_are_pasted_in_and_what_may_be_turned_is_not(tmp_path: Path) -> None:
    texts = {"7": (20, 10), "No": (20, 15), "upwards": (60, 20), "long words": (20, 90), "--": (20, 40), "I": (20, 2)}
    for text, size in texts.items():
        Image.fromarray(np.full(size, len(text), np.uint8)).save(tmp_path / f"{text}.png")
    (tmp_path / "labels.tsv").write_text("".join(f"{text}.png\t{text}\n" for text in texts))
    real = RealLines(tmp_path / "labels.tsv")
    assert sorted(int(crop.max()) for crop in real.crops) == [1, 2, 10]
    assert sorted(int(crop.max()) for crop in real.short) == [1, 2]
    rng = np.random.default_rng(1)
    assert {int(real.draw(rng, 20, is_short=True)[0].max()) for _ in range(40)} == {1, 2}


@pytest.mark.parametrize("kind", cells.KINDS)
def test_cells_are_short(kind: Callable[[np.random.Generator], str]) -> None:
    rng = np.random.default_rng(4)
    texts = [kind(rng) for _ in range(400)]
    assert all(text == text.strip() and any(c.isalnum() for c in text) for text in texts)
    assert max(len(text) for text in texts) <= 18
    assert len(set(texts)) >= 20


def test_columns_of_a_receipt_are_apart_and_within_it() -> None:
    rng = np.random.default_rng(4)
    counts = set()
    for _ in range(300):
        columns = item_columns(rng, 22.0)
        starts, ends = (np.array([column[i] for column in columns]) for i in (0, 1))
        assert starts[0] >= 0
        assert ends[-1] == 22
        assert (starts[1:] - ends[:-1] >= 1.2).all()
        assert (ends - starts >= 1.2).all()
        counts.add(len(columns))
    assert counts == {1, 2, 3, 4}


@pytest.mark.parametrize(("ink", "legible"), [(120, True), (195, False), (200, False)])
def test_ink_that_is_lost_is_not_learned(ink: int, legible: bool) -> None:
    pixels = np.full((SIZE, SIZE), 200, np.uint8)
    pixels[12:18, 20:90:9] = ink
    assert shown(upright(18, 10, 92, 20, WHOLE), pixels).legible == legible
