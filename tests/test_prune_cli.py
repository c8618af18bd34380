"""`bitocr prune` on the command line: channels and weights, labels and recipes, stopped and resumed."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from bitocr.lab.jobs import pruning  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.nn.macs import count_macs  # noqa: E402
from bitocr.lab.train.weights import load_weights, read_weights, save_weights  # noqa: E402
from conftest import CHARSET, Result  # noqa: E402
from labelled import write_pictures  # noqa: E402
from networks import complete  # noqa: E402

Run = Callable[..., Result]
TEXTS = ["Tea", "Bread", "12 eggs", "Milk", "Oats", "Rye", "Flour", "3,50", "Salt", "Rice", "Jam", "Oil"]
NECK = {"type": "bilstm", "hidden": 8}
MOBILE = {"arch": "mobilenet_crnn", "stem": 8, "blocks": [[16, [2, 2]], [32, [2, 1]]], "neck": NECK, "classes": 96}
BINARY = {"stem": 32, "blocks": [[64, [2, 2]], [128, [2, 1]]], "neck": NECK, "classes": 96}
CONFIGS = {"mobile": MOBILE, "binary": BINARY}
QUICK = ("data.columns=256", "data.workers=0", "trainer.precision=32-true")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve labelled pictures."""
    return write_pictures(tmp_path / "shop", TEXTS)


def checkpoint(tmp_path: Path, name: str) -> Path:
    torch.manual_seed(0)
    path = tmp_path / name / "weights.safetensors"
    save_weights(path, build(CONFIGS[name]), {"name": name, "network": CONFIGS[name], "charset": CHARSET})
    return path


@pytest.mark.parametrize("name", ["mobile", "binary"])
def test_channels_are_cut_and_finetuned(run: Run, folder: Path, tmp_path: Path, name: str) -> None:
    weights, out = checkpoint(tmp_path, name), tmp_path / "small"
    result = run("prune", weights, folder, out, "--keep", "0.75", "--images", 40, "--share", 1, *QUICK)
    assert result.code == 0, result.err
    assert "sensitivity of stem" in result.out
    assert "finetuning with 40 images" in result.out
    net, card = load_weights(out / "weights.safetensors", CHARSET)
    assert net(torch.zeros(1, 1, 32, 64)).shape == (1, 16, 96)
    assert count_macs(card["network"]) <= 0.75 * count_macs(CONFIGS[name])
    assert card["pruned"]["from"]["name"] == name
    assert card["images"] >= 40
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["variants"]["pruned"]["macs"] == count_macs(card["network"])
    assert report["variants"]["unpruned"]["macs"] == sum(each["macs_before"] for each in report["layers"])
    assert set(report["variants"]["pruned"]["scores"]) == {"held back"}
    assert all(f"| {each['name']} |" in (out / "report.md").read_text("utf-8") for each in report["layers"])
    pictures = (out / "report.png", out / "round-1" / "sensitivity.png")
    assert all(Image.open(picture).size[0] > 400 for picture in pictures)
    recipe = (out / "round-1" / "recipe.yaml").read_text("utf-8")
    assert f"teacher: {weights}" in recipe
    again = run("prune", weights, folder, out, "--keep", "0.75", "--images", 40, "--share", 1, "--json")
    assert again.code == 0
    assert "is pruned already" in again.err
    assert again.json == report
    other = run("prune", weights, folder, out, "--keep", "0.7", "--images", 40, "--share", 1)
    assert "begun with other settings" in other.err


def test_weights_are_made_sparse_in_rounds(run: Run, folder: Path, tmp_path: Path) -> None:
    weights, out = checkpoint(tmp_path, "mobile"), tmp_path / "sparse"
    options = ("--sparsity", 0.8, "--rounds", 2, "--images", 30, "--share", 1, "--scope", "layer", "--json")
    result = run("prune", weights, folder, out, *options, *QUICK)
    assert result.code == 0, result.err
    report = json.loads((out / "report.json").read_text("utf-8"))
    cut = [report["variants"][f"round {number}, cut"] for number in (1, 2)]
    assert 0 < cut[0]["zeros"] < cut[1]["zeros"] <= report["variants"]["pruned"]["zeros"]
    layers = {each["name"]: each["zeros"] / each["weights"] for each in report["layers"]}
    assert layers["backbone.blocks.1.3"] == pytest.approx(0.8, abs=0.01)
    assert layers["neck.lstm"] == pytest.approx(0.8, abs=0.01)
    assert layers["head"] < 0.01
    before, after = (read_weights(each / "weights.safetensors")[0] for each in (out / "round-2" / "cut", out))
    key = "backbone.blocks.1.3.weight"
    assert set(after) == set(before)
    assert bool((after[key][before[key] == 0] == 0).all())
    assert bool((after[key] != before[key]).any())


def test_a_stopped_pruning_goes_on(run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights, out = checkpoint(tmp_path, "mobile"), tmp_path / "small"
    options = ("--by", "even", "--norm", "l2", "--multiple", 4, "--images", 30, "--share", 1)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pruning, "run_recipe", stop)
        stopped = run("prune", weights, folder, out, *options, *QUICK)
    assert stopped.code == 130
    assert "run the same command again" in stopped.err
    assert not (out / "weights.safetensors").exists()
    cut = (out / "round-1" / "cut" / "weights.safetensors").stat().st_mtime_ns
    assert run("prune", weights, folder, out, *options, *QUICK).code == 0
    assert (out / "round-1" / "cut" / "weights.safetensors").stat().st_mtime_ns == cut
    assert (out / "weights.safetensors").exists()


