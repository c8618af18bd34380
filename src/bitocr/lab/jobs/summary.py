"""The report on a compression: all checkpoints and exported files, measured side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bitocr.io.files import read_text, write_atomic
from bitocr.lab.jobs.plan import Plan
from bitocr.lab.jobs.steps import ORIGINAL, Weights, network_of
from bitocr.lab.nn.macs import count_macs
from bitocr.lab.report.facts import facts
from bitocr.lab.report.measure import Progress, check_sets, measure, open_set, set_name
from bitocr.lab.report.page import write_report
from bitocr.lab.report.probe import LINE
from bitocr.lab.train.weights import read_weights


def write_summary(plan: Plan, weights: Weights, sets: Sequence[dict[str, Any]], progress: Progress) -> dict[str, Any]:
    """Writes OUT/report.html, .json and .md unless they are up to date, and returns the .json.

    Args:
        sets: the sets of `sets_of`.
    """
    page, note = plan.out / "report.html", plan.out / "measured.json"
    written = [note, *(plan.out / f"report{end}" for end in (".html", ".json", ".md", "-size.svg", "-time.svg"))]
    origins = origins_of(plan, weights)
    asked = {"files": {str(file): stamp(file) for file in origins}, "sets": sets, "rounds": plan.settings.report.rounds}
    if not all(file.exists() for file in written) or json.loads(read_text(note)) != asked:
        print(f"measuring {len(origins)} variants side by side", flush=True)
        opened = [open_set(Path(entry["path"]), **without_path(entry)) for entry in sets]
        variants = measure(list(origins), opened, plan.settings.report.rounds, progress)
        macs = [count_macs(read_weights(origin)[1]["network"], LINE[1]) for origin in origins.values()]
        steps = {step.name: str(step) for step in plan.steps if step.kind}
        about = {**facts(opened, plan.settings.report.rounds), "steps": steps}
        known = [replace(variant, multiply_adds=number) for variant, number in zip(variants, macs, strict=True)]
        write_report(known, about, page)
        write_atomic(note, (json.dumps(asked) + "\n").encode())
    return dict(json.loads(read_text(page.with_suffix(".json"))))


def origins_of(plan: Plan, weights: Weights) -> dict[Path, Path]:
    """The files to measure, each with its checkpoint: the original, then step by step.

    Leaves out a quantized checkpoint if it is exported: it computes the same as the file, but slower, in floats.
    """
    exports: dict[str, dict[str, str]] = {ORIGINAL: {}, **{step.name: step.export for step in plan.steps}}
    exported = {weights[name] for name, files in exports.items() if files}
    origins = {}
    for name, files in exports.items():
        checkpoint = weights[name]
        if checkpoint not in exported or network_of(checkpoint).quantize is None:
            origins[checkpoint] = checkpoint
        origins |= dict.fromkeys((plan.out / file for file in files), checkpoint)
    return origins


def sets_of(plan: Plan, images: dict[str, Any]) -> list[dict[str, Any]]:
    """The sets to read, with full paths: those of the report, or else the validation sets.

    Raises:
        UsageError: two sets have the same name.
    """
    root = Path(images["data"]["root"])
    sets = plan.sets or [{**entry, "path": str(root / entry["path"])} for entry in images["validation"]]
    check_sets([entry.get("name") or set_name(Path(entry["path"])) for entry in sets])
    return sets


def without_path(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "path"}


def stamp(file: Path) -> list[int]:
    """A value that changes whenever the file is rewritten."""
    status = file.stat()
    return [status.st_size, status.st_mtime_ns]
