"""What happens beside the steps: validation, the CSV log and its picture, and the line that says how far it is."""

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
            # Without the loss of a teacher that learns beside.
            loss = outputs["own" if "own" in outputs else "loss"].detach()
            # Summed where it is: reading it would wait for the device in every step.
            self.loss, self.steps = loss + self.loss.to(loss), self.steps + 1
        if module.seen >= self.due:
            self.due = (module.seen // self.every + 1) * self.every
            self.record(trainer, module)

    def on_train_end(self, trainer: L.Trainer, module: Any) -> None:
        self.record(trainer, module)

    def record(self, trainer: L.Trainer, module: Any) -> None:
        """One row of the log: images seen, mean loss since the last row, each set's accuracy and CER."""
        if not trainer.is_global_zero or not self.steps:
            return
        row: dict[str, Any] = {"seen": module.seen, "loss": round(float(self.loss) / self.steps, 4)}
        self.loss, self.steps = torch.zeros(()), 0
        row |= self.scores(module.net, str(module.device))
        draw_curves(append_row(self.folder / "log.csv", row), self.folder / "curves.png")
        say("  ".join(f"{key} {value}" for key, value in row.items()))

    def scores(self, net: Any, device: str) -> dict[str, float]:
        """By the columns' names."""
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
    """Stops as Ctrl-C does, with a checkpoint, at `deadline` (of `time.monotonic`): for machines lent by the hour."""

    EVERY = 10  # steps; all processes must agree on the one that is the last

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step % self.EVERY:
            return
        if trainer.strategy.reduce_boolean_decision(time.monotonic() >= self.deadline, all=False):
            raise KeyboardInterrupt


def amount(module: Any) -> tuple[str, int, int]:
    """What a task's stage counts, how many of them are behind it, and how many it has."""
    minutes = getattr(module.stage, "minutes", 0)
    return (
        ("seconds", int(module.seconds), int(60 * minutes)) if minutes else ("images", module.seen, module.stage.images)
    )


class ShowProgress(L.Callback):
    """Shows images seen, images a second, losses and the time left; where no terminal is, a line every `seconds`."""

    def __init__(self, seconds: float = 30) -> None:
        self.show = Progress(every=1, log=seconds)

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        def losses() -> str:  # asked for only when it is shown, since a GPU has to be waited for
            metrics = {name: float(value) for name, value in trainer.callback_metrics.items() if name != "seen"}
            return "  ".join(f"{name} {value:.3f}" for name, value in metrics.items())

        if trainer.is_global_zero:
            unit, done, total = amount(module)
            self.show(f"{module.stage.name}, {unit}", done, total, losses)

    def on_train_end(self, trainer: L.Trainer, module: Any) -> None:
        self.show.clear()

    def on_exception(self, trainer: L.Trainer, module: Any, exception: BaseException) -> None:
        self.show.clear()
