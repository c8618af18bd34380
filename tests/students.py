"""Small students, teachers of every kind, and the task that trains a student."""

from __future__ import annotations

from typing import Any

import torch

from bitocr.lab.config.convert import convert
from bitocr.lab.config.speed import DEFAULT, Speed
from bitocr.lab.config.stage import Stage
from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.crnn import build
from bitocr.lab.train.task import RecognitionTask

NECK = {"type": "bilstm", "hidden": 8}
FLOAT: dict[str, Any] = {"stem": 8, "blocks": [[8, [1, 1]], [16, [2, 2]], [16, [2, 1]]], "neck": NECK, "stage": "float"}
STUDENT = {**FLOAT, "stage": "both"}
WIDE = {**FLOAT, "stem": 16, "blocks": [[16, [1, 1]], [32, [2, 2]], [32, [2, 1]]]}
DEEP = {**FLOAT, "blocks": [[8, [1, 1]], [8, [1, 1]], [16, [2, 2]], [16, [2, 1]], [16, [1, 1]]]}
MOBILE = {"arch": "mobilenet_crnn", "stem": 8, "blocks": [[16, [1, 1]], [16, [2, 2]], [24, [2, 1]]], "neck": NECK}


def stage_of(**values: Any) -> Stage:
    return convert({"teacher": "teacher", **values}, Stage)


def task_of(
    student: dict[str, Any], *teachers: dict[str, Any], speed: Speed = DEFAULT, **stage: Any
) -> RecognitionTask:
    torch.manual_seed(0)
    nets = [build(teacher) for teacher in teachers]
    torch.manual_seed(1)
    task = RecognitionTask(build(student), stage_of(**stage), nets, {}, speed)
    task.log = lambda *_: None  # type: ignore[method-assign, assignment]
    task.count = lambda batch: len(batch.lengths)  # type: ignore[method-assign]
    return task


def batch() -> Batch:
    images = torch.randint(-127, 128, (3, 1, 32, 48), dtype=torch.int8, generator=torch.Generator().manual_seed(0))
    return Batch(images, torch.tensor([1, 2, 3]), torch.ones(3, dtype=torch.int64))
