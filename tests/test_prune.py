"""Pruning: which channels are coupled and which are kept, and that a cut network computes the rest of the old one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import kernel_hooks  # noqa: E402
from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.config.network import open_network  # noqa: E402
from bitocr.lab.export.bit import export_bit  # noqa: E402
from bitocr.lab.export.onnx import export_onnx  # noqa: E402
from bitocr.lab.export.reference import Reference  # noqa: E402
from bitocr.lab.jobs.sensitivity import Curve, capped, levels  # noqa: E402
from bitocr.lab.jobs.widths import chosen_widths, even_widths  # noqa: E402
from bitocr.lab.nn.bit.fold import fold, network_header  # noqa: E402
from bitocr.lab.nn.crnn import CRNN, build  # noqa: E402
from bitocr.lab.nn.macs import count_macs, layers  # noqa: E402
from bitocr.lab.nn.prune.channels import Cutter, adapt_norms  # noqa: E402
from bitocr.lab.nn.prune.coupled import channel_groups, widths_of, with_widths  # noqa: E402
from bitocr.lab.nn.prune.importance import importance  # noqa: E402
from bitocr.lab.nn.prune.shortcut_order import Forest, keep_shortcuts  # noqa: E402
from bitocr.lab.nn.prune.sparsity import hold_zeros, make_permanent, prunable, sparsify, zeros_of  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from bitocr.native.engine import kernels  # noqa: E402
from bitocr.native.image import prepare  # noqa: E402
from networks import complete  # noqa: E402

NECK = {"type": "bilstm", "hidden": 8}
MOBILE = {"arch": "mobilenet_crnn", "stem": 16, "blocks": [[32, [2, 2]], [32, [2, 1]]], "neck": NECK, "classes": 4}
BLOCKS = [[64, [2, 2]], [64, [1, 1]], [128, [2, 1]]]
BINARY = {"arch": "bit_crnn", "stem": 32, "blocks": BLOCKS, "neck": NECK, "classes": 4}
FLOAT = {**BINARY, "stage": "float"}
CONFIGS = {"mobile": MOBILE, "float": FLOAT, "no neck": {**MOBILE, "neck": {"type": "none"}}}


def network(config: dict[str, Any], seed: int = 0) -> Any:
    """A network in eval mode whose batch norms, slopes and thresholds differ from their initial values."""
    torch.manual_seed(seed)
    net = build(config).eval()
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif tensor.squeeze().ndim == 1 and tensor.is_floating_point():
                tensor.add_(torch.randn_like(tensor) * 0.2)
    return net


def cutter(config: dict[str, Any]) -> Cutter:
    return Cutter(network(config), open_network(config), "l1")


@pytest.mark.parametrize("arch", ["mobilenet_crnn", "bit_crnn"])
def test_multiply_adds_are_those_that_torch_counts(arch: str) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    config = complete({"arch": arch} if arch == "mobilenet_crnn" else {"stage": "float"})
    net = build({**config, "neck": {"type": "none"}}).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, 1, 32, 100))
    assert count_macs({**config, "neck": {"type": "none"}}, 100) == counter.get_total_flops() // 2
    lstm = next(layer for layer in layers(config, 100) if layer.name == "neck.lstm")
    matrices = [p for name, p in build(config).named_parameters() if name.startswith("neck.lstm.weight")]
    assert lstm.weights == sum(p.numel() for p in matrices)
    assert lstm.macs == lstm.weights * 25
    modules = dict(build(config).named_modules())
    assert all(
        tuple(modules[each.name].weight.shape) == each.shape for each in layers(config) if "lstm" not in each.name
    )


MOBILE_GROUPS = [
    "stem.0 stem.1 blocks.0.0 blocks.0.1 <blocks.0.3",
    "blocks.0.3 blocks.0.4 blocks.1.0 blocks.1.1 <blocks.1.3",
    "blocks.1.3 blocks.1.4 <READER",
]
BINARY_GROUPS = [
    "stem stem_norm <blocks.0.conv1 blocks.0.conv1 blocks.0.norm1 blocks.0.act1 <blocks.0.conv2",
    "blocks.0.conv2 blocks.0.norm2 blocks.0.act2 "
    "<blocks.1.conv1 blocks.1.conv1 blocks.1.norm1 blocks.1.act1 <blocks.1.conv2 "
    "blocks.1.conv2 blocks.1.norm2 blocks.1.act2 "
    "<blocks.2.conv1 blocks.2.conv1 blocks.2.norm1 blocks.2.act1 <blocks.2.conv2",
    "blocks.2.conv2 blocks.2.norm2 blocks.2.act2 <READER",
]


@pytest.mark.parametrize(
    ("config", "expected", "reader"),
    [
        (MOBILE, MOBILE_GROUPS, "neck.lstm"),
        ({**MOBILE, "neck": {"type": "none"}}, MOBILE_GROUPS, "head"),
        ({**MOBILE, "neck": {"type": "none"}, "head": {"bottleneck": 8}}, MOBILE_GROUPS, "bottleneck"),
        (BINARY, BINARY_GROUPS, "neck.lstm"),
        (FLOAT, BINARY_GROUPS, "neck.lstm"),
        ({**BINARY, "binarizer": "bireal"}, [re.sub(r"\S*act\d ", "", each) for each in BINARY_GROUPS], "neck.lstm"),
    ],
)
def test_groups_hold_every_layer_that_has_their_channels(
    config: dict[str, Any], expected: list[str], reader: str
) -> None:
    """`<`: a layer that reads the group's channels."""
    described = open_network(config)
    groups = channel_groups(described)
    assert [group.width for group in groups] == widths_of(config)
    assert with_widths(described, widths_of(config)) == described
    named = [
        sorted("<" * (not layer.is_output) + layer.name.removeprefix("backbone.") for layer in group.layers)
        for group in groups
    ]
    assert named == [sorted(names.replace("READER", reader).split()) for names in expected]
    assert {layer.name for group in groups for layer in group.layers} <= set(dict(network(config).named_modules()))


