"""`bitocr export`: a checkpoint as the file that runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bitocr.errors import UsageError


def command(
    checkpoint: Annotated[Path, typer.Argument(help="A weights.safetensors; a .bit becomes .onnx or .mnn too.")],
    out: Annotated[
        Path,
        typer.Argument(help="MODEL.bit for the engine, MODEL.onnx for ONNX Runtime, MODEL.mnn for MNN."),
    ],
    precision: Annotated[
        Literal["auto", "float", "half", "packed", "int8"],
        typer.Option(
            help="Of .onnx (float, int8) and .mnn. half: weights in 16 bits. packed: weights in 2 bits where that is "
            "exact, else 8. int8: computed in integers too, of a quantized checkpoint. auto: what it was made for."
        ),
    ] = "auto",
    card: Annotated[
        Path | None, typer.Option(help="YAML to add to a .bit model's card: languages, licence, accuracy, data.")
    ] = None,
) -> None:
    """Export a trained network: .bit (binary networks only), .onnx or .mnn (any network).

    `bitocr verify OUT --against CHECKPOINT` tells whether the file reads what the checkpoint reads.
    """
    if card is not None and out.suffix != ".bit":
        raise UsageError(f"{out}: --card is for a .bit model")
    if out.suffix == ".bit":
        from bitocr.lab.export.bit import export_bit

        if precision != "auto":
            raise UsageError(f"{out}: a .bit model has one precision; --precision is for .onnx and .mnn")
        export_bit(checkpoint, out, read_card(card))
    elif out.suffix == ".onnx":
        from bitocr.lab.export.onnx import export_onnx

        export_onnx(checkpoint, out, precision)
    elif out.suffix == ".mnn":
        from bitocr.lab.export.mnn import export_mnn

        export_mnn(checkpoint, out, precision)
    else:
        raise UsageError(f"{out}: the name must end in .bit, .onnx or .mnn")
    print(f"{out}  {out.stat().st_size:,} bytes")


def read_card(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    from bitocr.lab.train.values import read_mapping

    return read_mapping(path, "a card")
