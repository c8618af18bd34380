"""Endless training batches: rendered and real images by weight, augmented, in buckets of equal width.

Training should not wait for rendering. So each rendered image is used about `reuse` times, with a new distortion each
time: a worker renders with probability 1 / reuse, and otherwise draws an image that it rendered before.

A batch has one width and no padding. Each image is stretched to the nearest bucket instead, which also augments the
aspect ratio. The engine reads every image at its own width, so it meets no ratio that training lacks.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from bitocr.errors import UsageError
from bitocr.lab.config.data import Source
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.datasets import read_samples
from bitocr.lab.data.distort import distort
from bitocr.lab.data.wordlists import languages
from bitocr.native.image import natural_width, prepare, trim

Sample = tuple[NDArray[np.uint8], str]
Draw = Callable[[np.random.Generator], Sample]

BUCKETS = (24, *range(32, 128, 16), *range(128, 256, 32), *range(256, 512, 64), *range(512, 1281, 128))


class Batch(NamedTuple):
    """images int8 [N, 1, 32, W]; targets int64 [sum of lengths], class numbers; lengths int64 [N]."""

    images: Tensor
    targets: Tensor
    lengths: Tensor


def frames_needed(text: str) -> int:
    """The fewest frames that CTC needs: one for each character, and a blank between two equal ones."""
    return len(text) + sum(a == b for a, b in itertools.pairwise(text))


def bucket_width(image: NDArray[np.uint8], text: str, rng: np.random.Generator, jitter: float) -> int | None:
    """The bucket nearest to the image's jittered width, or the next one with enough frames; None if there is none."""
    height, width = image.shape
    wanted = natural_width(width, height) * np.exp(rng.normal(0, jitter))
    least = 4 * (frames_needed(text) + 1)
    nearest = min(BUCKETS, key=lambda bucket: abs(bucket - wanted))
    if nearest >= least:
        return nearest
    return next((b for b in BUCKETS if b >= least and b <= 2 * wanted), None)


def collate(samples: Sequence[tuple[NDArray[np.int8], list[int]]]) -> Batch:
    images = torch.from_numpy(np.stack([image for image, _ in samples])[:, None])
    targets = torch.tensor([label for _, labels in samples for label in labels], dtype=torch.int64)
    lengths = torch.tensor([len(labels) for _, labels in samples], dtype=torch.int64)
    return Batch(images, targets, lengths)


class Replay:
    """Draws from `render` with probability 1 / reuse, else from the last `capacity` rendered samples.

    `reuse` may be a tensor in shared memory, so that a trainer can change it for its workers.
    """

    def __init__(self, render: Draw, reuse: float | Tensor, capacity: int) -> None:
        self.render, self.reuse, self.capacity = render, reuse, capacity
        self.samples: list[Sample] = []
        self.oldest = 0

    def __call__(self, rng: np.random.Generator) -> Sample:
        if self.samples and rng.random() >= 1 / float(self.reuse):
            return self.samples[rng.integers(len(self.samples))]
        sample = self.render(rng)
        if len(self.samples) < self.capacity:
            self.samples.append(sample)
        else:
            self.samples[self.oldest] = sample
            self.oldest = (self.oldest + 1) % self.capacity
        return sample


class Covered:
    """Draws from `render`, but skips samples whose text has characters outside the charset."""

    def __init__(self, render: Draw, charset: Charset, attempts: int = 1000) -> None:
        self.render, self.charset, self.attempts = render, charset, attempts

    def __call__(self, rng: np.random.Generator) -> Sample:
        for _ in range(self.attempts):
            sample = self.render(rng)
            if self.charset.covers(sample[1]):
                return sample
        raise UsageError("the charset has too few of the characters in rendered text: leave out the synth sources")


class Loaded:
    """Draws from the real images of a label file or LMDB, held in memory as gray uint8."""

    def __init__(self, path: str, charset: Charset) -> None:
        samples = read_samples(path)
        self.samples = [(image, text) for image, text in samples if text and charset.covers(text)]
        if not self.samples:
            raise UsageError(f"{path}: no sample whose text the charset covers")

    def __call__(self, rng: np.random.Generator) -> Sample:
        return self.samples[rng.integers(len(self.samples))]


class TextStream(IterableDataset[Batch]):
    """Endless `Batch`es of about `columns` pixel columns each, so that every step costs about the same.

    Args:
        sources: what to draw from, and how often.
        charset: texts with other characters are left out.
        columns: pixel columns in a batch, N * W.
        reuse: how often to use a rendered image. It is kept in shared memory as `self.reuse`; workers follow changes.
        capacity: how many rendered images each worker keeps.
        jitter: standard deviation of the logarithm of the horizontal stretch.
        seed: each worker draws from its own stream, and from a new one after each restart.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        charset: Charset,
        columns: int = 12288,
        reuse: float = 4,
        capacity: int = 50_000,
        jitter: float = 0.12,
        seed: int = 0,
    ) -> None:
        self.sources, self.charset, self.columns = list(sources), charset, columns
        self.reuse = torch.tensor(reuse, dtype=torch.float64).share_memory_()
        self.capacity, self.jitter, self.seed = capacity, jitter, seed
        # Load before the workers start: they share the memory, and an error takes one line.
        self.loaded = {s.path: Loaded(s.path, charset) for s in self.sources if s.path is not None}
        if any(s.synth is not None for s in self.sources):
            languages()  # raises if there are no word lists to render

    def open_sources(self, seed: int) -> tuple[list[Draw], NDArray[np.float64]]:
        from bitocr.lab.data.synth import open_source

        draws: list[Draw] = []
        for source in self.sources:
            if source.path is not None:
                draws.append(self.loaded[source.path])
                continue
            render = open_source(source, seed, self.charset)
            draws.append(Replay(Covered(render, self.charset), self.reuse, self.capacity))
        weights = np.array([source.weight for source in self.sources], np.float64)
        return draws, weights / weights.sum()

    def samples(self, draw: Callable[[], Sample], rng: np.random.Generator) -> Iterator[tuple[int, Any]]:
        """Yields (width, (prepared int8 [32, width], class numbers)) without end."""
        while True:
            image, text = draw()
            image = trim(distort(image, rng))
            width = bucket_width(image, text, rng, self.jitter)
            if width is not None:
                yield width, (prepare(image, width), self.charset.encode(text))

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        seed = self.seed * 1009 + (info.id if info else 0)
        rng = np.random.default_rng(seed)
        draws, weights = self.open_sources(seed)

        def draw() -> Sample:
            return draws[rng.choice(len(draws), p=weights)](rng)

        buckets: dict[int, list[Any]] = defaultdict(list)
        for width, sample in self.samples(draw, rng):
            bucket = buckets[width]
            bucket.append(sample)
            if len(bucket) * width >= self.columns and any(labels for _, labels in bucket):  # CTC needs a text
                yield collate(buckets.pop(width))


def loader(stream: TextStream, workers: int) -> DataLoader[Batch]:
    """Batches made by `workers` processes; 0 makes them in this process."""
    return DataLoader(
        stream,
        batch_size=None,
        num_workers=workers,
        prefetch_factor=8 if workers else None,
        persistent_workers=workers > 0,
        pin_memory=torch.cuda.is_available(),
    )
