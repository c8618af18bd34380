"""Where and how a report is measured."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bitocr import __version__
from bitocr.inspect.speed import cpu_name
from bitocr.lab.report.measure import LabelledSet


def facts(sets: Sequence[LabelledSet], rounds: int) -> dict[str, Any]:
    """The processor, the versions of the runtimes, and the sets with their numbers of images and protocols."""
    versions = {"bitocr": __version__}  # the version of the running code, which may not be the installed one
    for package in ("torch", "onnxruntime", "MNN"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    counted = {each.name: (len(each.images), each.protocol) for each in sets}
    return {"cpu": cpu_name(), "threads": 1, "rounds": rounds, "versions": versions, "sets": counted}
