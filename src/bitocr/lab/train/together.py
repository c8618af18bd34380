"""Trains a student and its teacher on the same batches.

Each follows its own stage, with its own losses, learning rates and gradient clipping, so the teacher learns as it would
alone. The student learns from the teacher's outputs in that same training step, which use the statistics of the batch.
So each batch is drawn once, and the teacher runs once. When the teacher's stage ends, its weights are written. From
then on it is frozen, as any other teacher.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from bitocr.lab.config.speed import DEFAULT, Speed
from bitocr.lab.config.stage import Stage
from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.features import outputs_of
from bitocr.lab.nn.precision import at_least_float32
from bitocr.lab.train.task import RecognitionTask


class TogetherTask(RecognitionTask):
    """The task of a student, with its teacher's task inside.

    Args:
        net, stage, card, speed: the student's, as for `RecognitionTask`.
        tutor: the teacher's task; its stage ends no later than the student's.
        finish: called once with `tutor`, when its stage ends.
    """

    teachers_learn = True

    def __init__(
        self,
        net: CRNN,
        stage: Stage,
        tutor: RecognitionTask,
        card: dict[str, Any],
        speed: Speed = DEFAULT,
        finish: Callable[[RecognitionTask], None] = lambda _: None,
    ) -> None:
        super().__init__(net, stage, [tutor.net], card, speed)
        self.tutor, self.finish = tutor, finish
        self.has_finished = False
        self.tutors_loss: Tensor | None = None

    def on_fit_start(self) -> None:
        super().on_fit_start()
        self.tutor.on_fit_start()

    def set_rates(self, groups: Sequence[dict[str, Any]]) -> None:
        super().set_rates([group for group in groups if not group.get("tutor")])
        if not self.has_finished:
            self.tutor.seen, self.tutor.seconds = self.seen, self.seconds
            if self.tutor.progress >= 1:
                self.finish_tutor()
        self.tutor.set_rates([group for group in groups if group.get("tutor")])

    def finish_tutor(self) -> None:
        """Ends the teacher's stage. From now on the teacher is frozen."""
        self.has_finished = True
        self.tutor.net.eval()
        self.finish(self.tutor)

    def ask(self, images: Tensor, batch: Batch) -> tuple[list[Tensor], list[Tensor]]:
        """The teacher's outputs in its own step, whose loss is kept; a finished teacher is asked as usual."""
        assert self.distiller is not None
        if self.has_finished:
            return super().ask(images, batch)
        layers = self.distiller.layers_of(self.tutor.net)
        with outputs_of([*layers, self.tutor.net.head]) as outputs:
            self.tutors_loss = self.tutor.weigh(self.tutor.terms(batch))
        maps, (logits,) = [each.detach() for each in outputs[: len(layers)]], outputs[len(layers) :]
        return ([at_least_float32(logits.detach())] if self.distiller.wants_logits else []), maps

    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        self.tutors_loss = None
        own = super().training_step(batch, batch_idx)
        if self.tutors_loss is None:
            return {"loss": own + self.idle(), "own": own.detach()}
        if batch_idx % self.speed.log_every == 0:
            self.log("teacher", self.tutors_loss.detach())
        return {"loss": own + self.tutors_loss, "own": own.detach()}

    def idle(self) -> Tensor | float:
        """Zero. With several processes, zero times the teacher's parameters, since each one must have a gradient."""
        if self.trainer.world_size == 1:
            return 0.0
        return 0.0 * torch.stack([p.sum() for p in self.tutor.parameters() if p.requires_grad]).sum()

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips the gradients of student and teacher separately."""
        for is_tutors in (False, True):
            groups = [group for group in optimizer.param_groups if bool(group.get("tutor")) == is_tutors]
            clip_grad_norm_([p for group in groups for p in group["params"]], gradient_clip_val or float("inf"))

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        super().on_train_batch_end(outputs, batch, batch_idx)
        if not self.has_finished:
            self.tutor.on_train_batch_end(outputs, batch, batch_idx)

    def groups(self) -> list[dict[str, Any]]:
        return [*super().groups(), *({**group, "tutor": True} for group in self.tutor.groups())]

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_save_checkpoint(checkpoint)
        checkpoint["tutor"] = {"seen": self.tutor.seen, "has_finished": self.has_finished}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_load_checkpoint(checkpoint)
        self.tutor.seen, self.has_finished = checkpoint["tutor"]["seen"], checkpoint["tutor"]["has_finished"]
        if self.has_finished:
            self.tutor.net.eval()
