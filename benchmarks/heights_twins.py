"""The float twin of the Chinese network at 32 rows and at 48: what heights.py trains."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bitocr.inspect.metrics import score
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.crnn import CRNN, build, channels_last, complete
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.muon import Muon, parameter_groups
from bitocr.lab.train.task import ctc_loss
from bitocr.lab.train.validate import best_path
from bitocr.lab.train.widen import load_start

RECIPE = Path(__file__).parents[1] / "configs" / "chinese.yaml"
COLUMNS, LR, LR_REST, WEIGHT_DECAY = 12288, 1e-2, 2e-3, 0.01
Item = tuple[int, np.ndarray, int, str]
"""An image's number, its gray pixels, its width at 32 rows, its text."""


def network(rows: int, charset: Charset, start: Path | None = None) -> CRNN:
    """The float twin of the recipe's network, float [N, 1, rows, W] -> logits [N, W / 4, classes].

    `start`: weights of a smaller charset or of fewer blocks to begin with, as in a recipe.
    """
    config = complete({**load_recipe(RECIPE)["network"], "stage": "float", "classes": charset.classes})
    net = load_start(start, charset.characters, config) if start else build(config)
    if rows == 48:  # three rows come to the last block, and one comes out of it, as one does of two
        last = net.backbone.blocks[-1]
        last.stride, last.conv1.stride, last.conv1.padding = (3, 1), (3, 1), (0, 1)
    return channels_last(net)


def prepared(image: np.ndarray, width: int, rows: int) -> np.ndarray:
    """As the engine prepares a gray image [h, w], but at any height: float32 [rows, width], of mean 0, deviation 1."""
    small = np.asarray(Image.fromarray(image).resize((width, rows), Image.Resampling.BILINEAR), np.float32)
    return np.clip((small - small.mean()) / max(float(small.std()), 4.0), -127 / 32, 127 / 32)


def to_input(items: Sequence[Item], rows: int) -> torch.Tensor:
    """float [N, 1, rows, W] of images of one width."""
    columns = 4 * round(items[0][2] * rows / (4 * 32))
    images = np.stack([prepared(image, columns, rows) for _, image, _, _ in items])
    return torch.from_numpy(images)[:, None].contiguous(memory_format=torch.channels_last)


def batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Items of one width, about COLUMNS columns of them; what is left over in the end too."""
    buckets: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        bucket = buckets[item[2]]
        bucket.append(item)
        if len(bucket) * item[2] >= COLUMNS:
            yield buckets.pop(item[2])
    yield from buckets.values()


@dataclass
class Twin:
    """A network of so many rows in training. seconds: spent on steps; scores: (accuracy, CER) after each of CHECKS."""

    rows: int
    net: CRNN
    optimizer: Muon
    seconds: float = 0.0
    scores: list[tuple[float, float]] = field(default_factory=list)

    def step(self, items: Sequence[Item], charset: Charset, share: float) -> None:
        images = to_input(items, self.rows)
        labels = [charset.encode(text) for *_, text in items]
        targets = torch.tensor([label for text in labels for label in text])
        batch = Batch(images, targets, torch.tensor([len(text) for text in labels]))
        start = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = share * group["peak"]
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.net(images)
        ctc_loss(logits, batch).backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.seconds += time.perf_counter() - start

    @torch.no_grad()
    def read(self, items: Sequence[Item], charset: Charset) -> tuple[float, float]:
        """Accuracy and CER, 0 to 1."""
        self.net.eval()
        pairs = []
        for batch in batches(iter(items)):
            texts = best_path(self.net(to_input(batch, self.rows)), charset)
            pairs += zip((text for *_, text in batch), texts, strict=True)
        self.net.train()
        result = score(pairs, "line")
        return result.accuracy, result.cer

    def state(self) -> dict[str, Any]:
        return {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict(), "seconds": self.seconds,
                "scores": self.scores}  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.seconds, self.scores = state["seconds"], state["scores"]


def new_twin(rows: int, charset: Charset, seed: int, start: Path | None) -> Twin:
    torch.manual_seed(seed)
    net = network(rows, charset, start)
    return Twin(rows, net, Muon(parameter_groups(net, LR, LR_REST, WEIGHT_DECAY)))
