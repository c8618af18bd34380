"""Label files and LMDBs: what is written can be read, and bad ones give one clear line."""

from __future__ import annotations

from pathlib import Path

import lmdb
import numpy as np
import pytest

from bitocr.errors import BitocrError, UsageError
from bitocr.lab.data.datasets import Sample, read_samples, to_gray
from bitocr.lab.data.writers import encode_png, write_samples

TEXTS = ["Hello", "100 %", "\"#'", "a b"]
SETTINGS = {"count": len(TEXTS), "seed": 0}


def sample(index: int) -> Sample:
    rng = np.random.default_rng(index)
    return rng.integers(0, 256, (16 + index, 40), np.uint8), TEXTS[index]


def assert_samples(path: Path) -> None:
    samples = read_samples(path)
    assert [text for _, text in samples] == TEXTS
    assert all(np.array_equal(image, sample(i)[0]) for i, (image, _) in enumerate(samples))


@pytest.mark.parametrize("as_lmdb", [False, True])
def test_round_trip(tmp_path: Path, as_lmdb: bool) -> None:
    counts: list[int] = []
    write_samples(tmp_path / "new" / "out", sample, SETTINGS, as_lmdb, counts.append)
    assert counts == [0, 1, 2, 3, 4]
    assert_samples(tmp_path / "new" / "out")
    assert len(read_samples(tmp_path / "new" / "out", limit=2)) == 2


def test_lmdb_has_the_layout_of_the_field(tmp_path: Path) -> None:
    write_samples(tmp_path / "out", sample, SETTINGS, as_lmdb=True)
    with lmdb.open(str(tmp_path / "out"), readonly=True) as environment, environment.begin() as transaction:
        assert transaction.get(b"num-samples") == b"4"
        assert transaction.get(b"label-000000001") == b"Hello"
        assert bytes(transaction.get(b"image-000000004", b"")).startswith(b"\x89PNG")


@pytest.mark.parametrize("as_lmdb", [False, True])
def test_stopped_and_taken_up(tmp_path: Path, as_lmdb: bool) -> None:
    def stop_at_2(index: int) -> Sample:
        if index == 2:
            raise KeyboardInterrupt
        return sample(index)

    with pytest.raises(KeyboardInterrupt):
        write_samples(tmp_path / "out", stop_at_2, SETTINGS, as_lmdb)
    assert not (tmp_path / "out").exists()
    rendered: list[int] = []
    write_samples(tmp_path / "out", lambda i: rendered.append(i) or sample(i), SETTINGS, as_lmdb)  # type: ignore[func-returns-value]
    assert rendered == [2, 3]
    assert_samples(tmp_path / "out")


def test_half_a_label_is_written_again(tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        write_samples(tmp_path / "out", sample, {**SETTINGS, "count": 9})
    labels = tmp_path / "out.part" / "labels.tsv"
    labels.write_bytes(labels.read_bytes()[:-2])
    rendered: list[int] = []
    with pytest.raises(IndexError):
        write_samples(tmp_path / "out", lambda i: rendered.append(i) or sample(i), {**SETTINGS, "count": 9})  # type: ignore[func-returns-value]
    assert rendered == [3, 4]


def test_other_settings_and_taken_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        write_samples(tmp_path / "out", sample, {**SETTINGS, "count": 9})
    with pytest.raises(UsageError, match="other settings"):
        write_samples(tmp_path / "out", sample, {**SETTINGS, "count": 8})
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="exists already"):
        write_samples(tmp_path / "file", sample, SETTINGS)
    with pytest.raises(UsageError, match="cannot write"):
        write_samples(tmp_path / "file" / "out", sample, SETTINGS)


def write_database(path: Path, entries: dict[str, bytes]) -> None:
    path.mkdir()
    with lmdb.open(str(path), map_size=1 << 20) as environment, environment.begin(write=True) as transaction:
        for key, value in entries.items():
            transaction.put(key.encode(), value)


