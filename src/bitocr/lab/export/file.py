"""Exports to the kind of file that its name says."""

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
"""What each kind of file can be written in."""


def export_file(source: str | Path, out: str | Path, precision: str = AUTO, card: dict[str, Any] | None = None) -> None:
    """Converts a weights file, or for .onnx and .mnn a model.bit, to the file that `out` names, replaced in one step.

    Args:
        precision: one of PRECISIONS; "auto": the one that the checkpoint was made for.
        card: what to add to the card of a .bit model; other files have none.

    Raises:
        ModelError: the source cannot be read, or converting failed.
        UsageError: a name or a precision that there is none of.
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
    """Raises UsageError for an unknown kind of file or precision."""
    known = PRECISIONS.get(out.suffix)
    if known is None:
        raise UsageError(f"{out}: the name must end in .bit, .onnx or .mnn")
    if precision not in known:
        raise UsageError(f"{out}: a {out.suffix} has the precision {' or '.join(known)}, not {precision}")
