"""Writes plots to files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from bitocr.io.files import write_atomic

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_figure(figure: Figure, picture: Path) -> None:
    """Writes a figure as PNG, completely or not at all. Raises UsageError if it cannot."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110, metadata={"Software": None})
    write_atomic(picture, png.getvalue())
