"""Batches of crops of rendered pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from bitocr.lab.config.pages import PageRecipe
from bitocr.lab.data.pages.crops import Cropping, crop
from bitocr.lab.data.pages.real import Place, open_real
from bitocr.lab.data.pages.renderer import SHARES, PageRenderer
from bitocr.lab.data.pages.shards import PAGES, StoredPage, archive_path, unpack, write_archive


@dataclass
class PageBatch:
    """A batch of images int8 [N, 1, S, S] and their targets float32 [N, 6, S / 4, S / 4]."""

    images: Tensor
    targets: Tensor

    def pin_memory(self) -> PageBatch:
        return PageBatch(self.images.pin_memory(), self.targets.pin_memory())


class PageStream(IterableDataset[PageBatch]):
    """Endless batches of crops. Loads archives of pages, and renders those that are missing.

    Args:
        folder: the folder of the archives.
        pages: the greatest number of pages; each worker takes a share of them.
        reuse: crops per page before the next archive.
        seed: seed of the crops; each worker draws from its own stream, and a new one after each restart.
        page_seed: seed of the pages.
        real: label files whose crops are pasted into pages.
        shares: share of each layout; empty: the renderer's.
    """

    def __init__(
        self,
        folder: Path,
        pages: int,
        how: Cropping,
        batch: int,
        reuse: float,
        seed: int,
        page_seed: int,
        real: Mapping[Place, str],
        shares: Mapping[str, float],
    ) -> None:
        self.folder, self.archives, self.how, self.batch = folder, max(1, pages // PAGES), how, batch
        self.reuse, self.seed, self.page_seed, self.real = reuse, seed, page_seed, real
        self.shares = shares or SHARES

    def load(self, number: int, renderers: list[PageRenderer]) -> list[StoredPage]:
        path = archive_path(self.folder, number)
        if not path.exists():
            renderers[:] = renderers or [self.renderer()]
            write_archive(self.folder, renderers[0], number)
        return unpack(path)

    def renderer(self) -> PageRenderer:
        return PageRenderer(self.page_seed, "training", self.shares, open_real(self.real))

    def __iter__(self) -> Iterator[PageBatch]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        rng = np.random.default_rng(self.seed * 1009 + worker)
        missing = range(worker, max(self.archives, workers), workers)
        have = [n for n in missing if archive_path(self.folder, n).exists()]
        waiting = have + [n for n in missing if n not in set(have)]
        store: list[StoredPage] = []
        renderers: list[PageRenderer] = []
        drawn, eager = 0, len(have)
        while True:
            while waiting and (not store or eager > 0 or drawn >= self.reuse * len(store)):
                store += self.load(waiting.pop(0), renderers)
                eager -= 1
            crops = [crop(rng, store[int(rng.integers(len(store)))], self.how) for _ in range(self.batch)]
            drawn += self.batch
            images = np.stack([image for image, _ in crops])[:, None]
            yield PageBatch(torch.from_numpy(images), torch.from_numpy(np.stack([maps for _, maps in crops])))


def one_thread(worker: int) -> None:
    """Limits torch to one thread in a worker: training needs the other cores."""
    torch.set_num_threads(1)


def open_pages(recipe: PageRecipe, seed: int, rank: int) -> DataLoader[PageBatch]:
    data = recipe.data
    how = Cropping(data.size, data.scales)
    folder = recipe.folder / "training"
    stream = PageStream(
        folder,
        data.pages,
        how,
        data.batch,
        data.reuse,
        seed + 10_007 * rank,
        recipe.seed,
        recipe.real,
        data.shares,  # type: ignore[arg-type]
    )
    return DataLoader(
        stream,
        batch_size=None,
        num_workers=data.workers,
        prefetch_factor=6 if data.workers else None,
        persistent_workers=data.workers > 0,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=one_thread,
    )
