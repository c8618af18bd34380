"""Shared by the benchmarks of pruning and quantization: runs many compressions, and measures accuracy and time."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bitocr.errors import BitocrError
from bitocr.inspect.metrics import PROTOCOLS, score
from bitocr.io.files import write_atomic
from bitocr.lab.config.compression import Images, Prune, Quantization
from bitocr.lab.data.charset import Charset
from bitocr.lab.export.runners import open_runner
from bitocr.lab.jobs.compress import compress_once
from bitocr.lab.report.measure import open_set
from bitocr.lab.train.validate import read_images
from bitocr.lab.train.weights import load_weights

Report = dict[str, Any]
Runs = dict[str, "Run"]
"""By name."""

RUNS = 200
"""The number of timed runs of each network, in turns."""


def arguments_of(about: str | None) -> argparse.ArgumentParser:
    """The arguments of both benchmarks."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path, help="a label file, its folder or a recipe")
    parser.add_argument("out", type=Path)
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="of the recipe of every training")
    parser.add_argument("--images", type=int, default=40_000, help="of every training")
    parser.add_argument("--share", type=float, default=0.5, help="of own images among these, the rest rendered")
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default="scene", help="by which images are scored")
    parser.add_argument("--validation", type=Path, help="other images to choose by than some of DATA's")
    parser.add_argument("--eval", type=Path, metavar="LABELS", help="images that the tables' accuracy is of instead")
    parser.add_argument("--doc", type=Path, metavar="PAGE")
    return parser


@dataclass(frozen=True)
class Run:
    """A compression of the checkpoint: its name in the tables, and its folder."""

    arguments: argparse.Namespace
    name: str
    options: Prune | Quantization

    @property
    def out(self) -> Path:
        return Path(self.arguments.out) / slug(self.name)

    @property
    def result(self) -> Path:
        return self.out / "weights.safetensors"

    @property
    def trainings(self) -> int:
        """The number of trainings until it is done."""
        if (self.out / "report.json").exists() or not self.options.images:
            return 0
        return self.options.cuts if isinstance(self.options, Prune) else 1

    def compress(self) -> Report:
        given = self.arguments
        validation = given.validation and str(given.validation)
        images = Images(path=str(given.data), share=given.share, protocol=given.protocol, validation=validation)
        return compress_once(self.options, str(given.checkpoint), images, str(self.out), given.overrides)

    def checkpoint_of(self, variant: str) -> Path:
        """The checkpoint that its report calls `variant`."""
        if variant in ("before", "unpruned"):
            return Path(self.arguments.checkpoint)
        folders = {"round ": "round-", ", cut": "/cut", ", finetuned": "/tuned", "pruned": "", "trained": ""}
        for words, folder in folders.items():
            variant = variant.replace(words, folder)
        return self.out / variant / "weights.safetensors"


def tell(
    parser: argparse.ArgumentParser,
    argv: Sequence[str] | None,
    benchmark: Callable[[argparse.Namespace], str],
    put_into: Callable[[Path, str], None],
) -> None:
    """Prints the result of a benchmark, keeps it in OUT/table.md, and puts it into the page of --doc."""
    arguments = parser.parse_intermixed_args(argv)
    try:
        text = benchmark(arguments)
        print(text)
        write_atomic(arguments.out / "table.md", f"{text}\n".encode())
        if arguments.doc is not None:
            put_into(arguments.doc, text)
    except BitocrError as error:
        sys.exit(f"{parser.prog}: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped: the same command resumes")


def slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def run_all(every: Runs) -> dict[str, Report]:
    """Makes the reports in order, and prints how long the rest will take, by its number of trainings."""
    missing = {name: each.trainings for name, each in every.items()}
    print(f"{sum(missing.values())} trainings in all", file=sys.stderr)
    begun, trained, reports = time.monotonic(), 0, {}
    for number, (name, each) in enumerate(every.items(), 1):
        rest = sum(missing.values()) - trained
        left = f", about {(time.monotonic() - begun) / trained * rest / 60:.0f} min left" if trained else ""
        print(f"{number} of {len(every)}: {name}{left}", file=sys.stderr, flush=True)
        reports[name] = each.compress()
        trained += missing[name]
    return reports


def evaluate(reports: Mapping[str, Report], every: Runs, labels: Path, protocol: str) -> None:
    """Replaces the scores on the validation sets by those on a label file."""
    images = open_set(labels, protocol)

    @cache
    def scores(checkpoint: Path) -> dict[str, Any]:
        print(f"reading {labels} with {checkpoint}", file=sys.stderr, flush=True)
        net, card = load_weights(checkpoint)
        readings = read_images(net, images.images, Charset(card["charset"]))
        figures = score(zip(images.texts, readings, strict=True), protocol)
        return {images.name: {"images": figures.n, "accuracy": figures.accuracy}}

    for name, report in reports.items():
        for variant, figures in report["variants"].items():
            figures["scores"] = scores(every[name].checkpoint_of(variant))


def accuracy(variant: dict[str, Any]) -> float:
    """The accuracy on the first set, in %."""
    return 100 * float(next(iter(variant["scores"].values()))["accuracy"])


def time_ratios(files: Mapping[str, Path]) -> dict[str, float]:
    """The time of each file for 32 x 128 over that of the first: medians of `RUNS` runs in turns, in this process."""
    image = np.random.default_rng(0).integers(-127, 128, (32, 128), np.int8)
    runners = {name: open_runner(file) for name, file in files.items()}
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(RUNS):
        for name, run in runners.items():
            start = time.perf_counter()
            run(image)
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {name: median / next(iter(medians.values())) for name, median in medians.items()}
