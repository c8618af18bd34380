"""Chinese pictures: valid, always the same, with every character, and only characters that the face has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("fontTools")

from bitocr.errors import UsageError
from bitocr.lab.config.data import Source
from bitocr.lab.data.charset import Charset, open_charset
from bitocr.lab.data.datasets import read_samples
from bitocr.lab.data.stream import TextStream
from bitocr.lab.data.synth import KINDS, Renderer
from bitocr.lab.data.synth.chinese import faces, fonts, tokens
from bitocr.lab.data.synth.chinese.families import family_class
from bitocr.lab.data.synth.chinese.text import ChineseText
from bitocr.lab.data.synth.chinese.words import ChineseWords, is_hanzi
from bitocr.lab.data.synth.faces import FALLBACK
from bitocr.language.unicode_forms import normalise
from conftest import Result
from hanzi import CHARSET, FACE, LISTING

GENRES = ("scene", "screen", "receipt", "form", "book")


def renderer(kind: str = "mix", seed: int = 0, **options: object) -> Renderer:
    return Renderer(kind, seed, [FACE], language="chinese", charset=CHARSET, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_images_and_labels_are_sound_and_the_same_each_time(kind: str) -> None:
    first, again = renderer(kind, 3), renderer(kind, 3)
    again.render(77)  # what was rendered before does not matter
    for index in range(40):
        image, label = first.render(index)
        assert image.dtype == np.uint8
        assert 8 <= image.shape[0] <= 72
        assert 4 <= image.shape[1] <= 2000
        assert image.std() >= 6
        assert CHARSET.covers(label)
        assert 1 <= len(label) <= 40
        assert label == normalise(label) == label.strip()
        np.testing.assert_array_equal(image, again.render(index)[0])
    assert [renderer(kind, 4).render(i)[1] for i in range(5)] != [first.render(i)[1] for i in range(5)]


@pytest.mark.parametrize("longest", [1, 8])
def test_the_longest_text(longest: int) -> None:
    short = renderer(longest=longest)
    lengths = [len(short.render(index)[1]) for index in range(60)]
    assert 1 <= min(lengths) <= max(lengths) <= longest


@pytest.mark.parametrize("genre", GENRES)
def test_texts_of_a_small_charset_stay_within_it(genre: str) -> None:
    charset = open_charset("chinese:700")
    text, rng = ChineseText(charset), np.random.default_rng(0)
    drawn = [text(rng, genre) for _ in range(300)]
    assert all(charset.covers(normalise(t)) and 1 <= len(t) <= 40 and "  " not in t for t in drawn)
    assert len(set(drawn)) > 120
    assert sum(any(map(is_hanzi, t)) for t in drawn) > 200


def test_each_hanzi_is_drawn_often_enough() -> None:
    words, rng = ChineseWords(open_charset("chinese").characters), np.random.default_rng(0)
    counts = Counter("".join(words.with_rare(rng) for _ in range(150_000)))
    assert len(words.hanzi) > 6900
    assert min(counts[character] for character in words.hanzi) >= 3


def test_each_character_is_seen_in_texts() -> None:
    text, rng = ChineseText(CHARSET), np.random.default_rng(0)
    counts = Counter("".join(normalise(text(rng, genre)) for genre in GENRES for _ in range(2_000)))
    assert set(counts) == set(CHARSET.characters)


def test_full_width_forms_are_drawn_and_their_labels_are_narrow() -> None:
    text, rng = ChineseText(CHARSET), np.random.default_rng(0)
    drawn = "".join(text(rng, genre) for genre in GENRES for _ in range(400))
    assert {"，", "：", "（", "！"} <= set(drawn)
    assert {",", ":", "("} <= set(drawn)
    assert not set(normalise(drawn)) & set(faces.FULL_WIDTH)


def test_lengths_reach_from_one_to_forty() -> None:
    text, rng = ChineseText(open_charset("chinese")), np.random.default_rng(0)
    lengths = Counter(len(text(rng, genre)) for genre in GENRES for _ in range(500))
    assert set(range(1, 41)) <= set(lengths)


@pytest.mark.parametrize(
    ("value", "spelled"), [(1, "一"), (10, "一十"), (305, "三百零五"), (20_000, "二万"), (99_999, "九万九千九百九十九")]
)
def test_numbers_in_hanzi(value: int, spelled: str) -> None:
    assert spelled in {tokens.spelled(np.random.default_rng(seed), value) for seed in range(20)}


def test_months_and_days_in_hanzi() -> None:
    assert [tokens.spelled_small(value) for value in (1, 10, 12, 20, 31)] == ["一", "十", "十二", "二十", "三十一"]


@pytest.mark.parametrize(
    ("family", "expected"),
    [("Noto Sans CJK SC", "sans"), ("Noto Sans CJK JP", "skip"), ("AR PL UMing TW MBE", "skip"), ("cwTeXKai", "kai"),
     ("cwTeXFangSong", "fang"), ("Ma Shan Zheng", "hand"), ("Never Heard Of", "display")],
)  # fmt: skip
def test_classes_of_families(family: str, expected: str) -> None:
    assert family_class(family)[0] == expected


@pytest.fixture
def _one_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_han_faces", lambda characters: (FACE,))
    monkeypatch.setattr("bitocr.lab.data.synth.chinese.language._latin_book", lambda: None)


@pytest.mark.usefixtures("_one_font")
def test_the_command_line(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "signs.txt").write_text(CHARSET.characters, encoding="utf-8")
    options = ["--language", "chinese", "--charset", tmp_path / "signs.txt", "--longest", 6, "--seed", 2]
    result = run("synth", tmp_path / "out", "-n", 5, *options, "--sheet", tmp_path / "sheet.png")
    assert (result.code, result.out) == (0, f"{tmp_path / 'out'}: 5 images\n")
    expected = renderer(seed=2, longest=6)
    for index, (image, label) in enumerate(read_samples(tmp_path / "out")):
        picture, text = expected.render(index)
        assert label == text
        np.testing.assert_array_equal(image, picture)
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("_one_font")
def test_training_batches() -> None:
    source = Source(synth="mix", language="chinese", longest=8, dirt=0.0, weight=1.0)
    batch = next(iter(TextStream([source], CHARSET, columns=1024)))
    assert int(batch.targets.max()) > 96
    assert int(batch.targets.max()) < CHARSET.classes


def test_without_fonts_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for listing in ("", f"{FALLBACK}\t0\tCabin\tRegular\tCFF", LISTING.replace("SC", "JP")):
        monkeypatch.setattr(faces, "han_faces", lambda listing=listing: listing)
        faces.find_han_faces.cache_clear()
        with pytest.raises(UsageError, match="make fonts, or install fonts-noto-cjk fonts-wqy-zenhei"):
            Renderer("mix", language="chinese")
    faces.find_han_faces.cache_clear()


def test_wrong_options() -> None:
    with pytest.raises(UsageError, match="choose one of english, chinese"):
        Renderer("mix", language="klingon")
    with pytest.raises(UsageError, match="no hanzi"):
        Renderer("mix", fonts=[FACE], language="chinese", charset=Charset("abc"))
