"""ONNX export of any of our networks: input float [N, 1, 32, W] of any width, output logits [N, T, classes]."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.train.weights import load_weights

OPSET = 17


class PlainBinaryConv(nn.Module):
    """`BinaryConv2d` in operators that every runtime has: Where for the sign, Pad with ones, Conv."""

    def __init__(self, conv: BinaryConv2d) -> None:
        super().__init__()
        latent = conv.weight.detach()
        signs = torch.where(latent < 0, -1.0, 1.0)
        scale = latent.abs().mean((1, 2, 3), keepdim=True) if conv.binarizer.scale else torch.ones(1)
        self.weight = signs * scale if conv.stage == "both" else latent
        self.threshold = conv.threshold.detach()
        self.padding, self.stride = (conv.padding,) * 4, conv.stride

    def forward(self, x: Tensor) -> Tensor:
        signs = torch.where(x + self.threshold >= 0, 1.0, -1.0)
        return nn.functional.conv2d(nn.functional.pad(signs, self.padding, value=1.0), self.weight, None, self.stride)


class PlainRPReLU(nn.Module):
    def __init__(self, slope: Tensor, shift: Tensor) -> None:
        super().__init__()
        self.slope, self.shift = slope.detach(), shift.detach()

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.prelu(x, self.slope.flatten()) + self.shift


def plain(net: CRNN) -> CRNN:
    """Replaces, in place, what only our training needs by ordinary operators of the same result."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, BinaryConv2d) and child.stage != "float":
                setattr(module, name, PlainBinaryConv(child))
            elif type(child).__name__ == "RPReLU":
                setattr(module, name, PlainRPReLU(child.slope, child.shift))  # type: ignore[arg-type]
    return net


def export_net(net: CRNN, out: str | Path) -> None:
    """Writes `net` as ONNX, with dynamic batch and width; replaced in one step. The network is made plain in place."""
    out = Path(out)
    temporary = out.with_name(out.name + ".part")
    example = torch.zeros(1, 1, 32, 128)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            plain(net).eval(),
            (example,),
            str(temporary),
            opset_version=OPSET,
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": {0: "n", 3: "width"}, "logits": {0: "n", 1: "frames"}},
            dynamo=False,
        )
    os.replace(temporary, out)


def export_onnx(checkpoint: str | Path, out: str | Path) -> None:
    """Converts a weights file to ONNX.

    Raises:
        ModelError: the checkpoint cannot be read.
    """
    net, _ = load_weights(checkpoint)
    export_net(net, out)
