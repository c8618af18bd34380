"""Export: the engine equals torch bit for bit up to the LSTM, and ONNX agrees with torch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import kernel_hooks  # noqa: E402
from bitocr.errors import BitocrError, UsageError  # noqa: E402
from bitocr.io import bitfile  # noqa: E402
from bitocr.lab.data.charset import Charset  # noqa: E402
from bitocr.lab.export.bit import bit_bytes, export_bit  # noqa: E402
from bitocr.lab.export.onnx import export_onnx  # noqa: E402
from bitocr.lab.export.reference import Reference  # noqa: E402
from bitocr.lab.nn.binary import BINARIZERS  # noqa: E402
from bitocr.lab.nn.bit.fold import fold, network_header, quantize_rows  # noqa: E402
from bitocr.lab.nn.crnn import CRNN, BiLSTM, build  # noqa: E402
from bitocr.lab.train.task import to_input  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from bitocr.native.engine import Engine, kernels  # noqa: E402
from checkpoints import BLOCKS, WIDTHS, lively, prepared  # noqa: E402
from networks import complete  # noqa: E402

NECKS: dict[str, dict[str, Any]] = {
    "bilstm": {"neck": {"type": "bilstm", "hidden": 24}},
    "none": {"neck": {"type": "none"}},
    "bilstm, bottleneck": {"neck": {"type": "bilstm", "hidden": 24}, "head": {"bottleneck": 40}},
    "none, bottleneck": {"neck": {"type": "none"}, "head": {"bottleneck": 8}},
}


@pytest.fixture(params=NECKS)
def checkpoint(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    config = complete({"blocks": BLOCKS, **NECKS[request.param]})
    path = tmp_path / "weights.safetensors"
    save_weights(
        path, lively(config), {"name": "lively", "stage": "both", "network": config, "charset": Charset().characters}
    )
    return path


@pytest.mark.parametrize("kernel", kernels())
def test_engine_computes_what_torch_computes(checkpoint: Path, tmp_path: Path, kernel: str) -> None:
    export_bit(checkpoint, tmp_path / "model.bit")
    net, card = load_weights(checkpoint)
    reference = Reference(network_header(card["network"]), fold(net))
    model = (tmp_path / "model.bit").read_bytes()
    for width in WIDTHS:
        image = prepared(width)
        expected = reference.features(image).numpy()
        features, logprobs = kernel_hooks.network(kernel, model, image, expected.shape, 96)
        np.testing.assert_array_equal(features, expected)
        np.testing.assert_allclose(logprobs, reference.log_probs(image).numpy(), atol=2e-5)


def test_folding_changes_the_network_by_rounding_only(checkpoint: Path) -> None:
    net, card = load_weights(checkpoint)
    reference = Reference(network_header(card["network"]), fold(net))
    image = prepared(100)
    with torch.no_grad():
        expected = net.backbone(to_input(torch.from_numpy(image[None, None]))).mean(2)[0].T
    # Rounding flips the signs that were next to their threshold, and nothing else.
    correlation = np.corrcoef(reference.features(image).numpy().ravel(), expected.numpy().ravel())[0, 1]
    assert correlation > 0.98


def on_the_grid(net: CRNN) -> CRNN:
    """The network with weights that are already whole numbers of steps, and biases that all matter."""
    lstm = [net.neck.lstm] if isinstance(net.neck, BiLSTM) else []
    for module in filter(None, (*lstm, net.bottleneck, net.head)):
        for name, parameter in module.named_parameters():
            if name.startswith("weight"):
                codes, scale = quantize_rows(parameter)
                parameter.data.copy_(torch.from_numpy(codes * scale[:, None]))
            else:
                parameter.data.uniform_(-1, 1)
    return net


def test_folded_necks_and_heads_compute_what_the_network_does(checkpoint: Path) -> None:
    """After the same features: if matrices are on the grid, folding rounds only activations, to 16 bits."""
    net, card = load_weights(checkpoint)
    on_the_grid(net)
    reference = Reference(network_header(card["network"]), fold(net))
    image = prepared(100)
    x = reference.features(image)[None]
    with torch.no_grad():
        for part in filter(None, (net.neck, net.bottleneck, net.head)):
            x = part(x)
    torch.testing.assert_close(reference.log_probs(image), x[0].log_softmax(-1), atol=2e-3, rtol=0)


def test_weights_of_zero_are_plus_one() -> None:
    net = lively(complete({"blocks": BLOCKS, "neck": {"type": "none"}}))
    for zero in (0.0, -0.0):
        net.backbone.blocks[0].conv1.weight.data[0] = zero  # type: ignore[union-attr, index]
        folded = fold(net)["blocks.0.conv1.weight"]
        assert not folded[0].any()
        assert folded[1].any()


def test_model_holds_the_checkpoints_card_and_one_bit_a_weight(checkpoint: Path, tmp_path: Path) -> None:
    export_bit(checkpoint, tmp_path / "model.bit", {"licence": "Apache-2.0"})
    header, tensors = bitfile.read(tmp_path / "model.bit")
    assert header["charset"] == Charset().characters
    assert header["card"] == {"name": "lively", "licence": "Apache-2.0", "data": [], "trained": {"stage": "both"}}
    net, _ = load_weights(checkpoint)
    latent = net.backbone.blocks[1].conv1.weight.detach()  # type: ignore[union-attr, index]
    stored = tensors["blocks.1.conv1.weight"]
    assert stored.data.nbytes * 8 == latent.numel()
    np.testing.assert_array_equal(stored.values(), np.where(latent.permute(0, 2, 3, 1) < 0, -1, 1))
    assert Engine(tmp_path / "model.bit").charset == Charset().characters


@pytest.mark.parametrize("card", [None, {"licence": "MIT"}, {"languages": ["zh", "en"]}, {"languages": []}])
def test_languages_of_the_card_are_the_headers_too(checkpoint: Path, card: dict[str, Any] | None) -> None:
    header, _ = bitfile.read(bit_bytes(checkpoint, card))
    assert header.get("languages") == header["card"].get("languages") == (card or {}).get("languages")


def infinite(net: CRNN, card: dict[str, Any]) -> None:
    net.backbone.blocks[0].norm1.bias.data.fill_(1e9)  # type: ignore[union-attr, index]


@pytest.mark.parametrize(
    ("spoil", "card", "message"),
    [
        (infinite, {}, "the engine refuses this network: .*bias1"),
        (lambda net, card: card.update(charset="ab"), {}, "the engine refuses this network: .*2 characters"),
        (lambda net, card: card.pop("charset"), {}, "names no charset"),
        (lambda net, card: None, {"made": date(2020, 1, 1)}, "date.* put dates in quotes"),
        (lambda net, card: None, {"accuracy": {"a": float("nan")}}, "finite numbers"),
        (lambda net, card: None, {"languages": "en"}, "languages. is not a short list of language tags"),
    ],
)
def test_what_the_engine_would_refuse_is_not_written(
    tmp_path: Path, spoil: Callable[[CRNN, dict[str, Any]], Any], card: dict[str, Any], message: str
) -> None:
    config = complete({"blocks": BLOCKS, "neck": {"type": "none"}})
    net, about = lively(config), {"network": config, "charset": Charset().characters}
    spoil(net, about)
    save_weights(tmp_path / "weights.safetensors", net, about)
    with pytest.raises(BitocrError, match=message) as caught:
        export_bit(tmp_path / "weights.safetensors", tmp_path / "model.bit", card)
    assert str(caught.value).startswith(str(tmp_path / "weights.safetensors"))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "model.bit").exists()


@pytest.mark.parametrize(
    "config",
    [
        {"arch": "mobilenet_crnn"},
        {"stage": "float"},
        {"stage": "activations"},
        {"binarizer": "bnn"},
    ],
)
def test_what_the_engine_cannot_run_is_told(config: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"model\.bit|ONNX"):
        fold(build(config))


@pytest.mark.parametrize(
    "config",
    [
        {"arch": "mobilenet_crnn"},
        {"arch": "mobilenet_crnn", "head": {"bottleneck": 8}},
        {"stage": "float"},
        *({"binarizer": name} for name in BINARIZERS),
    ],
    ids=str,
)
def test_onnx_agrees_with_torch_at_any_width(config: dict[str, Any], tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    config = complete({**config, "blocks": BLOCKS, "neck": {"type": "bilstm", "hidden": 16}})
    weights, path = tmp_path / "weights.safetensors", tmp_path / "model.onnx"
    save_weights(weights, lively(config), {"network": config, "charset": Charset().characters})
    net, _ = load_weights(weights)
    export_onnx(weights, path)
    session = onnxruntime.InferenceSession(str(path))
    for n, width in ((1, 32), (3, 100)):
        images = to_input(torch.from_numpy(np.stack([prepared(width, seed)[None] for seed in range(n)])))
        with torch.no_grad():
            expected = net(images).numpy()
        np.testing.assert_allclose(session.run(None, {"image": images.numpy()})[0], expected, atol=1e-3)
