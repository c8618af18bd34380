"""What happens beside the steps: validation, the CSV log and its picture, and the line that says how it goes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L

from bitocr.lab.train.log import append_row, draw_curves
from bitocr.lab.train.validate import ValidationSet


class Validate(L.Callback):
    """Scores the validation sets every `every` images and at the end; writes log.csv and curves.png into `folder`."""

    def __init__(self, sets: Sequence[ValidationSet], names: Sequence[str], folder: Path, every: int) -> None:
        self.sets, self.names, self.folder, self.every = sets, names, folder, every
        self.due = every
        self.losses: list[float] = []

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if isinstance(outputs, dict):
            self.losses.append(float(outputs["loss"]))
        if module.seen >= self.due:
            self.due = (module.seen // self.every + 1) * self.every
            self.record(trainer, module)

    def on_train_end(self, trainer: L.Trainer, module: Any) -> None:
        self.record(trainer, module)

    def record(self, trainer: L.Trainer, module: Any) -> None:
        """One row of the log: images seen, mean loss since the last row, each set's accuracy and CER."""
        if not trainer.is_global_zero or not self.losses:
            return
        row: dict[str, Any] = {"seen": module.seen, "loss": round(sum(self.losses) / len(self.losses), 4)}
        self.losses.clear()
        for name, validation in zip(self.names, self.sets, strict=True):
            result = validation.score_net(module.net, device=str(module.device))
            row[f"{name} accuracy"] = round(result.accuracy, 4)
            row[f"{name} cer"] = round(result.cer, 4)
        draw_curves(append_row(self.folder / "log.csv", row), self.folder / "curves.png")
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)

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


class Progress(L.Callback):
    """A line every `seconds`: images seen, images a second, loss, time left."""

    def __init__(self, seconds: float = 30) -> None:
        self.seconds = seconds
        self.last_time, self.last_seen = time.monotonic(), -1

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        now = time.monotonic()
        if self.last_seen < 0:
            self.last_time, self.last_seen = now, module.seen
        elif now - self.last_time >= self.seconds and trainer.is_global_zero:
            speed = (module.seen - self.last_seen) / (now - self.last_time)
            left = (module.stage["images"] - module.seen) / max(speed, 1e-9)
            metrics = {name: float(value) for name, value in trainer.callback_metrics.items() if name != "seen"}
            losses = "  ".join(f"{name} {value:.3f}" for name, value in metrics.items())
            print(
                f"{module.stage['name']}  {module.seen:,} of {module.stage['images']:,} images  {speed:.0f}/s  "
                f"{losses}  {left / 60:.0f} min left",
                flush=True,
            )
            self.last_time, self.last_seen = now, module.seen
