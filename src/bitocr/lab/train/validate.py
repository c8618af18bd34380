"""Reads labelled images with a torch network, to validate it during training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bitocr.inspect.metrics import Score, score
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.datasets import read_samples
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.train.task import to_input
from bitocr.native.image import prepare, trim


def best_path(logits: Tensor, charset: Charset) -> list[str]:
    """Greedy CTC decoding of logits [N, T, classes]: the best class of each frame, without repeats and blanks."""
    texts = []
    for path in logits.argmax(-1).cpu().numpy():
        changed = np.concatenate([[True], path[1:] != path[:-1]])
        texts.append(charset.decode(path[changed & (path != 0)].tolist()))
    return texts


@torch.no_grad()
def read_images(
    net: CRNN, images: Sequence[NDArray[np.uint8]], charset: Charset, columns: int = 16384, device: str = "cpu"
) -> list[str]:
    """Reads gray images uint8 [h, w] in batches of equal width, so that nothing is padded.

    Args:
        columns: the greatest total width of a batch, in prepared pixels.
    """
    groups: dict[int, list[tuple[int, NDArray[np.int8]]]] = defaultdict(list)
    for index, image in enumerate(images):
        prepared = prepare(trim(image))
        groups[prepared.shape[1]].append((index, prepared))
    texts = [""] * len(images)
    for width, group in groups.items():
        step = max(1, columns // width)
        for chunk in (group[i : i + step] for i in range(0, len(group), step)):
            batch = torch.from_numpy(np.stack([image for _, image in chunk])[:, None]).to(device)
            for (index, _), text in zip(chunk, best_path(net(to_input(batch)), charset), strict=True):
                texts[index] = text
    return texts


class ValidationSet:
    """Labelled images in memory; `score_net` reads and scores them."""

    def __init__(self, path: str, protocol: str, charset: Charset, limit: int | None = None) -> None:
        samples = read_samples(path, limit)
        self.images = [image for image, _ in samples]
        self.texts = [text for _, text in samples]
        self.protocol, self.charset = protocol, charset

    def score_net(self, net: CRNN, device: str = "cpu") -> Score:
        training = net.training
        net.eval()
        readings = read_images(net, self.images, self.charset, device=device)
        net.train(training)
        return score(zip(self.texts, readings, strict=True), self.protocol)
