"""Exports a step's result, and checks that each file reads the same as the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bitocr.io.files import read_text, write_atomic
from bitocr.lab.export.file import export_file
from bitocr.lab.export.verify import Named, compare
from bitocr.lab.jobs.workspace import digest
from bitocr.lab.markdown import table


def export_files(
    checkpoint: Path, files: Mapping[str, str], images: Sequence[Named], out: Path, folder: Path
) -> dict[str, Any]:
    """Exports the missing files to `out`, and writes FOLDER/export.json and .md.

    Args:
        files: the files, each with its precision.
        images: the images on which to compare each file with the checkpoint.

    Returns:
        For each file: precision, bytes, sha256, images, texts_differ, largest and median (differences of a
        log-probability), and rounded_texts_differ if the file rounds the checkpoint's weights.

    Raises:
        UsageError, ModelError: a file cannot be exported. Files written before it stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "export.json"
    report: dict[str, Any] = json.loads(read_text(note)) if note.exists() else {}
    for name, precision in files.items():
        file = out / name
        known = report.get(name, {})
        # A step that is no longer in the recipe may have written a file of the same name.
        if known.get("precision") != precision or is_older(file, checkpoint) or known.get("sha256") != digest(file):
            export_file(checkpoint, file, precision)
            report[name] = {"precision": precision, **compared(file, checkpoint, images)}
            print(f"{file}  {report[name]['bytes']:,} bytes, {differing(report[name])}", flush=True)
            write_atomic(note, (json.dumps(report, indent=1) + "\n").encode())
    report = {name: report[name] for name in files}
    write_atomic(folder / "export.md", markdown(report).encode())
    return report


def is_older(file: Path, checkpoint: Path) -> bool:
    """Whether the file is missing or older than the checkpoint."""
    return not file.exists() or file.stat().st_mtime_ns < checkpoint.stat().st_mtime_ns


def compared(file: Path, checkpoint: Path, images: Sequence[Named]) -> dict[str, Any]:
    comparison = compare(file, checkpoint, images)
    rounded = {} if comparison.rounded is None else {"rounded_texts_differ": len(comparison.rounded.differing)}
    return {
        "bytes": file.stat().st_size,
        "sha256": digest(file),
        "images": comparison.images,
        "texts_differ": len(comparison.differing),
        "largest": max(comparison.largest),
        "median": median(comparison.largest),
        **rounded,
    }


def differing(compared: dict[str, Any]) -> str:
    text = f"{compared['texts_differ']} of {compared['images']} texts differ from the checkpoint's"
    rounded = compared.get("rounded_texts_differ")
    return text if rounded is None else f"{text}, {rounded} with weights rounded as in the file"


def markdown(report: dict[str, Any]) -> str:
    heads = ["file", "precision", "bytes", "images", "texts that differ", "largest difference of a log-probability"]
    return "\n".join(table(heads, [cells(name, each) for name, each in report.items()])) + "\n"


def cells(name: str, compared: dict[str, Any]) -> list[str]:
    counts = [f"{compared[key]:,}" for key in ("bytes", "images", "texts_differ")]
    return [name, compared["precision"], *counts, f"{compared['largest']:.2g}"]
