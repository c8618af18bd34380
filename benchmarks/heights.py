"""Is a taller input worth its time? The float twin of the Chinese network at 32 rows and at 48, trained side by side.

    python benchmarks/heights.py OUT [--images 200000] [--charset chinese:1000] [--start WEIGHTS] [--doc PAGE]

Both see the same rendered words, each once, in the same batches, and start from the same weights: kernels are as
large, only the last block takes three rows together at 48 instead of two. A line keeps its aspect, so at 48 rows it has
half as many columns and time steps again. Held-out words are drawn in faces that training leaves out. Prints a table;
--doc puts it into a page, between its lines that name this script. Ctrl-C stops, and the same command goes on from
OUT/state.pt with what is not yet seen.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from heights_twins import Item, Twin, batches, new_twin
from pages import marks, replace_between

from bitocr.errors import BitocrError, UsageError
from bitocr.inspect.speed import cpu_name
from bitocr.io.files import write_atomic
from bitocr.lab.data.charset import Charset, open_charset
from bitocr.lab.data.distort import distort
from bitocr.lab.data.stream import bucket_width
from bitocr.lab.data.synth import Renderer
from bitocr.lab.train.task import scheduled
from bitocr.native.engine import natural_width

ROWS = (32, 48)
LONGEST, DIRT, JITTER, HELD_OUT = 8, 0.2, 0.12, 1000
CHECKS = (0.25, 0.5, 1.0)
"""Shares of the images after which the held-out words are read."""
SAVE_EVERY = 300
"""Seconds between two states on disk."""
TIMED = 20
put_into = partial(replace_between, *marks("heights.py"))


def renderer(charset: Charset, seed: int, split: str) -> Renderer:
    return Renderer("words", seed, language="chinese", charset=charset, longest=LONGEST, dirt=DIRT, split=split)


def training_items(charset: Charset, seed: int, indices: Sequence[int]) -> Iterator[Item]:
    words = renderer(charset, seed, "training")
    for index in indices:
        rng = np.random.default_rng([seed, index, 1])
        image, text = words.render(index)
        image = distort(image, rng)
        width = bucket_width(image, text, rng, JITTER)
        if width is not None:
            yield index, image, width, text


def held_out_items(charset: Charset, seed: int) -> list[Item]:
    words = renderer(charset, seed + 1, "validation")
    samples = ((index, *words.render(index)) for index in range(HELD_OUT))
    return [(index, image, natural_width(image.shape[1], image.shape[0]), text) for index, image, text in samples]


class Comparison:
    """Both networks and which of the images they have seen, in a folder from which a stopped run goes on."""

    def __init__(self, out: Path, images: int, charset: str, seed: int, start: Path | None) -> None:
        self.file, self.charset, self.seed = out / "state.pt", open_charset(charset), seed
        self.settings = {"images": images, "charset": charset, "seed": seed, "start": str(start or "")}
        self.seen = np.zeros(images, bool)
        self.twins = [new_twin(rows, self.charset, seed, start) for rows in ROWS]
        if self.file.exists():
            self.restore()

    def restore(self) -> None:
        state = torch.load(self.file, weights_only=False)
        if state["settings"] != self.settings:
            raise UsageError(f"{self.file} is of {state['settings']}: go on with those, or remove it")
        self.seen = state["seen"]
        for twin, its in zip(self.twins, state["twins"], strict=True):
            twin.restore(its)

    def save(self) -> None:
        state = {"settings": self.settings, "seen": self.seen, "twins": [twin.state() for twin in self.twins]}
        stream = BytesIO()
        torch.save(state, stream)
        write_atomic(self.file, stream.getvalue())

    def run(self) -> None:
        """Trains both on what is not yet seen, and reads the held-out words on the way."""
        held_out = held_out_items(self.charset, self.seed)
        start, before, saved = time.monotonic(), int(self.seen.sum()), time.monotonic()
        try:
            for batch in batches(training_items(self.charset, self.seed, np.flatnonzero(~self.seen).tolist())):
                share = scheduled(self.seen.mean(), "linear", 0.02)
                for twin in self.twins:
                    twin.step(batch, self.charset, share)
                self.seen[[index for index, *_ in batch]] = True
                self.check(held_out, self.seen.mean())
                tell(int(self.seen.sum()), before, len(self.seen), time.monotonic() - start)
                if time.monotonic() - saved > SAVE_EVERY:
                    self.save()
                    saved = time.monotonic()
            self.seen[:] = True  # but for texts that no bucket has steps enough for
            self.check(held_out, 1.0)
        finally:
            self.save()

    def check(self, held_out: Sequence[Item], share: float) -> None:
        """Reads the held-out words where the next of CHECKS has been reached."""
        for twin in self.twins:
            while len(twin.scores) < len(CHECKS) and share >= CHECKS[len(twin.scores)]:
                twin.scores.append(twin.read(held_out, self.charset))


def tell(seen: int, before: int, images: int, seconds: float) -> None:
    """How far it is, on standard error."""
    left = seconds / max(1, seen - before) * (images - seen)
    print(f"\r{seen:,} of {images:,} images, {left / 60:.0f} min left ", end="", file=sys.stderr, flush=True)


@torch.no_grad()
def line_times(twins: Sequence[Twin]) -> list[float]:
    """Seconds of a line ten times as long as high, on one thread: the best of TIMED, in turns."""
    threads, best = torch.get_num_threads(), [float("inf")] * len(twins)
    torch.set_num_threads(1)
    for _ in range(TIMED):
        for place, twin in enumerate(twins):
            twin.net.eval()
            line = torch.randn(1, 1, twin.rows, 10 * twin.rows).contiguous(memory_format=torch.channels_last)
            start = time.perf_counter()
            twin.net(line)
            best[place] = min(best[place], time.perf_counter() - start)
    torch.set_num_threads(threads)
    return best


def table(comparison: Comparison) -> str:
    """Markdown: a row for each height."""
    images, twins = len(comparison.seen), comparison.twins
    shares = ", ".join(f"{round(images * share):,}" for share in CHECKS)
    lines = [
        f"{images:,} images, {comparison.charset.classes - 1:,} characters; {cpu_name()}, float32, one thread:",
        "",
        f"| rows | a line | steps | ms a line | training, images/s | CER, % after {shares} images | accuracy, % |",
        "|---|---|---|---|---|---|---|",
    ]
    for twin, seconds in zip(twins, line_times(twins), strict=True):
        errors = ", ".join(f"{100 * cer:.1f}" for _, cer in twin.scores)
        size, steps, speed = f"{twin.rows} x {10 * twin.rows}", 10 * twin.rows // 4, images / twin.seconds
        times, accuracy = f"{1000 * seconds:.1f} | {speed:.0f}", f"{100 * twin.scores[-1][0]:.1f}"
        lines.append(f"| {twin.rows} | {size} | {steps} | {times} | {errors} | {accuracy} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--charset", default="chinese:1000")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="weights to begin with, as a recipe's start (default: random ones)")
    parser.add_argument("--doc", type=Path, help="a page to put the table into")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    comparison = Comparison(options.out, options.images, options.charset, options.seed, options.start)
    comparison.run()
    text = table(comparison)
    print(f"\n{text}")
    if options.doc is not None:
        put_into(options.doc, text)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"heights: {error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command goes on.")
