"""What is compared: groups of rows, each row a network and the stages that train it (see ablations.py).

A stage's `images` is its share of the row's images. `start` is "twin" (the shared float twin's weights), "scratch" or
"previous". The rows of a group start alike and see the same batches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bitocr.lab.nn.binary import BINARIZERS


@dataclass(frozen=True)
class Row:
    """One configuration: the stages, what differs from the recipe's network, and how many times the usual images."""

    stages: list[dict[str, Any]]
    network: dict[str, Any] = field(default_factory=dict)
    budget: int = 1


#: Map terms are weighed so that their gradients are about as large as that of the logits, whose weight is 1.
FSP, ATTENTION, FEATURES = {"fsp": 10.0}, {"attention": 5.0}, {"features": 10.0}
LOGITS = {"logits": 1.0}
#: For rows from scratch: features are what the group on distillation found best by validation.
BEST = {**LOGITS, **FEATURES}


def binary(images: float = 1.0, **values: Any) -> dict[str, Any]:
    """The stage that most rows are: fully binary, from the twin, learning from CTC and the twin's logits."""
    stage = {"name": "both", "stage": "both", "images": images, "lr": 5e-3, "weight_decay": 0.0, "start": "twin"}
    return {**stage, "teacher": "twin", "distill": LOGITS, **values}


def taught(**distill: float) -> Row:
    return Row([binary(distill=distill)])


def from_scratch(**network: Any) -> Row:
    """Of networks that the twin's weights do not fit; they learn nothing in as few images as the others."""
    return Row([binary(start="scratch", lr=1e-2, distill=BEST)], network, budget=4)


FSP_FIRST = binary(0.25, name="fsp", ctc=0.0, distill=FSP)
ACTIVATIONS = binary(0.25, name="activations", stage="activations")

GROUPS: dict[str, dict[str, Row]] = {
    "distillation": {
        "none (CTC alone)": taught(),
        "FSP": taught(**FSP),
        "FSP first, then CTC": Row([FSP_FIRST, binary(0.75, start="previous", distill={})]),
        "attention": taught(**ATTENTION),
        "features": taught(**FEATURES),
        "logits": taught(**LOGITS),
        "FSP + logits": taught(**FSP, **LOGITS),
        "all": taught(**FSP, **ATTENTION, **FEATURES, **LOGITS),
    },
    "binarizer": {name: from_scratch(binarizer=name) for name in BINARIZERS},
    "neck": {"BiLSTM": from_scratch(binarizer="reactnet"), "none": from_scratch(neck={"type": "none"})},
    "steps": {
        "one: both at once": Row([binary()]),
        "two: activations, then both": Row([ACTIVATIONS, binary(0.75, start="previous")]),
    },
    "clip": {f"{clip:g}": Row([binary()], {"clip": clip}) for clip in (0.5, 1.0, 1.5, 2.0)},
}

#: What earlier versions did otherwise in training; the report says so of rows that they trained.
FORMERLY = {"0.1.0": "latent weights were not yet clamped to [-1, 1] after each step"}

#: What a reader of the report must know of each group.
NOTES = {
    "distillation": "From the twin, binary at once. FSP first: a quarter of the images on FSP alone, then CTC alone.",
    "binarizer": "From scratch, with four times the images; CTC, the twin's logits and features.",
    "neck": "From scratch, with four times the images; CTC, the twin's logits and features.",
    "steps": "From the twin, with CTC and its logits. Two steps: a quarter of the images with binary activations only.",
    "clip": "Where the gradient of the activations' sign ends. From the twin, with CTC and its logits.",
}
