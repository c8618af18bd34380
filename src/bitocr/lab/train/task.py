"""The training task: CTC, and beside it the divergence from a frozen teacher."""

from __future__ import annotations

import math
from typing import Any

import lightning as L
import torch
import torch.nn.functional as F
from torch import Tensor

from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.crnn import CRNN, channels_last
from bitocr.lab.train.muon import Muon, parameter_groups


def scheduled(progress: float, schedule: str, warmup: float) -> float:
    """The share of the peak learning rate at `progress` in [0, 1]: a linear warm-up, then cosine or linear to 0.

    A pure function of the share of images seen, so a run that is resumed, or continued with a larger budget, just
    goes on.
    """
    if progress < warmup:
        return max(progress / warmup, 0.01)
    left = max(0.0, (1 - progress) / (1 - warmup))
    return left if schedule == "linear" else 0.5 - 0.5 * math.cos(math.pi * left)


def to_input(images: Tensor) -> Tensor:
    """Prepared int8 [N, 1, 32, W] -> float [N, 1, 32, W] as the network sees it, channels last."""
    return (images.float() / 32).contiguous(memory_format=torch.channels_last)


def ctc_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Mean CTC loss a character; logits [N, T, classes]. Texts longer than the frames allow count nothing."""
    log_probs = logits.log_softmax(-1).transpose(0, 1)
    frames = torch.full((len(batch.lengths),), log_probs.shape[0], dtype=torch.int64)
    return F.ctc_loss(log_probs, batch.targets, frames, batch.lengths, zero_infinity=True)


def frame_divergence(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """KL(teacher || student) a frame, both softened by `temperature` (Hinton et al., arXiv:1503.02531)."""
    student = (logits / temperature).log_softmax(-1).flatten(0, 1)
    target = (teacher / temperature).log_softmax(-1).flatten(0, 1)
    return F.kl_div(student, target, reduction="batchmean", log_target=True) * temperature**2


class RecognitionTask(L.LightningModule):
    """Trains `net` for one stage of a recipe (keys: `bitocr.lab.train.config.STAGE_DEFAULTS`).

    `card` says how the network is made; it goes into every checkpoint.
    """

    def __init__(self, net: CRNN, stage: dict[str, Any], teacher: CRNN | None, card: dict[str, Any]) -> None:
        super().__init__()
        self.net = channels_last(net)
        self.stage = stage
        self.seen = 0
        self.made = card
        # In a list, so that the teacher is no part of this module: not saved, not trained, never in training mode.
        self.teachers = [teacher.eval().requires_grad_(False)] if teacher else []

    def on_fit_start(self) -> None:
        for teacher in self.teachers:
            channels_last(teacher).to(self.device)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> int | None:
        progress = self.seen / self.stage["images"]
        if progress >= 1:
            self.trainer.should_stop = True
            return -1
        share = scheduled(progress, self.stage["schedule"], self.stage["warmup"])
        for group in self.optimizers().param_groups:  # type: ignore[union-attr]
            group["lr"] = share * group["peak"]
        return None

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        images = to_input(batch.images)
        logits = self.net(images)
        loss = ctc_loss(logits, batch)
        self.log("ctc", loss.detach())
        for teacher in self.teachers:
            with torch.no_grad():
                target = teacher(images)
            divergence = frame_divergence(logits, target, self.stage["temperature"])
            self.log("divergence", divergence.detach())
            loss = loss + self.stage["distill"] * divergence
        self.seen += self.count(batch)
        self.log("seen", float(self.seen))
        return loss

    def count(self, batch: Batch) -> int:
        """Images of this step over all processes, whose batches differ: they must agree on when to stop."""
        images = len(batch.lengths)
        if self.trainer.world_size == 1:
            return images
        return int(self.trainer.strategy.reduce(torch.tensor(images, device=self.device), reduce_op="sum"))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        stage = self.stage
        return Muon(parameter_groups(self.net, stage["lr"], stage["lr_rest"], stage["weight_decay"]))

    def card(self) -> dict[str, Any]:
        """How the network was made, and by how many images."""
        return {**self.made, "images": self.seen}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["seen"] = self.seen
        checkpoint["card"] = self.card()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.seen = checkpoint["seen"]
