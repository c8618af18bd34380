"""A detector's training task."""

from __future__ import annotations

from copy import deepcopy
from time import monotonic
from typing import Any

import lightning as L
import torch
from torch import Tensor

from bitocr.lab.config.pages import PageStage
from bitocr.lab.nn.binary import bound_latents
from bitocr.lab.nn.detector import Detector
from bitocr.lab.train.muon import Muon, parameter_groups
from bitocr.lab.train.pages.data import PageBatch
from bitocr.lab.train.pages.loss import WEIGHTS, losses, taught
from bitocr.lab.train.task import scheduled, to_input


class DetectionTask(L.LightningModule):
    """Trains `net` for one stage of a recipe. `card` says how the network is made; it goes into every checkpoint."""

    def __init__(self, net: Detector, stage: PageStage, teacher: Detector | None, card: dict[str, Any]) -> None:
        super().__init__()
        self.net = net
        self.stage, self.made_card = stage, card
        self.seen, self.seconds, self.begun = 0, 0.0, 0.0
        self.averaged = deepcopy(net).requires_grad_(False) if stage.average else None
        # The list keeps the teacher out of the module, so that checkpoints do not hold it.
        self.teachers = [teacher.eval().requires_grad_(False)] if teacher else []

    def on_fit_start(self) -> None:
        for teacher in self.teachers:
            teacher.to(self.device)

    def on_train_start(self) -> None:
        """Starts the clock at the time that earlier runs took."""
        self.begun = monotonic() - self.seconds

    @property
    def progress(self) -> float:
        """The share of the stage that is done: of its minutes if it has any, else of its images."""
        return self.seconds / (60 * self.stage.minutes) if self.stage.minutes else self.seen / self.stage.images

    def on_train_batch_start(self, batch: PageBatch, batch_idx: int) -> int | None:
        if self.progress >= 1:
            self.trainer.should_stop = True
            return -1
        share = scheduled(self.progress, self.stage.schedule, self.stage.warmup)
        for group in self.optimizers().param_groups:  # type: ignore[union-attr]
            group["lr"] = share * group["peak"]
        return None

    def training_step(self, batch: PageBatch, batch_idx: int) -> Tensor:
        images = to_input(batch.images)
        maps, text = self.net.with_text(images)
        with torch.autocast(self.device.type, enabled=False):
            terms = losses(maps, text, batch.targets)
        total = torch.stack([WEIGHTS[name] * term for name, term in terms.items()]).sum()
        for teacher in self.teachers:
            with torch.no_grad():
                theirs = teacher(images)
            with torch.autocast(self.device.type, enabled=False):
                terms["taught"] = taught(maps, theirs, batch.targets)
            total = total + self.stage.distill * terms["taught"]
        for name, term in terms.items():
            self.log(name, term.detach())
        self.advance(batch)
        self.log("seen", float(self.seen))
        return total

    def on_train_batch_end(self, outputs: Any, batch: PageBatch, batch_idx: int) -> None:
        bound_latents(self.net)
        if self.averaged:
            follow(self.averaged, self.net, 1 / min(self.stage.average, self.trainer.global_step + 1))

    @property
    def result(self) -> Detector:
        """The network trained so far: the averaged one if there is one."""
        return self.averaged or self.net

    def advance(self, batch: PageBatch) -> None:
        """Counts the step. If the stage has minutes, reads the clock of the first process for all."""
        self.seen += self.count(batch)
        if self.stage.minutes:
            self.seconds = self.trainer.strategy.broadcast(monotonic() - self.begun)

    def count(self, batch: PageBatch) -> int:
        """The number of images in this step, over all processes."""
        return len(batch.images) * self.trainer.world_size

    def configure_optimizers(self) -> torch.optim.Optimizer:
        stage = self.stage
        return Muon(parameter_groups(self.net, stage.lr, stage.lr_rest, stage.weight_decay))

    def card(self) -> dict[str, Any]:
        """How the network was made, and the number of images seen."""
        return {**self.made_card, "images": self.seen}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["seen"], checkpoint["seconds"] = self.seen, self.seconds
        checkpoint["card"] = self.card()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.seen, self.seconds = checkpoint["seen"], checkpoint.get("seconds", 0.0)


@torch.no_grad()
def follow(averaged: Detector, net: Detector, share: float) -> None:
    """Moves weights and batch norm statistics a share of the way towards `net`'s; counters are copied."""
    pairs = list(zip(averaged.state_dict().values(), net.state_dict().values(), strict=True))
    for mine, theirs in pairs:
        if not mine.is_floating_point():
            mine.copy_(theirs)
    moving = [pair for pair in pairs if pair[0].is_floating_point()]
    torch._foreach_lerp_([mine for mine, _ in moving], [theirs for _, theirs in moving], share)
