"""The training task of a recognizer: CTC and distillation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import lightning as L
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.config.speed import DEFAULT, Speed
from bitocr.lab.config.stage import Stage
from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.backbone import leave_out_biases
from bitocr.lab.nn.binary import bound_latents
from bitocr.lab.nn.crnn import CRNN, channels_last
from bitocr.lab.nn.features import outputs_of
from bitocr.lab.nn.precision import at_least_float32
from bitocr.lab.train.alphabet import own_ctc_loss
from bitocr.lab.train.distill import Distiller, soften
from bitocr.lab.train.freeze import freeze
from bitocr.lab.train.lumped import fill_up, kept_classes, lump, lumped_logits, relabel
from bitocr.lab.train.muon import Muon, parameter_groups
from bitocr.lab.train.sampled import sampled_classes, sampled_logits


def scheduled(progress: float, schedule: str, warmup: float) -> float:
    """The share of the peak learning rate at `progress` in [0, 1]: a linear warm-up, then cosine or linear to 0.

    It depends on nothing but the share of images (or minutes) done. So a run can be resumed, even with more of them.
    """
    if progress < warmup:
        return max(progress / warmup, 0.01)
    left = max(0.0, (1 - progress) / (1 - warmup))
    return left if schedule == "linear" else 0.5 - 0.5 * math.cos(math.pi * left)


def to_input(images: Tensor) -> Tensor:
    """Prepared int8 [N, 1, 32, W] -> the network's input [N, 1, 32, W] in torch's default dtype, channels last."""
    return (images.to(torch.get_default_dtype()) / 32).contiguous(memory_format=torch.channels_last)


def ctc_loss(logits: Tensor, batch: Batch) -> Tensor:
    """The mean CTC loss (Graves et al., ICML 2006) per character of logits [N, T, classes].

    A text that is too long for its T frames adds 0.
    """
    log_probs = logits.log_softmax(-1).transpose(0, 1)
    frames = torch.full((len(batch.lengths),), log_probs.shape[0], dtype=torch.int64)
    return F.ctc_loss(log_probs, batch.targets, frames, batch.lengths, zero_infinity=True)


@torch.no_grad()
def trust_in(theirs: Sequence[Tensor], logits: Tensor, batch: Batch) -> Tensor:
    """[N]: 1 for each image whose text the teachers find at least as likely as the student does, else 0."""
    frames = torch.full((len(batch.lengths),), logits.shape[1], dtype=torch.int64)
    teacher, student = (
        F.ctc_loss(each.transpose(0, 1), batch.targets, frames, batch.lengths, reduction="none")
        for each in (soften(theirs, 1.0), logits.log_softmax(-1))
    )
    return (teacher <= student).to(logits.dtype)


class RecognitionTask(L.LightningModule):
    """Trains `net` for one stage of a recipe (`bitocr.lab.config.stage`).

    `card` says how the network is made, and goes into every checkpoint. If the stage learns from backbone maps only, as
    in the first stage of FSP distillation, neck and head stay frozen.
    """

    teachers_learn = False

    def __init__(
        self, net: CRNN, stage: Stage, teachers: Sequence[CRNN], card: dict[str, Any], speed: Speed = DEFAULT
    ) -> None:
        super().__init__()
        self.net = channels_last(net)
        self.stage, self.speed = stage, speed
        self.seen, self.seconds, self.begun = 0, 0.0, 0.0
        self.hosts: Any = None
        self.made_card = card
        self.loss_weights = {"ctc": stage.ctc, **stage.distill.weights}
        # Without any distillation weight above 0 there is no distiller, and no teacher runs.
        self.distiller = Distiller(net, teachers, stage.distill, self.teachers_learn) if stage.distill else None
        leave_out_biases(net, speed.bias_free)
        freeze(net, stage.frozen)
        self.reads = bool(stage.ctc or stage.distill.logits)
        if not self.reads:
            for part in filter(None, (net.neck, net.bottleneck, net.head)):
                part.requires_grad_(False)

    def on_fit_start(self) -> None:
        if self.distiller is not None:
            dtype = self.net.head.weight.dtype
            for teacher in self.distiller.teachers:
                channels_last(teacher).to(self.device, dtype)

    def on_train_start(self) -> None:
        """Starts the clock at the time that earlier runs took."""
        self.begun = monotonic() - self.seconds

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Leaves the lengths on the host, which reads them: reading them from a device would make it wait."""
        images, targets = (each.to(device, non_blocking=True) for each in (batch.images, batch.targets))
        return batch._replace(images=images, targets=targets)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> int | None:
        if self.progress >= 1:
            self.trainer.should_stop = True
            return -1
        self.set_rates(self.optimizers().param_groups)  # type: ignore[union-attr]
        return None

    def set_rates(self, groups: Sequence[dict[str, Any]]) -> None:
        """Sets the learning rates of an optimizer's groups for the stage's progress."""
        share = scheduled(self.progress, self.stage.schedule, self.stage.warmup)
        for group in groups:
            group["lr"] = share * group["peak"]

    @property
    def progress(self) -> float:
        """The share of the stage that is done: of its minutes if it has any, else of its images."""
        return self.seconds / (60 * self.stage.minutes) if self.stage.minutes else self.seen / self.stage.images

    def training_step(self, batch: Batch, batch_idx: int) -> Any:
        terms = self.terms(batch)
        if batch_idx % self.speed.log_every == 0:
            for name, term in terms.items():
                self.log(name, term.detach())
        self.advance(batch)
        return self.weigh(terms)

    def weigh(self, terms: Mapping[str, Tensor]) -> Tensor:
        return torch.stack([self.loss_weights[name] * term for name, term in terms.items()]).sum()

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        bound_latents(self.net)

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        """The losses that have a weight, not yet multiplied by it."""
        images = to_input(batch.images)
        theirs, teacher_maps = self.ask(images, batch)
        with outputs_of(self.distiller.layers_of(self.net) if self.distiller else []) as maps:
            # If no loss needs logits, run the backbone only.
            features = self.net.embed(images) if self.reads else self.net.backbone(images)
        logits, terms = None, {}
        if self.reads:
            logits, theirs, batch = self.read(features, theirs, batch)
            ctc = own_ctc_loss if self.speed.own_alphabets else ctc_loss
            terms = {"ctc": ctc(logits, batch)} if self.loss_weights["ctc"] else {}
        if not self.distiller:
            return terms
        trust = None
        if self.stage.distill.trusted and logits is not None and theirs:
            trust = trust_in(theirs, logits, batch)
        return {**terms, **self.distiller.terms(logits, maps, theirs, teacher_maps, trust)}

    def ask(self, images: Tensor, batch: Batch) -> tuple[list[Tensor], list[Tensor]]:
        """The teachers' logits and maps (`Distiller.ask`); the input of the teacher's head if classes are sampled."""
        if self.distiller and self.stage.sampled:
            with torch.no_grad():
                return [self.distiller.teachers[0].embed(images)], []
        return self.distiller.ask(images) if self.distiller else ([], [])

    def read(self, features: Tensor, theirs: list[Tensor], batch: Batch) -> tuple[Tensor, list[Tensor], Batch]:
        """The student's and teachers' logits [N, T, classes], and the batch, over the same classes: all or fewer."""
        if self.distiller and self.stage.sampled:
            return self.read_sample(features, self.distiller.teachers[0].head, theirs[0], batch)
        if not self.stage.distinct:
            return at_least_float32(self.net.head(features)), theirs, batch
        taught = soften(theirs, 1.0) if theirs else None
        kept = kept_classes(batch.targets, taught, self.stage.distinct)
        kept = fill_up(kept, self.net.head.out_features)
        theirs = [] if taught is None else [lump(taught, kept)]
        return lumped_logits(self.net.head, features, kept), theirs, relabel(batch, kept)

    def read_sample(
        self, features: Tensor, head: nn.Linear, taught: Tensor, batch: Batch
    ) -> tuple[Tensor, list[Tensor], Batch]:
        """The same for a sample of the classes; `taught` is the input of the teacher's `head`."""
        kept = sampled_classes(head, taught, batch.targets, self.stage.distinct)
        logits = sampled_logits(self.net.head, features, kept)
        return logits, [sampled_logits(head, taught, kept)], relabel(batch, kept)

    def advance(self, batch: Batch) -> None:
        """Counts the step. If the stage has minutes, reads the clock: the mean over all processes."""
        self.seen += self.count(batch)
        if self.stage.minutes:
            self.seconds = self.add_up(monotonic() - self.begun) / self.trainer.world_size

    def count(self, batch: Batch) -> int:
        """The number of images in this step over all processes, which must agree on when to stop."""
        return int(self.add_up(len(batch.lengths)))

    def add_up(self, number: float) -> float:
        """The sum of `number` over all processes, exchanged by the hosts so that nothing waits for a device."""
        if self.trainer.world_size == 1:
            return number
        if self.hosts is None:
            self.hosts = dist.new_group(backend="gloo")
        total = torch.tensor(number, dtype=torch.float64)
        dist.all_reduce(total, group=self.hosts)
        return float(total)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return Muon(self.groups(), self.speed.stacked, self.speed.graphs)

    def groups(self) -> list[dict[str, Any]]:
        """The optimizer's parameter groups, of network and adapters."""
        stage = self.stage
        groups = parameter_groups(self.net, stage.lr, stage.lr_rest, stage.weight_decay)
        adapters = list(self.distiller.parameters()) if self.distiller else []
        if adapters:
            groups.append({"params": adapters, "method": "adamw", "peak": stage.lr_rest})
        return groups

    def card(self) -> dict[str, Any]:
        """How the network was made, and the number of images seen."""
        return {**self.made_card, "images": self.seen}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["seen"], checkpoint["seconds"] = self.seen, self.seconds
        checkpoint["card"] = self.card()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.seen, self.seconds = checkpoint["seen"], checkpoint.get("seconds", 0.0)
        shapes = [{n: t.shape for n, t in state.items()} for state in (checkpoint["state_dict"], self.state_dict())]
        if shapes[0] != shapes[1]:
            raise UsageError(
                f"the checkpoint of {self.stage.name!r} has other distillation adapters than the recipe: remove it, "
                "or train into another folder"
            )