def test_networks_without_shortcuts_are_refused() -> None:
    with pytest.raises(UsageError, match="its channels cannot be cut"):
        channel_groups(open_network({**FLOAT, "binarizer": "bnn"}))


@pytest.mark.parametrize(
    ("name", "widths"),
    [("mobile", [8, 24, 16]), ("no neck", [16, 8, 8]), ("float", [20, 40, 72]), ("float", [32, 48, 40])],
)
def test_what_nobody_reads_can_be_cut_without_a_trace(name: str, widths: list[int]) -> None:
    net = network(CONFIGS[name])
    whole = Cutter(net, open_network(CONFIGS[name]), "l1")
    small, narrow = whole.cut(widths)
    images = torch.randn(2, 1, 32, 40)
    with torch.no_grad():
        assert (small(images) - net(images)).abs().max() > 1e-2
    silence(net, whole, widths)
    small, narrow = whole.cut(widths)
    assert widths_of(narrow) == widths
    assert count_macs(narrow) < count_macs(CONFIGS[name])
    with torch.no_grad():
        torch.testing.assert_close(small(images), net(images), rtol=1e-4, atol=1e-5)


def silence(net: CRNN, whole: Cutter, widths: list[int]) -> None:
    """No layer reads the channels that are not kept."""
    modules = dict(net.named_modules())
    with torch.no_grad():
        for group, kept in zip(whole.groups, whole.keep(widths), strict=True):
            dead = sorted(set(range(group.width)) - set(kept))
            for module in (modules[layer.name] for layer in group.layers if not layer.is_output):
                for key, weight in module.named_parameters():
                    if key.startswith("weight") and weight.shape[1] == group.width:
                        weight[:, dead] = 0


def test_the_filters_with_the_least_norm_go() -> None:
    config = open_network(MOBILE)
    net = network(MOBILE)
    with torch.no_grad():
        net.backbone.blocks[0][3].weight[5:] *= 1e-3
        net.backbone.blocks[0][4].weight[7] = 1e4  # a batch norm makes a small filter large again
    keep = Cutter(net, config, "l2").keep([16, 6, 32])
    assert keep[1] == [0, 1, 2, 3, 4, 7]
    with pytest.raises(UsageError, match="unknown norm 'l3'"):
        importance(net, channel_groups(config)[0], "l3")
    with pytest.raises(UsageError, match="cannot be cut to"):
        Cutter(net, config, "l1").keep([16, 33, 32])


