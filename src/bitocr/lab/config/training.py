"""The settings that recipes of recognizers and detectors share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bitocr.lab.config.network import Binarization
from bitocr.lab.config.settings import MANY, Count, Rate, Settings, SettingsError

Minutes = Annotated[float, Meta(ge=0, le=MANY)]


class Trainer(Settings, frozen=True):
    """Arguments of Lightning's `Trainer`, whose documentation describes them."""

    called: ClassVar[str] = "trainer"

    precision: str = "bf16-mixed"
    accelerator: str = "auto"
    devices: int | str | tuple[int, ...] = "auto"
    strategy: str = "auto"
    num_nodes: Count = 1
    accumulate_grad_batches: Count = 1
    sync_batchnorm: bool = False
    deterministic: bool = False
    benchmark: bool = False


class TrainingStage(Settings, frozen=True):
    """A stage of a training: its start, its length, and its learning rates."""

    called: ClassVar[str] = "a stage"

    name: str = "train"
    """The name of the stage and of its folder."""
    stage: Binarization | None = None
    """How far to binarize the network; None: as the recipe's network says."""
    images: Count = 1_000_000
    minutes: Minutes = 0.0
    """End the stage, with a learning rate of 0, after this many minutes over all runs of the command; 0: after its
    images."""
    lr: Rate = 1e-2
    """The peak learning rate of kernels and matrices (Muon)."""
    lr_rest: Rate = 2e-3
    """The peak learning rate of everything else (AdamW)."""
    weight_decay: Rate = 0.01
    schedule: Literal["cosine", "linear"] = "cosine"
    warmup: Annotated[float, Meta(ge=0, le=0.99)] = 0.03
    """The share of the images, or of the minutes, for the warm-up."""
    start: str = "previous"
    """"previous", "scratch", the name of an earlier stage, or a weights file."""

    def __post_init__(self) -> None:
        if self.name in ("previous", "scratch") or Path(self.name).name != self.name:
            raise SettingsError(
                f"cannot be {self.name!r}: it names the stage's folder, and 'previous' and 'scratch' are taken", "name"
            )


class Training(Settings, frozen=True):
    """A recipe that trains a network in stages."""

    called: ClassVar[str] = "a recipe"

    name: str = "model"
    out: str = "runs/model"
    """The output folder."""
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 0
    minutes: Minutes = 0.0
    """Stop the command after this many minutes; the same command resumes it. 0: no limit."""
    trainer: Trainer = Trainer()
    compile: bool = False
    """Compile the elementwise parts of binary blocks (`bitocr.lab.nn.fused`), if there is a C++ compiler."""
    validate_every: Count = 100_000
    """The number of images between validations."""
    checkpoint_every: Count = 50_000
    """The number of images between checkpoints."""


def check_names(stages: Sequence[TrainingStage]) -> None:
    """Checks that no two stages have the same name. Raises SettingsError."""
    names = [stage.name for stage in stages]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SettingsError(f"two stages are called {name!r}: rename one of them")