def test_a_recipe_says_where_the_images_are(run: Run, folder: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "data: {root: nowhere, workers: 0, sources: [{path: labels.tsv, weight: 1}]}\n"
        "validation: [{path: labels.tsv, protocol: scene, name: shop, limit: 5}]\nstages: [{name: other}]\n"
    )
    weights, out = checkpoint(tmp_path, "mobile"), tmp_path / "small"
    result = run("prune", weights, recipe, out, "--images", 0, "--multiple", 4, f"data.root={folder}", "--json")
    assert result.code == 0, result.err
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert list(report["variants"]) == ["unpruned", "pruned"]
    assert report["variants"]["pruned"]["scores"]["shop"]["images"] == 5
    assert complete(read_weights(out / "weights.safetensors")[1]["network"])["blocks"][1][0] < 32


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ("", ("--keep", "1.5"), "keep is a number above 0 and below 1, not 1.5"),
        ("", ("--rounds", "0"), "rounds is a whole number from 1"),
        ("", ("--sparsity", "1"), "sparsity is a number above 0 and below 1"),
        ("", ("charset=abc",), "charset cannot be set here"),
        ("empty", (), "no labels in it"),
        ("blank", (), "all of its texts are empty"),
        ("no labels", (), "has no labels.tsv"),
        ("no folder", (), "no such folder, label file or recipe"),
        ("no images", (), "none of its 12 images is there: the first is"),
        ("other arch", (), "network.arch is one of bit_crnn, mobilenet_crnn, not 'transformer'"),
        ("not weights", (), "not a weights file of bitocr"),
        ("quantized", (), "is quantized already: prune what it was made of"),
        ("binary", ("--sparsity", "0.5", "--share", "1"), "binary weights are +1 or -1"),
        ("", ("--keep", "0.001", "--share", "1", "--by", "even"), "nothing is left to cut"),
        ("", ("--share", "1", "stages.0.depth=3"), "unknown key stages.0.depth"),
    ],
)
def test_wrong_input_is_told_in_a_line(
    run: Run, folder: Path, tmp_path: Path, change: str, options: tuple[str, ...], message: str
) -> None:
    weights, labels = checkpoint(tmp_path, "binary" if change == "binary" else "mobile"), folder / "labels.tsv"
    if change == "empty":
        labels.write_text("")
    elif change == "blank":
        labels.write_text("0.png\t \n")
    elif change == "no labels":
        labels.unlink()
    elif change == "no folder":
        folder = tmp_path / "elsewhere"
    elif change == "no images":
        for image in folder.glob("*.png"):
            image.unlink()
    elif change == "other arch":
        net, card = load_weights(weights)
        save_weights(weights, net, {**card, "network": {"arch": "transformer"}})
    elif change == "quantized":
        network = {**MOBILE, "quantize": {"scheme": "dynamic"}}
        save_weights(weights, build(network), {"network": network, "charset": CHARSET})
    elif change == "not weights":
        weights.write_bytes(b"\x89BITOCR\n" + bytes(100))
    result = run("prune", weights, folder, tmp_path / "out", *options, "data.workers=0")
    assert result.code == 2, result.out
    assert message.lower() in result.err.lower()
    assert result.err.count("\n") == 1
    assert not (tmp_path / "out" / "weights.safetensors").exists()


def test_the_benchmark_draws_curve_and_points(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    script = importlib.import_module("pruning")
    for name, value in {"ROUNDS": 1, "KEEPS": (0.8,), "POINTS": {}}.items():
        monkeypatch.setattr(script, name, value)
    monkeypatch.setattr("compressions.RUNS", 3)
    page, picture = tmp_path / "page.md", tmp_path / "picture.png"
    page.write_text(f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n")
    options = ("--images", 20, "--share", 1, "--eval", folder, "--plot", picture, "--doc", page)
    script.main([*map(str, (checkpoint(tmp_path, "mobile"), folder, tmp_path / "points", *QUICK, *options))])
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "old" not in lines
    printed = capsys.readouterr()
    assert "\n".join(lines[2:-2]) in printed.out
    assert "3 trainings in all\n1 of 3: sparse, global\n2 of 3: sparse, layer, about " in printed.err
    assert f"Accuracy on 12 images of {folder.name}" in page.read_text()
    points = {line.split(" | ")[0].removeprefix("| "): line.split(" | ") for line in lines if line.startswith("| ")}
    assert float(points["sensitivity, L1, 80 %"][2]) <= 80
    assert float(points["unpruned"][1]) > float(points["sensitivity, L1, 80 %"][1])
    sparsities = [float(line.split()[1]) for line in lines if line.startswith("| ") and line[2].isdigit()]
    assert sparsities == [pytest.approx(0, abs=0.2), pytest.approx(70, abs=20)] * 2
    assert Image.open(picture).size[0] > 800
