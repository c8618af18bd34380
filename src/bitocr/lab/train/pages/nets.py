"""The detectors of a recipe's stages: where their weights are, what each starts from, and which teacher it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from bitocr.errors import BitocrError, ModelError, UsageError
from bitocr.lab.config.detector import BitDetector, open_detector
from bitocr.lab.config.pages import PageRecipe, PageStage
from bitocr.lab.nn.detector import Detector, build_detector
from bitocr.lab.train.weights import read_weights, reason


def weights_path(recipe: PageRecipe, stage_name: str) -> Path:
    return Path(recipe.out) / stage_name / "weights.safetensors"


def find_weights(recipe: PageRecipe, name: str) -> Path:
    """The weights of an earlier stage (by name) or a weights file (by path). Raises UsageError if it is neither."""
    for path in (weights_path(recipe, name), Path(name)):
        if path.is_file():
            return path
    raise UsageError(f"{name!r} is neither a finished stage in {recipe.out} nor a weights file")


def check_references(recipe: PageRecipe) -> None:
    """Checks that each weights file a stage needs exists or comes from an earlier stage. Raises UsageError."""
    names = [stage.name for stage in recipe.stages]
    for index, stage in enumerate(recipe.stages):
        if not weights_path(recipe, stage.name).exists():
            for name in {stage.start, stage.teacher} - {"previous", "scratch", None, *names[:index]}:
                find_weights(recipe, str(name))


def load_detector(path: str | Path, **changes: Any) -> tuple[Detector, dict[str, Any]]:
    """Loads the detector of a weights file, in float32 and eval mode, and its card.

    Args:
        changes: fields of its config to replace.

    Raises:
        ModelError: the file is missing, not a weights file of bitocr, of no detector, or does not fit.
    """
    state, card = read_weights(path)
    try:
        net = build_detector(open_detector(card["network"]).replace(**changes))
        net.load_state_dict({n: t.float() if t.is_floating_point() else t for n, t in state.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, BitocrError) as error:
        raise ModelError(f"{path}: its weights are not those of a detector: {reason(error)}") from None
    return channels_last(net).eval(), card


def channels_last(net: Detector) -> Detector:
    """The network with channels-last weights, which convolve faster on CPUs."""
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def starting_net(recipe: PageRecipe, index: int) -> Detector:
    """The network of a stage: new, or with the weights of an earlier stage or a file."""
    stage = recipe.stages[index]
    network, start = recipe.network_of(stage), stage.start
    if start == "previous":
        start = recipe.stages[index - 1].name if index else "scratch"
    if start == "scratch":
        return channels_last(build_detector(network))
    path = find_weights(recipe, start)
    net, card = load_detector(path, stage=network.stage)
    if same_shape(open_detector(card["network"]), network):
        return net.train()
    raise UsageError(f"{path}: of another network than this recipe's")


def same_shape(ours: BitDetector, theirs: BitDetector) -> bool:
    """Whether the weights of one config fit the other."""
    return (ours.stem, ours.blocks, ours.neck) == (theirs.stem, theirs.blocks, theirs.neck)


def load_teacher(recipe: PageRecipe, stage: PageStage) -> Detector | None:
    return load_detector(find_weights(recipe, stage.teacher))[0] if stage.teacher else None
