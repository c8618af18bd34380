"""`bitocr export`: a checkpoint as the file that runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bitocr.errors import UsageError


def command(
    checkpoint: Annotated[Path, typer.Argument(help="The weights.safetensors that `bitocr train` wrote.")],
    out: Annotated[Path, typer.Argument(help="MODEL.bit for the engine, or MODEL.onnx for ONNX Runtime.")],
    card: Annotated[
        Path | None, typer.Option(help="YAML to add to a .bit model's card: languages, licence, accuracy, data.")
    ] = None,
) -> None:
    """Export a trained network: .bit (binary networks only) or .onnx (any network)."""
    if out.suffix == ".bit":
        from bitocr.lab.export.bit import export_bit

        export_bit(checkpoint, out, read_card(card))
    elif out.suffix == ".onnx":
        from bitocr.lab.export.onnx import export_onnx

        export_onnx(checkpoint, out)
    else:
        raise UsageError(f"{out}: the name must end in .bit or .onnx")
    print(f"{out}  {out.stat().st_size:,} bytes")


def read_card(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    from bitocr.lab.train.values import read_mapping

    return read_mapping(path, "a card")
