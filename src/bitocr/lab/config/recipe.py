"""Recipes: one YAML file describes a whole training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from bitocr.errors import UsageError
from bitocr.lab.config.data import Data, ValidationSet
from bitocr.lab.config.load import load, merge
from bitocr.lab.config.network import AnyNetwork, BitCRNN
from bitocr.lab.config.settings import SettingsError
from bitocr.lab.config.speed import Speed
from bitocr.lab.config.stage import Stage
from bitocr.lab.config.training import Training, check_names


class Recipe(Training, frozen=True):
    """A recipe that trains a recognizer in stages."""

    charset: Annotated[str, Meta(description="a text, in quotes where YAML would read a number")] = "english"
    """"english", "chinese", "chinese:2500", a .txt file with the characters, or the characters themselves."""
    network: AnyNetwork = BitCRNN()
    data: Data = Data()
    validation: tuple[ValidationSet, ...] = ()
    speed: Speed = Speed()
    stages: Annotated[tuple[Stage, ...], Meta(min_length=1)] = (Stage(),)

    def __post_init__(self) -> None:
        check_names(self.stages)
        for index, stage in enumerate(self.stages):
            if stage.together:
                check_together(self.stages[:index], stage, f"stages.{index}.together")

    @classmethod
    def within_reach(cls, given: dict[str, Any]) -> dict[str, Any]:
        return merge({"network": {}, "data": Data().plain(), "trainer": {}, "speed": {}, "stages": [{}]}, given)

    def network_of(self, stage: Stage, classes: int) -> AnyNetwork:
        """The network of a stage. Raises UsageError if there is no such network."""
        changes: dict[str, Any] = {"classes": classes}
        if stage.quantize is not None:
            changes["quantize"] = stage.quantize
        if stage.stage is not None:
            if not isinstance(self.network, BitCRNN):
                raise UsageError(f"a {self.network.arch} has no stage {stage.stage!r}: it is not binarized")
            changes["stage"] = stage.stage
        network = self.network.replace(**changes)
        network.check()
        return network


def check_together(before: tuple[Stage, ...], stage: Stage, key: str) -> None:
    """Checks that a stage can be trained together with its teacher. Raises SettingsError."""
    names = [each.name for each in before]
    if not before or stage.teacher != (names[-1],):
        raise SettingsError("takes the stage right before as the only teacher", key)
    teacher = before[-1]
    if stage.start in ("previous", teacher.name):
        raise SettingsError(f"cannot start from {teacher.name!r}, which is not trained before: set its start", key)
    for is_wrong, told in (
        (teacher.together, "is trained with its own teacher"),
        (teacher.keep_zeros, "keeps zeros"),
        (teacher.distinct > 0, "does not tell all classes apart: set its distinct to 0"),
        (not (teacher.ctc or teacher.distill.logits), "reads nothing: set its ctc to 1"),
        (bool(teacher.minutes) != bool(stage.minutes), "does not count minutes or images as it does"),
        ((teacher.minutes or teacher.images) > (stage.minutes or stage.images), "is trained for longer than it is"),
    ):
        if is_wrong:
            raise SettingsError(f"has a teacher, {teacher.name!r}, that {told}", key)


def read_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Reads a recipe, applies ``key=value`` overrides, and checks everything that does not depend on other files.

    Raises:
        UsageError: there is no such file, it is not YAML, a key is unknown, or a value is wrong.
    """
    return load(path, Recipe, overrides)
