"""Measures what each training speed-up gains on this machine: images per second with it and without it, in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch

from bitocr.lab.config.data import Source
from bitocr.lab.config.distill import Distill
from bitocr.lab.config.network import AnyNetwork, Network
from bitocr.lab.config.speed import Speed
from bitocr.lab.config.stage import Stage
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.stream import TextStream, loader
from bitocr.lab.nn.crnn import CRNN, build
from bitocr.lab.nn.fused import compile_all
from bitocr.lab.nn.quant.ranges import calibrate_weights
from bitocr.lab.train.pace import Paced
from bitocr.lab.train.start import open_start
from bitocr.lab.train.task import RecognitionTask
from bitocr.lab.train.throughput import Work, random_batch, step_of, trainer_of
from bitocr.lab.train.together import TogetherTask

Pair = tuple[str, Callable[[], Work], Callable[[], Work]]
LIMITS = (1.0, 8.0)
"""Of reuse."""
FEW_COLUMNS = 2048


def compare(model: str = "english", seconds: float = 4) -> list[dict[str, Any]]:
    """Rows of {"what", "without", "images_per_s"}: images per second without an option and with it.

    Args:
        model: a binary model (`open_start`) whose network is trained.
        seconds: time to spend on each row.
    """
    start = open_start(model)
    network = start.network.replace(stage="both", quantize=start.quantize)
    pairs = [(what, side_by_side(without(), with_it(), seconds)) for what, without, with_it in options(network)]
    pairs.append(("data.reuse_limits, one worker", (fed(network, None, seconds), fed(network, LIMITS, seconds))))
    return [{"what": what, "without": round(rates[0], 1), "images_per_s": round(rates[1], 1)} for what, rates in pairs]


def options(network: AnyNetwork) -> Iterator[Pair]:
    """The name of each option, with the work to time without it and with it."""
    yield "compile", partial(step_of, network, compiled=False), partial(step_of, network)
    flags = ["stacked", "bias_free", "own_alphabets"]
    flags += ["graphs"] if torch.cuda.is_available() else []
    for flag in flags:
        plain, faster = (partial(step_of, network, speed=Speed(**{flag: on})) for on in (False, True))
        yield f"speed.{flag}", plain, faster
    steps = 10 if torch.cuda.is_available() else 1  # the CPU does not run ahead of its calls
    asked = [partial(step_of, network, speed=Speed(log_every=every), steps=steps) for every in (1, 10)]
    yield "speed.log_every", asked[0], asked[1]
    yield "together", partial(separately, network), partial(together, network)


def side_by_side(without: Work, with_it: Work, seconds: float) -> tuple[float, float]:
    """The median images per second of two works that take turns for about `seconds`."""
    works: tuple[tuple[Work, list[float]], ...] = ((without, []), (with_it, []))
    for work, _ in works:
        work()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(works[0][1]) < 3:
        for work, rates in works:
            begun = time.perf_counter()
            images = work()
            rates.append(images / (time.perf_counter() - begun))
    return statistics.median(works[0][1]), statistics.median(works[1][1])


def fed(network: AnyNetwork, limits: tuple[float, float] | None, seconds: float) -> float:
    """Images per second of steps fed by one rendering worker, after a warm-up of `seconds`; reuse starts at 1."""
    charset = Charset()
    stream = TextStream([Source(synth="words", weight=1.0)], charset, columns=FEW_COLUMNS, reuse=1.0)
    batches: Any = loader(stream, 1)
    batches = iter(Paced(batches, stream.reuse, limits, seconds / 16) if limits else batches)
    train = trainer_of(network.replace(classes=charset.classes))
    train(next(batches))
    return [steps_for(seconds, train, batches) for _ in ("start", "measured")][1]


def steps_for(seconds: float, train: Callable[[Any], None], batches: Iterator[Any]) -> float:
    """Images per second over about `seconds`, waiting included."""
    images, begun = 0, time.perf_counter()
    while (now := time.perf_counter()) < begun + seconds or not images:
        batch = next(batches)
        train(batch)
        images += len(batch.lengths)
    return images / (now - begun)


def separately(network: AnyNetwork) -> Work:
    """A step of a teacher and a step of its student, as in two separate stages."""
    teacher = RecognitionTask(fresh(network.replace(stage="float", quantize=None)), TEACHER, [], {})
    frozen = fresh(network.replace(stage="float", quantize=None))
    return steps_of([teacher, RecognitionTask(fresh(network), STUDENT, [frozen], {})], network)


def together(network: AnyNetwork) -> Work:
    """One step that trains teacher and student together."""
    teacher = RecognitionTask(fresh(network.replace(stage="float", quantize=None)), TEACHER, [], {})
    return steps_of([TogetherTask(fresh(network), STUDENT, teacher, {})], network)


TEACHER = Stage(name="float")
STUDENT = Stage(name="both", teacher=("float",), distill=Distill(logits=1.0))


def fresh(network: Network) -> CRNN:
    torch.manual_seed(0)
    net = build(network)
    calibrate_weights(net)
    return net


def steps_of(tasks: list[RecognitionTask], network: Network) -> Work:
    """A step of each task on the same batch."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    batch = random_batch(network.classes)
    for task in tasks:
        task.to(device).on_fit_start()
    optimizers = [task.configure_optimizers() for task in tasks]

    def work() -> int:
        compile_all(True)
        moved = batch._replace(images=batch.images.to(device), targets=batch.targets.to(device))
        for task, optimizer in zip(tasks, optimizers, strict=True):
            with torch.autocast(device.type, torch.bfloat16):
                loss = task.weigh(task.terms(moved))
            if isinstance(task, TogetherTask) and task.tutors_loss is not None:
                loss = loss + task.tutors_loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        if device.type == "cuda":
            torch.cuda.synchronize()
        return len(batch.lengths)

    return work
