"""The inverse of `fold`: turns a model.bit into a network for further training.

The file holds everything that inference needs, but not everything that training needs:

* **Latent weights.** Only their signs are left. All get the same magnitude, `LATENT`, so that all flip equally easily.
  The layer's scale, which fits the lost magnitudes, moves into the batch norm, whose gain becomes scale / LATENT.
* **Batch norm statistics.** They are folded into gain and offset. With mean 0 and variance 1 the network is the same in
  eval mode, but a very different one in training, which normalises by real batches. So `measure_statistics` measures
  them, and changes gain and offset so that the network computes the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from bitocr.io import bitfile
from bitocr.lab.config.network import AnyNetwork, open_network
from bitocr.lab.nn.backbone import BinaryBlock, BitBackbone
from bitocr.lab.nn.crnn import CRNN, BiLSTM, build, channels_last
from bitocr.lab.nn.quant.engine_numbers import fold_norm
from bitocr.lab.nn.quant.fake import INPUT_SCALE
from bitocr.native.engine import Engine

Tensors = dict[str, Tensor]

#: A power of two, which is exact in the 16 bits of weights files: so `fold` gives back the original weights.
LATENT = 1 / 8
STEM_SCALE = 1 / 128


def unfold(source: str | os.PathLike[str] | bytes) -> tuple[CRNN, dict[str, Any]]:
    """The network of a model.bit in float32 and eval mode, and the file's header.

    Call `measure_statistics` before you train it.

    Raises:
        ModelError: the file is missing or damaged, or the engine cannot run it.
    """
    header, stored = bitfile.read(source)
    Engine(source)  # checks that the tensors fit the network
    tensors = {name: torch.from_numpy(tensor.values().astype("f4")) for name, tensor in stored.items()}
    net = build(network_of_header(header["network"]))
    assert isinstance(net.backbone, BitBackbone)
    with torch.no_grad():
        unfold_stem(net.backbone, tensors)
        for index, block in enumerate(net.backbone.blocks):
            assert isinstance(block, BinaryBlock)
            unfold_block(block, tensors, f"blocks.{index}.")
        if isinstance(net.neck, BiLSTM):
            unfold_lstm(net.neck.lstm, tensors)
        if net.bottleneck is not None:
            net.bottleneck.weight.copy_(rows(tensors, "bottleneck.weight", "bottleneck.scale"))
        net.head.weight.copy_(rows(tensors, "head.weight", "head.scale"))
        net.head.bias.copy_(tensors["head.bias"])
    return channels_last(net).eval(), header


def network_of_header(network: dict[str, Any]) -> AnyNetwork:
    """The config of the network to train, from the "network" of a model's header."""
    blocks = [[block["out"], list(block["stride"])] for block in network["blocks"]]
    kept: dict[str, Any] = {key: network[key] for key in ("arch", "stem", "neck", "head", "classes") if key in network}
    return open_network({**kept, "blocks": blocks, "stage": "both", "binarizer": "reactnet"})


def rows(tensors: Tensors, weight: str, scale: str) -> Tensor:
    """The dequantized matrix: each row of integers times its scale."""
    return tensors[weight] * tensors[scale][:, None]


def set_norm(norm: nn.BatchNorm2d, gain: Tensor, offset: Tensor) -> None:
    """Makes a batch norm compute x * gain + offset in eval mode, with mean 0 and variance 1."""
    assert norm.running_var is not None
    norm.running_var.fill_(1 - norm.eps)
    norm.weight.copy_(gain)
    norm.bias.copy_(offset)


def unfold_stem(backbone: BitBackbone, tensors: Tensors) -> None:
    backbone.stem.weight.copy_(tensors["stem.weight"][:, None] * STEM_SCALE)
    set_norm(backbone.stem_norm, tensors["stem.scale"] / (STEM_SCALE * INPUT_SCALE), tensors["stem.bias"])


def unfold_block(block: BinaryBlock, tensors: Tensors, name: str) -> None:
    convs = ((block.conv1, block.norm1, block.act1), (block.conv2, block.norm2, block.act2))
    for number, (conv, norm, act) in enumerate(convs, 1):
        conv.threshold.copy_(tensors[f"{name}beta{number}"].view_as(conv.threshold))
        conv.weight.copy_(LATENT * tensors[f"{name}conv{number}.weight"].permute(0, 3, 1, 2))
        set_norm(norm, tensors[f"{name}scale{number}"] / LATENT, tensors[f"{name}bias{number}"])
        for key in ("slope", "shift"):
            parameter = getattr(act, key)
            parameter.copy_(tensors[f"{name}{key}{number}"].view_as(parameter))


def unfold_lstm(lstm: nn.LSTM, tensors: Tensors) -> None:
    for direction, suffix in (("forward", ""), ("backward", "_reverse")):
        name = f"lstm.{direction}."
        for kind in ("ih", "hh"):
            parameter = getattr(lstm, f"weight_{kind}_l0{suffix}")
            parameter.copy_(rows(tensors, f"{name}weight_{kind}", f"{name}scale_{kind}"))
        getattr(lstm, f"bias_ih_l0{suffix}").copy_(tensors[f"{name}bias"])
        getattr(lstm, f"bias_hh_l0{suffix}").zero_()


@torch.no_grad()
def measure_statistics(net: CRNN, batches: Iterable[Tensor]) -> None:
    """Sets the statistics of all batch norms to those of `batches` (float [N, 1, 32, W]). The function stays the same.

    In eval mode the inputs of a layer do not change with the statistics, so one pass serves all layers.
    """
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    sums = {norm: torch.zeros(3, norm.num_features, dtype=torch.float64) for norm in norms}

    def record(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        values = inputs[0].transpose(0, 1).flatten(1).double()
        count = torch.full_like(values[:, 0], values.shape[1])
        sums[norm] += torch.stack([count, values.sum(1), values.square().sum(1)])

    hooks = [norm.register_forward_pre_hook(record) for norm in norms]
    net.eval()
    for batch in batches:
        net(batch)
    for hook in hooks:
        hook.remove()
    for norm, (count, total, squares) in sums.items():
        if count.min() > 0:
            set_statistics(norm, total / count, squares / count - (total / count).square())


def set_statistics(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    """Gives a batch norm new statistics, and the weight and bias that leave its function the same."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    gain, offset = fold_norm(norm)
    # Keep the variance of a constant channel above rounding errors.
    variance = variance.clamp(min=1e-4)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_(gain * (variance + norm.eps).sqrt())
    norm.bias.copy_(offset + mean * gain)
