"""The detector in torch: its maps, losses, training and file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("cv2")

from bitocr.errors import ModelError, UsageError  # noqa: E402
from bitocr.io import bitfile  # noqa: E402
from bitocr.lab.config.detector import BitDetector, open_detector  # noqa: E402
from bitocr.lab.config.pages import PageRecipe, describes_detector, read_page_recipe  # noqa: E402
from bitocr.lab.data.pages import shards  # noqa: E402
from bitocr.lab.data.pages.lines import upright  # noqa: E402
from bitocr.lab.data.pages.renderer import SHARES, RenderedPage  # noqa: E402
from bitocr.lab.data.pages.targets import ALONG, GAP, HEIGHT, KERNEL, KNOWN, TEXT  # noqa: E402
from bitocr.lab.export.bit import bit_bytes  # noqa: E402
from bitocr.lab.nn.detector import Detector, build_detector, unshuffle, up  # noqa: E402
from bitocr.lab.nn.quant.detector import make_engine_detector  # noqa: E402
from bitocr.lab.train.pages import task as task_module  # noqa: E402
from bitocr.lab.train.pages.data import PageStream, open_pages  # noqa: E402
from bitocr.lab.train.pages.loss import losses, taught  # noqa: E402
from bitocr.lab.train.pages.nets import load_detector, weights_path  # noqa: E402
from bitocr.lab.train.pages.run import run_page_recipe  # noqa: E402
from bitocr.lab.train.pages.task import DetectionTask, follow  # noqa: E402
from bitocr.lab.train.pages.validate import score_maps, summary  # noqa: E402
from bitocr.lab.train.weights import save_weights  # noqa: E402

SMALL: dict[str, Any] = {"arch": "bit_det", "blocks": [[32, [2, 2]]] * 4, "neck": 32}
SIDE = 128


@pytest.fixture(scope="module")
def small() -> Detector:
    torch.manual_seed(0)
    net = build_detector(SMALL)
    for name, parameter in net.named_parameters():
        if any(part in name for part in ("norm", "act", "threshold")):
            parameter.data.normal_(0, 0.5)
    return net.eval()


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 160)])
def test_maps_have_a_quarter_of_the_size(small: Detector, height: int, width: int) -> None:
    assert small(torch.zeros(2, 1, height, width)).shape == (2, 3, height // 4, width // 4)


def test_each_scale_is_the_last_block_of_it() -> None:
    config = BitDetector()
    assert config.taps == (0, 3, 6, 8)
    shapes = [tuple(x.shape[1:]) for x in build_detector(config).eval().taps(torch.zeros(1, 1, 64, 96))]
    assert shapes == [(32, 16, 24), (64, 8, 12), (128, 4, 6), (128, 2, 3)]


def test_shuffling() -> None:
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert unshuffle(x)[0, :, 0, 0].tolist() == [0, 1, 4, 5]
    assert up(x)[0, 0, :2, :4].tolist() == [[0, 0, 1, 1]] * 2


@pytest.mark.parametrize("blocks", [
    [[32, [2, 2]]] * 3,
    [[32, [2, 2]]] * 5,
    [[32, [1, 1]], *[[32, [2, 2]]] * 4],
    [[32, [2, 1]], *[[32, [2, 2]]] * 4],
])  # fmt: skip
def test_a_detector_has_four_scales(blocks: Any) -> None:
    with pytest.raises(UsageError, match="strides"):
        open_detector({"blocks": blocks})


def test_the_engines_twin_has_nearly_the_same_maps(small: Detector, tmp_path: Path) -> None:
    """It rounds like the engine to 8 or 16 bits, which flips only a few signs."""
    twin = build_detector(SMALL)
    twin.load_state_dict(small.state_dict())
    x = torch.randint(-128, 128, (1, 1, 96, 96)) / 32
    with torch.no_grad():
        ours, theirs = small(x), make_engine_detector(twin).eval()(x)
    assert not torch.equal(ours, theirs)
    assert (ours - theirs).abs().mean() < 0.5 * ours.std()


def saved(net: Detector, folder: Path) -> Path:
    path = folder / "weights.safetensors"
    save_weights(path, net, {"name": "page", "network": net.config.plain(), "charset": "", "stage": "both"})
    return path


def test_the_file_is_small_and_tells_what_it_is(tmp_path: Path) -> None:
    data = bit_bytes(saved(build_detector(BitDetector()), tmp_path), {"licence": "Apache-2.0"})
    header, tensors = bitfile.read(data)
    assert len(data) <= 160_000
    assert header["network"]["arch"] == "bit_det"
    assert header["network"]["neck"] == 64
    assert header["network"]["maps"] == ["kernel", "height", "gap"]
    assert header["card"]["licence"] == "Apache-2.0"
    assert "charset" not in header
    assert tensors["lateral4.weight"].shape == (64, 128)
    assert not any(name.startswith("auxiliary") for name in tensors)


def test_only_binary_detectors_become_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="binary"):
        bit_bytes(saved(build_detector({**SMALL, "stage": "float"}), tmp_path))


def test_weights_of_another_network_are_told(tmp_path: Path) -> None:
    path = saved(build_detector(SMALL), tmp_path)
    with pytest.raises(ModelError, match="not those of a detector"):
        load_detector(path, neck=64)


def test_averaged_weights_follow_the_trained_ones() -> None:
    net, averaged = build_detector(SMALL), build_detector(SMALL)
    before = {name: tensor.clone() for name, tensor in averaged.state_dict().items()}
    for tensor in net.state_dict().values():
        if not tensor.is_floating_point():
            tensor += 7
    follow(averaged, net, 0.25)
    for name, tensor in averaged.state_dict().items():
        theirs = net.state_dict()[name]
        wanted = 0.75 * before[name] + 0.25 * theirs if theirs.is_floating_point() else theirs
        torch.testing.assert_close(tensor, wanted)


def truth() -> Any:
    maps = torch.zeros(1, 6, 32, 32)
    maps[:, KNOWN] = 1
    maps[:, TEXT, 8:16, 4:28] = 1
    maps[:, KERNEL, 10:14, 6:26] = 1
    maps[:, HEIGHT, 8:16, 4:28] = 1
    maps[:, ALONG, 10:14] = 1
    maps[:, GAP, 10:14, 26:] = 1
    return maps


def right_maps(wanted: Any) -> tuple[Any, Any]:
    logits = [16 * wanted[:, KERNEL] - 8, wanted[:, HEIGHT], 16 * wanted[:, GAP] - 8]
    return torch.stack(logits, 1), 16 * wanted[:, [TEXT]] - 8


def test_right_maps_cost_nothing() -> None:
    wanted = truth()
    maps, text = right_maps(wanted)
    assert all(float(term) < 0.01 for term in losses(maps, text, wanted).values())
    assert float(taught(maps, maps, wanted)) < 0.02


@pytest.mark.parametrize(("where", "is_told"), [((12, 12), False), ((20, 20), True)])
def test_a_teacher_that_misses_text_is_not_heard_there(where: tuple[int, int], is_told: bool) -> None:
    wanted = truth()
    maps, _ = right_maps(wanted)
    theirs = maps.clone()
    theirs[0, 0][where] = -theirs[0, 0][where]
    assert (float(taught(maps, theirs, wanted)) > float(taught(maps, maps, wanted)) + 1e-3) == is_told


@pytest.mark.parametrize(("term", "index", "where"), [
    ("kernel", 0, (20, 20)), ("kernel", 0, (12, 12)), ("height", 1, (9, 9)), ("gap", 2, (12, 12)), ("gap", 2, (12, 30)),
])  # fmt: skip
def test_every_mistake_costs(term: str, index: int, where: tuple[int, int]) -> None:
    wanted = truth()
    maps, text = right_maps(wanted)
    before = losses(maps, text, wanted)
    maps[0, index][where] = 3 - maps[0, index][where]
    after = losses(maps, text, wanted)
    assert {name for name in after if float(after[name]) > float(before[name]) + 1e-4} == {term}


@pytest.mark.parametrize(("index", "where"), [(0, (20, 20)), (1, (20, 20)), (2, (20, 20))])
def test_what_is_not_known_or_asked_costs_nothing(index: int, where: tuple[int, int]) -> None:
    wanted = truth()
    wanted[0, KNOWN][where] = 0
    maps, text = right_maps(wanted)
    before = losses(maps, text, wanted)
    maps[0, index][where] = 9.0
    assert losses(maps, text, wanted) == before


def test_scores_of_maps() -> None:
    wanted = truth()
    maps, _ = right_maps(wanted)
    perfect = summary(*score_maps(maps[0].numpy(), wanted[0].numpy()))
    assert (perfect.lines, perfect.cells, perfect.height, perfect.gaps) == (1, 1, 0, 1)
    maps[:, 0, :, 15:17] = -8  # in two halves, neither of which is the line
    maps[:, 0, 20:24, 4:9] = 8
    halves = summary(*score_maps(maps[0].numpy(), wanted[0].numpy()))
    assert halves.lines == 0
    assert 0.7 < halves.cells < 0.95
    wanted[:, KNOWN, 18:] = 0  # what is found there does not count
    assert summary(*score_maps(maps[0].numpy(), wanted[0].numpy())).cells > halves.cells


def write_pages(folder: Path) -> None:
    """An archive of dark bars on light paper."""
    rng, pages = np.random.default_rng(0), []
    for _ in range(4):
        pixels = np.full((SIDE, SIDE), 220, np.uint8)
        y, height = int(rng.integers(10, 80)), int(rng.integers(12, 30))
        pixels[y : y + height, 20:100] = 30
        line = upright(20, y, 100, y + height, np.array([[0, 1]], np.float32))
        pages.append(RenderedPage("form", pixels, [line]))
    folder.mkdir(parents=True)
    (folder / "00000.npz").write_bytes(shards.pack(pages))


def recipe(folder: Path, *overrides: str) -> PageRecipe:
    path = folder / "page.yaml"
    path.write_text(
        f"""
