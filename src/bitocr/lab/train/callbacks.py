"""Callbacks of a training: validation, the CSV log and its plot, the time limit, and the progress line."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
import torch

from bitocr.lab.train.log import append_row, draw_curves
from bitocr.lab.train.validate import ValidationSet
from bitocr.progress import Progress, say


class Validate(L.Callback):
    """Scores the validation sets every `every` images and at the end; writes log.csv and curves.png into `folder`."""

    def __init__(self, sets: Sequence[ValidationSet], names: Sequence[str], folder: Path, every: int) -> None:
        self.sets, self.names, self.folder, self.every = sets, names, folder, every
        self.due = every
        self.loss, self.steps = torch.zeros(()), 0

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if isinstance(outputs, dict):
            # Leave out the loss of a teacher that is trained together with the student.
            loss = outputs["own" if "own" in outputs else "loss"].detach()
            # Sum on the device: reading the loss would wait for it in every step.
            self.loss, self.steps = loss + self.loss.to(loss), self.steps + 1
        if module.seen >= self.due:
            self.due = (module.seen // self.every + 1) * self.every
            self.record(trainer, module)

    def on_train_end(self, trainer: L.Trainer, module: Any) -> None:
        self.record(trainer, module)

    def record(self, trainer: L.Trainer, module: Any) -> None:
        """Adds a row to the log: images seen, mean loss since the last row, accuracy and CER of each set."""
        if not trainer.is_global_zero or not self.steps:
            return
        row: dict[str, Any] = {"seen": module.seen, "loss": round(float(self.loss) / self.steps, 4)}
        self.loss, self.steps = torch.zeros(()), 0
        row |= self.scores(module.net, str(module.device))
        draw_curves(append_row(self.folder / "log.csv", row), self.folder / "curves.png")
        say("  ".join(f"{key} {value}" for key, value in row.items()))

    def scores(self, net: Any, device: str) -> dict[str, float]:
        """The validation scores by column name."""
        row: dict[str, float] = {}
        for name, validation in zip(self.names, self.sets, strict=True):
            result = validation.score_net(net, device=device)
            row[f"{name} accuracy"] = round(result.accuracy, 4)
            row[f"{name} cer"] = round(result.cer, 4)
        return row

    def state_dict(self) -> dict[str, Any]:
        return {"due": self.due}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.due = state_dict["due"]


class TimeLimit(L.Callback):
    """Stops at `deadline` (by `time.monotonic`) as Ctrl-C does, with a checkpoint: for machines rented by the hour."""

    EVERY = 10  # steps between checks; all processes must agree on the last step

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step % self.EVERY:
            return
        if trainer.strategy.reduce_boolean_decision(time.monotonic() >= self.deadline, all=False):
            raise KeyboardInterrupt


def amount(module: Any) -> tuple[str, int, int]:
    """The unit of a task's progress ("seconds" or "images"), how many are done, and how many there are in all."""
    minutes = getattr(module.stage, "minutes", 0)
    return (
        ("seconds", int(module.seconds), int(60 * minutes)) if minutes else ("images", module.seen, module.stage.images)
    )


class ShowProgress(L.Callback):
    """Shows images seen, images per second, losses and time left; without a terminal, prints a line every `seconds`."""

    def __init__(self, seconds: float = 30) -> None:
        self.show = Progress(every=1, log=seconds)

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        def losses() -> str:  # called only when shown, since reading a loss waits for the GPU
            metrics = {name: float(value) for name, value in trainer.callback_metrics.items() if name != "seen"}
            return "  ".join(f"{name} {value:.3f}" for name, value in metrics.items())

        if trainer.is_global_zero:
            unit, done, total = amount(module)
            self.show(f"{module.stage.name}, {unit}", done, total, losses)

    def on_train_end(self, trainer: L.Trainer, module: Any) -> None:
        self.show.clear()

    def on_exception(self, trainer: L.Trainer, module: Any, exception: BaseException) -> None:
        self.show.clear()
