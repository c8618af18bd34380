"""Exports to the file format that the file's name says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bitocr.errors import UsageError

AUTO = "auto"
PRECISIONS = {
    ".bit": (AUTO,),
    ".onnx": (AUTO, "float", "int8"),
    ".mnn": (AUTO, "float", "half", "packed", "int8"),
}
"""The precisions of each file format."""


def export_file(source: str | Path, out: str | Path, precision: str = AUTO, card: dict[str, Any] | None = None) -> None:
    """Converts a weights file to the format of `out`; .onnx and .mnn also take a model.bit. Replaces `out` atomically.

    Args:
        precision: one of PRECISIONS; "auto" chooses the one that the checkpoint was made for.
        card: entries to add to the card of a .bit model; other formats have no card.

    Raises:
        ModelError: the source cannot be read, or the conversion failed.
        UsageError: there is no such format or precision.
    """
    out = Path(out)
    check_file(out, precision)
    if out.suffix == ".bit":
        from bitocr.lab.export.bit import export_bit

        export_bit(source, out, card)
    elif out.suffix == ".onnx":
        from bitocr.lab.export.onnx import export_onnx

        export_onnx(source, out, precision)
    else:
        from bitocr.lab.export.mnn import export_mnn

        export_mnn(source, out, precision)


def check_file(out: Path, precision: str) -> None:
    """Raises UsageError for an unknown file format or precision."""
    known = PRECISIONS.get(out.suffix)
    if known is None:
        raise UsageError(f"{out}: the name must end in .bit, .onnx or .mnn")
    if precision not in known:
        raise UsageError(f"{out}: a {out.suffix} has the precision {' or '.join(known)}, not {precision}")
