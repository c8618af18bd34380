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
            help="Of .onnx (float, int8) and .mnn. half: weights in 16 bits, of float networks. packed: weights in 2 "
            "or 4 bits where that is exact, else 8. int8: computed in integers too, of a quantized checkpoint. auto: "
            "what it was made for."
        ),
    ] = "auto",
    card: Annotated[
        Path | None, typer.Option(help="YAML to add to a .bit model's card: languages, licence, accuracy, data.")
    ] = None,
) -> None:
    """Export a trained network: .bit (binary networks only), .onnx or .mnn (any network).

    `bitocr verify OUT --against CHECKPOINT` tells whether the file reads what the checkpoint reads.
    """
    from bitocr.lab.export.file import export_file

    if card is not None and out.suffix != ".bit":
        raise UsageError(f"{out}: --card is for a .bit model")
    export_file(checkpoint, out, precision, read_card(card))
    print(f"{out}  {out.stat().st_size:,} bytes")


def read_card(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    from bitocr.lab.train.values import read_mapping

    return read_mapping(path, "a card")
