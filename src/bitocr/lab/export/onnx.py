"""Exports any recognizer to ONNX: input float [N, 1, 32, W] of any width, output logits [N, T, classes].

The file's metadata hold the charset as "charset": class 0 is the CTC blank, class i is charset[i - 1].
"""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.export.source import open_source
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import CRNN
from bitocr.native.image import HEIGHT

if TYPE_CHECKING:
    from onnx import ModelProto

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
    """Replaces modules made for training by ordinary operators with the same result, in place."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, BinaryConv2d) and child.stage != "float":
                setattr(module, name, PlainBinaryConv(child))
            elif type(child).__name__ == "RPReLU":
                setattr(module, name, PlainRPReLU(child.slope, child.shift))  # type: ignore[arg-type]
    return net


def onnx_bytes(net: CRNN) -> bytes:
    """`net` as ONNX, with dynamic batch and width. Makes the network plain in place."""
    out = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            plain(net).eval(),
            (torch.zeros(1, 1, HEIGHT, 128),),
            out,  # type: ignore[arg-type]  # it may be a stream
            opset_version=OPSET,
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": {0: "n", 3: "width"}, "logits": {0: "n", 1: "frames"}},
            dynamo=False,
        )
    return out.getvalue()


def export_net(net: CRNN, out: str | Path) -> None:
    """Writes `net` as ONNX, atomically. Makes the network plain in place."""
    write_atomic(out, onnx_bytes(net))


def export_onnx(source: str | Path, out: str | Path, precision: str = "auto") -> None:
    """Converts a weights file or a model.bit to ONNX. Replaces `out` atomically.

    Args:
        precision: "float"; "int8" for a checkpoint of `bitocr quantize`; "auto" is int8 for such a checkpoint.

    Raises:
        ModelError: the source cannot be read.
        UsageError: ONNX lacks the precision, or it does not suit the network.
    """
    import onnx

    opened = open_source(source)
    if precision == "auto":
        precision = "int8" if opened.scheme in ("static", "dynamic") else "float"
    if precision not in ("float", "int8"):
        raise UsageError(f"{out}: ONNX has the precisions float and int8, not {precision}")
    layers = opened.layers() if precision == "int8" else []
    model = onnx.load_from_string(onnx_bytes(opened.plain()))
    if precision == "int8":
        from bitocr.lab.export import onnx_int8

        model = onnx_int8.static(model, layers) if opened.scheme == "static" else onnx_int8.dynamic(model)
    describe(model, opened.card["charset"])
    write_atomic(out, model.SerializeToString())


def describe(model: ModelProto, charset: str) -> None:
    """Adds the charset to the file's metadata."""
    entry = model.metadata_props.add()
    entry.key, entry.value = "charset", charset
