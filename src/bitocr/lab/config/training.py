"""What the recipes of recognizers and of detectors have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bitocr.lab.config.network import Binarization
from bitocr.lab.config.settings import MANY, Count, Rate, Settings, SettingsError

Minutes = Annotated[float, Meta(ge=0, le=MANY)]


class Trainer(Settings, frozen=True):
    """Arguments of Lightning's trainer, which says what they take."""

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
    """For how long and how something is trained, and from where."""

    called: ClassVar[str] = "a stage"

    name: str = "train"
    """Also its folder's."""
    stage: Binarization | None = None
    """How far the network is binarized; None leaves it as the recipe's network says."""
    images: Count = 1_000_000
    minutes: Minutes = 0.0
    """Of training, over all runs of the command, after which the stage ends with a learning rate of 0; 0: its images
    say when."""
    lr: Rate = 1e-2
    """Of kernels and matrices (Muon)."""
    lr_rest: Rate = 2e-3
    """Of everything else (AdamW)."""
    weight_decay: Rate = 0.01
    schedule: Literal["cosine", "linear"] = "cosine"
    warmup: Annotated[float, Meta(ge=0, le=0.99)] = 0.03
    """Share of the images, or of the minutes."""
    start: str = "previous"
    """"previous", "scratch", an earlier stage's name or a weights file."""

    def __post_init__(self) -> None:
        if self.name in ("previous", "scratch") or Path(self.name).name != self.name:
            raise SettingsError(
                f"cannot be {self.name!r}: no stage can be called so, for its folder bears its name", "name"
            )


class Training(Settings, frozen=True):
    """A training of one network in stages, one after the other."""

    called: ClassVar[str] = "a recipe"

    name: str = "model"
    out: str = "runs/model"
    """The folder of all that training leaves."""
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 0
    minutes: Minutes = 0.0
    """Of training after which the command stops, to be given again; 0: none."""
    trainer: Trainer = Trainer()
    compile: bool = False
    """The binary blocks' elementwise parts (`bitocr.lab.nn.fused`), where there is a C++ compiler."""
    validate_every: Count = 100_000
    """Images."""
    checkpoint_every: Count = 50_000
    """Images."""


def check_names(stages: Sequence[TrainingStage]) -> None:
    """Stages have names of their own. Raises SettingsError."""
    names = [stage.name for stage in stages]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SettingsError(f"two stages are called {name!r}: give each a name of its own")
