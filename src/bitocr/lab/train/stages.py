"""The stages of a recipe: what each may set, and what of it is refused, in one line, before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.train.distill import TERMS
from bitocr.lab.train.values import check_keys, check_values, is_number

#: What a stage may set; a recipe says only what differs.
STAGE_DEFAULTS: dict[str, Any] = {
    "name": "train",
    "stage": None,  # how far the network is binarized; None leaves it as the recipe's network says
    "quantize": None,  # how the network is quantized; None leaves it as the recipe's network says, {} takes defaults
    "images": 1_000_000,
    "lr": 1e-2,  # of kernels and matrices (Muon)
    "lr_rest": 2e-3,  # of everything else (AdamW)
    "weight_decay": 0.01,
    "schedule": "cosine",
    "warmup": 0.03,
    "start": "previous",  # "previous", "scratch", an earlier stage's name or a weights file
    "keep_zeros": False,  # what is 0 where it starts stays 0: the weights that pruning took out
    "ctc": 1.0,  # weight of the task's own loss
    "distinct": 0,  # classes told apart beside those of a batch's labels, the teachers' likeliest; 0: all (lumped.py)
    "teacher": None,  # an earlier stage's name or a weights file, or a list of them, which it is once loaded; frozen
    "distill": {},  # DISTILL_DEFAULTS, or a number: the weight of the logits
}

#: What a stage's "distill" may set: the weight of each term of `bitocr.lab.train.distill`, and how it is measured.
DISTILL_DEFAULTS: dict[str, Any] = {
    "logits": 0.0,
    "fsp": 0.0,
    "attention": 0.0,
    "features": 0.0,
    "temperature": 1.0,  # of the logits
    "blank_weight": 1.0,  # of the frames that the teacher reads as blank, for the logits
    "pairs": [],  # of layers for FSP, 0 the stem, 1 the first block ...; none: from resolution to resolution
}


def load_stages(path: str | Path, stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stages with their defaults filled in; each has a name of its own, which is also its folder's."""
    full = []
    for index, stage in enumerate(stages):
        check_keys(path, stage, STAGE_DEFAULTS, "stage")
        full.append(load_stage(f"{path}: stages.{index}", {**STAGE_DEFAULTS, **stage}))
    names = [stage["name"] for stage in full]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise UsageError(f"{path}: two stages are called {name!r}: give each a name of its own")
        if Path(name).name != name or name in ("previous", "scratch"):
            raise UsageError(f"{path}: no stage can be called {name!r}: its folder bears its name")
    return full


def load_stage(where: str, stage: dict[str, Any]) -> dict[str, Any]:
    """One stage, checked; `where` begins the messages."""
    teachers = check_teachers(where, stage["teacher"])
    settings = load_distill(f"{where}.distill", stage["distill"])
    if any(settings[term] for term in TERMS) and not teachers:
        raise UsageError(f"{where}.distill needs a teacher: an earlier stage's name or a weights file")
    if not isinstance(stage["quantize"], dict | None):
        raise UsageError(f"{where}.quantize is a mapping as in docs/quantization.md, not {stage['quantize']!r}")
    checked = check_values(f"{where}.", {**stage, "teacher": None, "quantize": None}, STAGE_DEFAULTS)
    stage = {**checked, "teacher": teachers, "quantize": stage["quantize"]}
    if not stage["ctc"] and not any(settings[term] for term in TERMS):
        raise UsageError(f"{where} has nothing to learn from: ctc and all weights of distill are 0")
    if stage["distinct"] and settings["temperature"] != 1:
        raise UsageError(f"{where}.distinct lumps classes together, which takes a distill.temperature of 1")
    return {**stage, "distill": settings}


def check_teachers(where: str, value: Any) -> list[str]:
    """The names of a stage's teachers, given as None, one name, or a list of them."""
    if value is None:
        return []
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) or is_number(name) for name in names):
        raise UsageError(f"{where}.teacher is a stage's name or a weights file, or a list of them, not {value!r}")
    return [str(name) for name in names]


def load_distill(where: str, value: Any) -> dict[str, Any]:
    """The settings of `DISTILL_DEFAULTS`, all of them; a number is the weight of the logits."""
    if is_number(value):
        value = {"logits": value}
    if not isinstance(value, dict):
        raise UsageError(f"{where} is the weight of the logits, or {', '.join(DISTILL_DEFAULTS)} with values")
    check_keys(where, value, DISTILL_DEFAULTS, "distill")
    settings = check_values(f"{where}.", {**DISTILL_DEFAULTS, **value}, DISTILL_DEFAULTS)
    if not isinstance(settings["pairs"], list) or not all(is_pair(pair) for pair in settings["pairs"]):
        raise UsageError(f"{where}.pairs is a list of layers [first, last] with 0 <= first < last")
    return settings


def is_pair(value: Any) -> bool:
    """[first, last]: whole numbers, the first below the last."""
    return isinstance(value, list) and [type(layer) for layer in value] == [int, int] and 0 <= value[0] < value[1]
