"""A sample of labelled images, prepared once, to measure many variants of a network."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bitocr.inspect.metrics import score
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.datasets import read_samples
from bitocr.lab.data.stream import BUCKETS
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.train.task import to_input
from bitocr.lab.train.validate import best_path
from bitocr.native.image import natural_width, prepare, trim

COLUMNS = 8192
"""The most columns of a batch."""


class Sample:
    """The first `limit` images of a label file, its folder or an LMDB, in batches of one width.

    Each image is stretched to the nearest bucket, as in training. This makes few batches, and takes a fraction of the
    time of reading each image at its own width.

    Raises:
        UsageError, ImageError: there are no labels, or none of the images can be read.
    """

    def __init__(self, path: str | Path, protocol: str, charset: Charset, limit: int) -> None:
        self.protocol, self.charset = protocol, charset
        self.batches: list[tuple[Tensor, list[str]]] = []
        groups: dict[int, list[tuple[NDArray[np.int8], str]]] = defaultdict(list)
        for image, text in read_samples(path, limit):
            image = trim(image)
            height, width = image.shape
            bucket = min(BUCKETS, key=lambda bucket: abs(bucket - natural_width(width, height)))
            groups[bucket].append((prepare(image, bucket), text))
        for bucket, group in groups.items():
            step = max(1, COLUMNS // bucket)
            for chunk in (group[i : i + step] for i in range(0, len(group), step)):
                images = torch.from_numpy(np.stack([image for image, _ in chunk])[:, None])
                self.batches.append((to_input(images), [text for _, text in chunk]))

    def __len__(self) -> int:
        return sum(len(texts) for _, texts in self.batches)

    @torch.no_grad()
    def accuracy(self, net: CRNN) -> float:
        """The share of images that a network in eval mode reads right."""
        pairs = [pair for images, texts in self.batches for pair in zip(texts, self.read(net, images), strict=True)]
        return score(pairs, self.protocol).accuracy

    def read(self, net: CRNN, images: Tensor) -> list[str]:
        return best_path(net(images), self.charset)