out: {folder / "run"}
network: {{arch: bit_det, blocks: [[32, [2, 2]], [32, [2, 2]], [32, [2, 2]], [32, [2, 2]]], neck: 32}}
data: {{root: {folder}, pages: 100, validation: 4, size: 64, batch: 2, scales: [0.5, 1.0], workers: 0}}
trainer: {{precision: 32-true, accelerator: cpu, devices: 1}}
validate_every: 20
checkpoint_every: 10
stages:
  - {{name: float, stage: float, images: 60}}
  - {{name: both, stage: both, images: 20, teacher: float, average: 5}}
"""
    )
    assert describes_detector(path)
    return read_page_recipe(path, overrides)


def test_a_recipe_trains_and_goes_on(tmp_path: Path) -> None:
    for name in ("training", "validation"):
        write_pages(tmp_path / "pages" / name)
    first = recipe(tmp_path)
    weights = run_page_recipe(first)
    net, card = load_detector(weights)
    assert net.config.is_binary
    assert (card["stage"], card["images"], card["charset"]) == ("both", 20, "")
    assert bitfile.read(bit_bytes(weights))[0]["card"]["trained"]["images"] == 20
    log = (weights.parents[1] / "float/log.csv").read_text().splitlines()
    assert log[0] == "seen,loss,lines accuracy,cells accuracy,gaps accuracy,height"
    assert float(log[-1].split(",")[1]) < float(log[1].split(",")[1])
    teacher = weights_path(first, "float").read_bytes()
    weights.unlink()
    _, card = load_detector(run_page_recipe(recipe(tmp_path, "stages.1.images=24", "data.workers=1")))
    assert card["images"] == 24
    assert weights_path(first, "float").read_bytes() == teacher


def test_a_stage_by_the_clock_ends_with_a_rate_of_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("training", "validation"):
        write_pages(tmp_path / "pages" / name)
    tasks: list[DetectionTask] = []
    rates: list[float] = []
    started = DetectionTask.on_train_start
    begun = DetectionTask.on_train_batch_start

    def start(self: DetectionTask) -> None:
        tasks.append(self)
        started(self)

    def begin(self: DetectionTask, *args: Any) -> int | None:
        told = begun(self, *args)
        rates.append(self.optimizers().param_groups[0]["lr"])  # type: ignore[union-attr]
        return told

    monkeypatch.setattr(DetectionTask, "on_train_start", start)
    monkeypatch.setattr(DetectionTask, "on_train_batch_start", begin)
    monkeypatch.setattr(task_module, "monotonic", lambda: tasks[-1].seen)  # a second an image
    stage = "stages=[{name: float, stage: float, images: 2, minutes: 0.5, schedule: linear, warmup: 0}]"
    _, card = load_detector(run_page_recipe(recipe(tmp_path, stage)))
    assert card["images"] == 30
    np.testing.assert_allclose(rates[:-1], 0.01 * (1 - np.arange(15) / 15), rtol=1e-6)


def test_pages_are_of_the_layouts_that_a_recipe_wants(tmp_path: Path) -> None:
    for override, shares in (("data.shares={receipt: 1, scene: 3}", {"receipt": 1, "scene": 3}), ("seed=2", SHARES)):
        stream = open_pages(recipe(tmp_path, override), 1, 0).dataset
        assert isinstance(stream, PageStream)
        assert stream.shares == shares


@pytest.mark.parametrize(("override", "message"), [
    ("data.shares={letter: 1}", "letter"),
    ("data.size=50", "multiple of 32"),
    ("stages.0.start=nowhere.safetensors", "neither a finished stage"),
    ("network.neck=0", "neck"),
    ("data.columns=3", "columns"),
])  # fmt: skip
def test_a_wrong_recipe_is_told(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run_page_recipe(recipe(tmp_path, override))
