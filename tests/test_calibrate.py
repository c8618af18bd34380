"""`bitocr calibrate`: what it fits, what it writes, what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import random_model
from bitocr import Reader
from bitocr.io import bitfile, shipped
from bitocr.io.labels import read_labels
from bitocr.lab.export.calibrate import calibrated, calibration_error, fit, logit, readings, sigmoid
from conftest import CHARSET, Result, picture

Run = Callable[..., Result]
COUNT = 60


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with higher probabilities than that of other tests: those of its texts have all sizes."""
    header = random_model.header(CHARSET)
    tensors = random_model.tensors(header)
    tensors["head.scale"] = 40 * tensors["head.scale"]
    path = tmp_path_factory.mktemp("model") / "sure.bit"
    bitfile.write(path, header, tensors)
    return path


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """Images of which the model reads 40 "right": the 30 with the most confidence, and every third other one."""
    folder = tmp_path_factory.mktemp("labelled")
    images = [picture(seed, 32, 24 + 2 * seed) for seed in range(COUNT)]
    lines = Reader(calibrated(model, {"slope": 1, "offset": 0}), reread=0).read_lines(images)
    places = np.argsort(np.argsort([-line.confidence for line in lines]))
    rows = []
    for seed, (image, line, place) in enumerate(zip(images, lines, places, strict=True)):
        Image.fromarray(image).save(folder / f"{seed}.png")
        is_right = place < COUNT / 2 or place % 3 == 0
        rows.append(f"{seed}.png\t{line.text if is_right else 'nothing of the sort'}\n")
    (folder / "labels.tsv").write_text("".join(rows), "utf-8")
    return folder / "labels.tsv"


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.4, 2.0), (2.5, -1.0)])
def test_fit_finds_what_made_the_answers(slope: float, offset: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, 100_000)
    found = fit(x, rng.random(len(x)) < sigmoid(slope * x + offset))
    assert found == pytest.approx((slope, offset), abs=0.05)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 12.0])
def test_fit_of_cleanly_parted_answers_is_finite_and_rises(scale: float) -> None:
    x = scale * np.concatenate([-np.ones(30), np.ones(90)])
    slope, offset = fit(x, x > 0)
    assert np.isfinite([slope, offset]).all()
    assert slope > 0
    assert sigmoid(slope * x + offset)[[0, -1]] == pytest.approx([1 / 32, 91 / 92], abs=1e-3)


def test_calibration_error() -> None:
    right = np.arange(1000) % 10 < 7
    assert calibration_error(np.full(1000, 0.9), right) == pytest.approx(0.2, abs=0.01)
    assert calibration_error(right.astype(float), right) == 0
    assert calibration_error(1 - right.astype(float), right) > 0.9


def test_the_model_gives_what_was_fitted(run: Run, model: Path, labels: Path, tmp_path: Path) -> None:
    out, before = tmp_path / "calibrated.bit", model.read_bytes()
    result = run("calibrate", model, labels, "--protocol", "line", "--out", out, "--json")
    assert (result.code, result.err) == (0, "")
    found = result.json
    assert found["images"] == COUNT
    assert found["accuracy"] == pytest.approx(40 / COUNT)
    assert found["after"] < found["before"]
    assert model.read_bytes() == before

    neutral = calibrated(model, {"slope": 1, "offset": 0})
    probability, _ = readings(Reader(neutral, reread=0), read_labels(labels), "line")
    expected = sigmoid(found["slope"] * logit(probability) + found["offset"])
    lines = Reader(out, reread=0).read_lines(path for path, _ in read_labels(labels))
    assert np.array([line.confidence for line in lines]) == pytest.approx(expected, rel=1e-4)
    assert np.ptp(expected) > 0.3
    assert expected.mean() == pytest.approx(40 / COUNT, abs=0.02)
    printed = run("read", "--line", labels.parent / "0.png", "--model", out, "--reread", 0, "--json").json["confidence"]
    assert printed == pytest.approx(lines[0].confidence, abs=1e-4)
    header, tensors = bitfile.read(out)
    assert header["calibration"] == {
        "slope": found["slope"], "offset": found["offset"], "images": COUNT, "protocol": "line",
        "data": [labels.parent.name],
    }  # fmt: skip
    _, originals = bitfile.read(model)
    assert all((tensors[name].data == tensor.data).all() for name, tensor in originals.items())
    assert "confidence slope" in run("inspect", out).out


def test_again_in_place_changes_nothing(run: Run, model: Path, labels: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.bit"
    own.write_bytes(model.read_bytes())
    first = run("calibrate", own, labels, "--protocol", "line")
    data = own.read_bytes()
    assert "fitted on 60 images, 66.7 % of them read right" in first.out
    assert run("calibrate", own, labels, "--protocol", "line").out == first.out
    assert own.read_bytes() == data != model.read_bytes()
    assert calibrated(own, None) == model.read_bytes()


def test_a_shipped_model_is_not_replaced(
    run: Run, model: Path, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FOLDER", model.parent)
    monkeypatch.chdir(model.parent)
    before, out = model.read_bytes(), tmp_path / "mine.bit"
    for name in ("sure", "sure.bit", model):
        result = run("calibrate", name, labels, "--protocol", "line")
        message = f"bitocr: {name} comes with bitocr and is not replaced: name a file for its copy (-o FILE)\n"
        assert result == (2, "", message)
    assert run("calibrate", "sure", labels, "--protocol", "line", "-o", out).code == 0
    assert model.read_bytes() == before != out.read_bytes()


def test_what_cannot_be_fitted(run: Run, model: Path, labels: Path, tmp_path: Path) -> None:
    def refused(text: str, message: str) -> None:
        (labels.parent / "other.tsv").write_text(text, "utf-8")
        out = tmp_path / "out.bit"
        result = run("calibrate", model, labels.parent / "other.tsv", "--protocol", "line", "--out", out)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert message in result.err
        assert not out.exists()

    rows = labels.read_text("utf-8").splitlines(keepends=True)
    right = [row for row in rows if "nothing of the sort" not in row]
    refused("".join(right), "40 images are read right and 0 wrong")
    refused("".join(row.split("\t")[0] + "\twrong\n" for row in rows), "0 images are read right and 60 wrong")
    refused("missing.png\ta\n", "0 images are read right and 0 wrong")
    lines = Reader(model).read_lines(labels.parent / row.split("\t")[0] for row in rows)
    probability, _ = readings(
        Reader(calibrated(model, {"slope": 1, "offset": 0}), reread=0), read_labels(labels), "line"
    )
    unlikely = probability < np.median(probability)
    worst = [
        f"{row.split()[0]}\t{line.text if low else 'no'}\n"
        for row, line, low in zip(rows, lines, unlikely, strict=True)
    ]
    refused("".join(worst), "have the same probabilities: use other images")


def test_no_such_model(run: Run, labels: Path) -> None:
    result = run("calibrate", "missing.bit", labels, "--protocol", "line")
    assert (result.code, result.err) == (2, "bitocr: missing.bit: there is no such file\n")
