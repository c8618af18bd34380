"""Makes ONNX files to time beside the engine: the same network and the MobileNet CRNN, in float and in int8.

The weights are random, since the time does not depend on them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.lab.export.onnx import export_net
from bitocr.lab.nn.crnn import build
from bitocr.native.image import HEIGHT


class RandomImages:
    """Calibration data for ONNX Runtime's static quantization: a few random images, then None."""

    def __init__(self, count: int = 4) -> None:
        rng = np.random.default_rng(0)
        self.images = iter([rng.standard_normal((1, 1, HEIGHT, 160)).astype(np.float32) for _ in range(count)])

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        image = next(self.images, None)
        return None if image is None else {"image": image}


def quantize_int8(source: Path, out: Path) -> None:
    """Quantizes convolutions and matrix products of a float ONNX file to static int8 (QDQ, weights per channel)."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    # Fuse batch norms first, as ONNX Runtime's guide says; otherwise the comparison would be unfair.
    fused = out.with_suffix(".fused.onnx")
    quant_pre_process(str(source), str(fused), skip_symbolic_shape=True)
    quantize_static(
        str(fused),
        str(out),
        RandomImages(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv", "MatMul", "Gemm"],
    )
    fused.unlink()


def training_config(network: dict[str, Any]) -> dict[str, Any]:
    """The config of a float network with the shape of the network in a model.bit's header."""
    return {
        "arch": "bit_crnn",
        "stem": network["stem"],
        "blocks": [[block["out"], block["stride"]] for block in network["blocks"]],
        "neck": network["neck"],
        "stage": "float",
        "classes": network["classes"],
    }


def write_rivals(network: dict[str, Any], folder: Path) -> list[Path]:
    """Writes float and int8 ONNX files of the MobileNet CRNN, and of `network` (from a header) as a float network."""
    configs = {"same_network": training_config(network), "mobilenet_crnn": {"arch": "mobilenet_crnn"}}
    files = []
    for name, config in configs.items():
        full, quantized = folder / f"{name}_float.onnx", folder / f"{name}_int8.onnx"
        export_net(build(config).eval(), full)
        quantize_int8(full, quantized)
        files += [full, quantized]
    return files