def test_binary_channels_are_ranked_by_their_scale() -> None:
    net = network(BINARY)
    group = channel_groups(open_network(BINARY))[2]
    conv, norm = net.backbone.blocks[2].conv2, net.backbone.blocks[2].norm2
    scale = conv.weight.abs().mean((1, 2, 3)) * (norm.weight / (norm.running_var + norm.eps).sqrt()).abs()
    assert np.argsort(importance(net, group, "l1")).tolist() == torch.argsort(scale.double()).tolist()
    np.testing.assert_allclose(importance(net, group, "l1"), importance(net, group, "l2"), rtol=1e-5)


@pytest.mark.parametrize(
    ("old", "new"),
    [([4, 8, 16], [4, 8, 12]), ([4, 8, 16], [4, 6, 7]), ([4, 8, 16], [3, 5, 4]), ([4, 6, 9], [3, 4, 5]), ([8], [3])],
)
def test_every_kept_channel_keeps_its_shortcut(old: list[int], new: list[int]) -> None:
    rng = np.random.default_rng(0)
    kept = keep_shortcuts([rng.random(width).tolist() for width in old], new)
    for group, (channels, width) in enumerate(zip(kept, new, strict=True)):
        assert len(set(channels)) == width
        for place, channel in enumerate(channels[: width if group else 0]):
            assert channel % old[group - 1] == kept[group - 1][place % new[group - 1]]


def test_the_most_important_trees_are_kept() -> None:
    scores: list[list[float]] = [[1.0] * 4, [0, 9, 0, 0, 9, 0, 9, 0]]  # children of c: c and c + 4
    assert keep_shortcuts(scores, [2, 2])[1] == [4, 1] or keep_shortcuts(scores, [2, 2])[1] == [1, 4]
    assert sorted(keep_shortcuts(scores, [3, 3])[1]) == [1, 4, 6]
    with pytest.raises(UsageError, match="shortcuts would be lost"):
        keep_shortcuts([[1.0] * 4, [1.0] * 6], [3, 6])
    assert Forest([2, 3]).shapes == [((), ()), ((),)]


@pytest.mark.parametrize("widths", [[32, 32, 64], [32, 64, 96], [32, 64, 64]])
def test_a_pruned_binary_network_runs_in_the_engine(tmp_path: Path, widths: list[int]) -> None:
    net, narrow = cutter(BINARY).cut(widths)
    weights, model = tmp_path / "weights.safetensors", tmp_path / "model.bit"
    save_weights(weights, net, {"network": narrow.plain(), "charset": "abc"})
    export_bit(weights, model)
    q = prepare(np.random.default_rng(1).integers(0, 256, (8, 16), np.uint8), 64)
    small, card = load_weights(weights)
    reference = Reference(network_header(card["network"]), fold(small))
    features = reference.features(q).numpy()
    for kernel in kernels():
        computed, _ = kernel_hooks.network(kernel, model.read_bytes(), q, features.shape, 4)
        np.testing.assert_array_equal(computed, features)
    with torch.no_grad():
        expected = small.backbone(torch.from_numpy(q)[None, None].float() / 32).mean(2)[0].T.numpy()
    assert np.corrcoef(features.ravel(), expected.ravel())[0, 1] > 0.95  # 16 bits turn some signs


@pytest.mark.parametrize(("config", "widths"), [(MOBILE, [8, 16, 24]), (BINARY, [32, 64, 96])])
def test_a_pruned_network_becomes_onnx(tmp_path: Path, config: dict[str, Any], widths: list[int]) -> None:
    runtime = pytest.importorskip("onnxruntime")
    net, narrow = cutter(config).cut(widths)
    save_weights(tmp_path / "weights.safetensors", net, {"network": narrow.plain(), "charset": "abc"})
    export_onnx(tmp_path / "weights.safetensors", tmp_path / "model.onnx")
    images = torch.randn(2, 1, 32, 48)
    session = runtime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    with torch.no_grad():
        expected = load_weights(tmp_path / "weights.safetensors")[0](images)
    np.testing.assert_allclose(session.run(None, {"image": images.numpy()})[0], expected.numpy(), atol=1e-3)


def test_norms_are_adapted() -> None:
    net = network(MOBILE)
    images = torch.randn(8, 1, 32, 48)
    adapt_norms(net, [images])
    with torch.no_grad():
        out = net.backbone.stem[1](net.backbone.stem[0](images))
    norm = net.backbone.stem[1]
    torch.testing.assert_close(out.mean((0, 2, 3)), norm.bias.detach(), atol=1e-3, rtol=0)
    assert norm.momentum == 0.1
    assert not net.training