PNG = encode_png(sample(0)[0])
BAD_DATABASES = {
    "empty": ({}, "without num-samples"),
    "not a number": ({"num-samples": b"many"}, "without num-samples"),
    "missing sample": ({"num-samples": b"1"}, "number 1 is missing"),
    "missing label": ({"num-samples": b"1", "image-000000001": PNG}, "number 1 is missing"),
    "damaged image": (
        {"num-samples": b"1", "image-000000001": PNG[:60], "label-000000001": b"a"},
        "sample 1: damaged",
    ),
    "empty image": ({"num-samples": b"1", "image-000000001": b"", "label-000000001": b"a"}, "sample 1: empty"),
    "binary label": (
        {"num-samples": b"1", "image-000000001": PNG, "label-000000001": b"\xff\xfe"},
        "sample 1: its label is not UTF-8",
    ),
}


@pytest.mark.parametrize("name", BAD_DATABASES)
def test_bad_lmdb(tmp_path: Path, name: str) -> None:
    entries, message = BAD_DATABASES[name]
    write_database(tmp_path / "db", entries)
    assert_one_line(tmp_path / "db", message)


def test_a_file_that_is_no_lmdb(tmp_path: Path) -> None:
    (tmp_path / "data.mdb").write_bytes(b"not a database " * 1000)
    assert_one_line(tmp_path, "not an LMDB")


BAD_LABELS: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "labels.tsv"),
    "empty": (b"", "no labels"),
    "binary": (b"\x00\xff\xfe\x80" * 50, "labels.tsv"),
    "no tab": (b"a.png text\n", "line 1"),
    "missing image": (b"nothing.png\ttext\n", "nothing.png"),
    "a folder as image": (b".\ttext\n", "folder"),
    "not an image": (b"labels.tsv\ttext\n", "labels.tsv: not an image"),
}


@pytest.mark.parametrize("name", BAD_LABELS)
def test_bad_label_file(tmp_path: Path, name: str) -> None:
    data, message = BAD_LABELS[name]
    if data is not None:
        (tmp_path / "labels.tsv").write_bytes(data)
    assert_one_line(tmp_path / "labels.tsv", message)


def assert_one_line(path: Path, message: str) -> None:
    with pytest.raises(BitocrError) as caught:
        read_samples(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_few_bad_images_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.png").write_bytes(PNG)
    labels = tmp_path / "labels.tsv"
    labels.write_text("none.png\tA\ngood.png\tB\nlabels.tsv\tC\n")
    assert [text for _, text in read_samples(labels)] == ["B"]
    assert f"{labels}: left out 2 of 3 samples, as for the first: {tmp_path / 'none.png'}" in capsys.readouterr().err
    good = {"image-000000001": PNG, "label-000000001": b"A"}
    bad = {"image-000000002": PNG[:60], "label-000000002": b"B"}
    write_database(tmp_path / "db", {"num-samples": b"2", **good, **bad})
    assert [text for _, text in read_samples(tmp_path / "db")] == ["A"]
    error = capsys.readouterr().err
    assert "left out 1 of 2 samples" in error
    assert error.count("\n") == 1


def test_texts_are_read_in_the_form_of_charsets(tmp_path: Path) -> None:
    text = "Ａ１ cafe\u0301"
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "labels.tsv").write_text(f"a.png\t{text}\n", "utf-8")
    write_database(tmp_path / "db", {"num-samples": b"1", "image-000000001": PNG, "label-000000001": text.encode()})
    for path in (tmp_path, tmp_path / "db"):
        assert [found for _, found in read_samples(path)] == ["A1 café"]


@pytest.mark.parametrize(
    ("pixel", "gray"),
    [
        ((255, 255, 255), 255),
        ((255, 0, 0), 77),
        ((0, 255, 0), 149),
        ((0, 0, 0, 0), 255),
        ((0, 0, 255, 255), 29),
        ((9,), 9),
    ],
)
def test_gray(pixel: tuple[int, ...], gray: int) -> None:
    assert to_gray(np.array([[pixel]], np.uint8)).tolist() == [[gray]]
