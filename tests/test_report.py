"""The report: the Pareto front, and a page of real files measured side by side."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

torch = pytest.importorskip("torch")

from PIL import Image, ImageDraw  # noqa: E402

from bitocr.cli import run  # noqa: E402
from bitocr.lab.data.charset import ENGLISH  # noqa: E402
from bitocr.lab.export.bit import export_bit  # noqa: E402
from bitocr.lab.export.onnx import export_onnx  # noqa: E402
from bitocr.lab.markdown import table  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.report.placing import MARKER, overlap, place  # noqa: E402
from bitocr.lab.report.variant import pareto_front  # noqa: E402
from bitocr.lab.train.weights import save_weights  # noqa: E402
from networks import complete  # noqa: E402

NETWORK = complete({"blocks": [[32, [2, 2]], [64, [2, 1]]], "neck": {"type": "bilstm", "hidden": 8}})


def test_tables_align_numbers_and_keep_bars_in_their_cells() -> None:
    lines = table(["", "a|b", "%"], [["x", "y", "1.5"]], right=[2])
    assert lines == ["|  | a\\|b | % |", "| --- | --- | ---: |", "| x | y | 1.5 |"]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(1, 1)], [0]),
        ([(2, 5), (1, 1), (3, 4)], [1, 0]),  # the last costs more and is worth less
        ([(1, 3), (1, 4), (2, 4)], [1]),  # of two that cost the same the better; what is worth the same costs more
        ([(3, 9), (2, 8), (1, 7)], [2, 1, 0]),
    ],
)
def test_pareto_front(points: list[tuple[float, float]], expected: list[int]) -> None:
    assert pareto_front(points) == expected


@pytest.mark.parametrize("count", [1, 2, 30])
def test_labels_of_points_in_one_place_lie_apart(count: int) -> None:
    size = (13.0, 11.0)
    points = [(100.0 + index % 3, 50.0) for index in range(count)]
    offsets = place(points, [size] * count)
    boxes = [(x + dx, y + dy, *size) for (x, y), (dx, dy) in zip(points, offsets, strict=True)]
    markers = [(*point, 2 * MARKER, 2 * MARKER) for point in points]
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    assert not any(overlap(box, marker) for box in boxes for marker in markers)
    assert max(abs(part) for part in offsets[0]) < 20  # where there is room the label is beside its point


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A checkpoint and its exported files."""
    folder = tmp_path_factory.mktemp("net")
    torch.manual_seed(0)
    checkpoint = folder / "weights.safetensors"
    save_weights(checkpoint, build(NETWORK), {"network": NETWORK, "charset": ENGLISH})
    export_bit(checkpoint, folder / "net.bit")
    export_onnx(checkpoint, folder / "net.onnx")
    return [checkpoint, folder / "net.bit", folder / "net.onnx"]


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    lines = []
    for word in ("one", "two", "three"):
        picture = Image.new("L", (60, 20), 255)
        ImageDraw.Draw(picture).text((4, 4), word, fill=0)
        picture.save(folder / f"{word}.png")
        lines.append(f"{word}.png\t{word}\n")
    (folder / "labels.tsv").write_text("".join(lines))
    return folder / "labels.tsv"


def test_a_page_of_files_measured_side_by_side(files: list[Path], labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert run(["report", *map(str, files), "--data", str(labels), "--out", str(out), "--rounds", "1"]) == 0
    figures = json.loads(out.with_suffix(".json").read_text())
    assert [v["runs_in"] for v in figures["variants"]] == ["PyTorch", "bitocr engine", "ONNX Runtime"]
    assert [v["bytes"] for v in figures["variants"]] == [file.stat().st_size for file in files]
    assert all(v["ms"]["100"] > 0 and v["memory_mb"] > 0 for v in figures["variants"])
    # One network: whatever runs it, it reads the same.
    assert len({v["cer"][labels.parent.name] for v in figures["variants"]}) == 1
    assert out.with_suffix(".md").read_text().count("\n| 1 |") == 1
    for name in ("size", "time"):
        plot = out.with_name(f"{out.stem}-{name}.svg")
        assert plot.name in out.with_suffix(".md").read_text()
        assert ElementTree.fromstring(plot.read_text()).tag.endswith("svg")
    page = out.read_text()
    assert page.count("<svg") == 3
    # Self-contained: nothing is fetched (the names of XML's own spaces are no addresses).
    assert not re.findall(r'(?:src|href)="(?!#)', page)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("missing", "No such file"),
        ("damaged", "cannot load it"),
        ("suffix", "must end in"),
        ("page", "must end in .html"),
    ],
)
def test_bad_input_is_told_in_one_line(
    files: list[Path], labels: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], damage: str, message: str
) -> None:
    bad = tmp_path / ("bad.pt" if damage == "suffix" else "bad.onnx")
    if damage == "damaged":
        bad.write_bytes(files[-1].read_bytes()[:500])
    out = tmp_path / ("report.pdf" if damage == "page" else "report.html")
    assert run(["report", str(files[1]), str(bad), "--data", str(labels), "--out", str(out), "--rounds", "1"]) == 2
    error = capfd.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) in ([], [bad])