@pytest.mark.parametrize("scope", ["global", "layer"])
@pytest.mark.parametrize("config", [MOBILE, FLOAT])
def test_the_smallest_weights_become_zero_and_stay(config: dict[str, Any], scope: str) -> None:
    net = network(config)
    before = {name: getattr(module, key).detach().clone() for name, (module, key) in prunable(net).items()}
    sparsify(net, 0.7, scope)
    after = {name: getattr(module, key).detach().clone() for name, (module, key) in prunable(net).items()}
    assert sum(zeros_of(net).values()) == pytest.approx(0.7 * sum(map(torch.numel, before.values())), abs=len(before))
    for group in [list(before)] if scope == "global" else [[name] for name in before]:
        kept = torch.cat([before[name][after[name] != 0].abs() for name in group])
        gone = torch.cat([before[name][after[name] == 0].abs() for name in group])
        assert gone.max() <= kept.min()
    zeros, keys = zeros_of(net), set(net.state_dict())
    hold_zeros(net.train())
    net(torch.randn(2, 1, 32, 32)).square().sum().backward()
    torch.optim.SGD(net.parameters(), 0.1).step()
    make_permanent(net)
    assert zeros_of(net) == zeros
    assert set(net.state_dict()) == keys
    assert any((getattr(module, key) != after[name]).any() for name, (module, key) in prunable(net).items())


@pytest.mark.parametrize(
    ("config", "amount", "scope", "message"),
    [
        (BINARY, 0.5, "global", "binary weights are"),
        (MOBILE, 1.0, "global", "from 0 to below 1"),
        (MOBILE, 0.5, "block", "unknown scope 'block'"),
    ],
)
def test_what_cannot_be_sparse_is_told(config: dict[str, Any], amount: float, scope: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        sparsify(network(config), amount, scope)


def test_levels_and_caps() -> None:
    assert levels(64, 8) == [64, 56, 48, 40, 32, 24, 16, 8]
    assert levels(100, 32) == [100, 96, 64, 32]
    assert levels(32, 32) == [32]
    assert capped(open_network(BINARY), [32, 32, 128]) == [32, 32, 64]
    assert capped(open_network(MOBILE), [8, 32, 32]) == [8, 32, 32]


def test_cuts_are_chosen_where_they_cost_least() -> None:
    whole = cutter(MOBILE)
    fall = [1, 0.1, 0.1, 0, 0, 0, 0, 0]
    curves = [
        Curve("stem", tuple((16 - 2 * step, 0.9 * share) for step, share in enumerate(fall))),
        Curve("blocks.0", tuple((32 - 4 * step, 0.9 * share) for step, share in enumerate(fall))),
        Curve("blocks.1", tuple((32 - 4 * step, 0.9) for step in range(8))),
    ]
    light = chosen_widths(whole, curves, 0.8, 4)
    assert light[:2] == [16, 32]
    assert 4 < light[2] < 32
    hard = chosen_widths(whole, curves, 0.5, 4)
    assert hard[0] >= 8  # a curve that has come down to 0 says nothing any more
    assert hard[1] >= 16
    for widths, keep in ((light, 0.8), (hard, 0.5)):
        assert count_macs(with_widths(open_network(MOBILE), widths)) <= keep * count_macs(MOBILE)
    with pytest.raises(UsageError, match="nothing is left to cut"):
        chosen_widths(whole, curves, 1e-6, 4)


def test_curves_between_their_points() -> None:
    curve = Curve("x", ((8, 0.9), (4, 0.5), (2, 0.8)))
    assert [curve.accuracy(width) for width in (8, 6, 4, 3, 2, 1)] == pytest.approx([0.9, 0.7, 0.5, 0.5, 0.5, 0.25])


@pytest.mark.parametrize("config", [MOBILE, FLOAT, BINARY])
def test_even_cuts(config: dict[str, Any]) -> None:
    multiple = 32 if config is BINARY else 4
    widths = even_widths(cutter(config), 0.6, multiple)
    assert count_macs(with_widths(open_network(config), widths)) <= 0.6 * count_macs(config)
    assert all(width % multiple == 0 for width in widths)
    with pytest.raises(UsageError, match="nothing is left to cut"):
        even_widths(cutter(config), 1e-6, multiple)
