"""Measures the speed of training on this machine: a step of each stage, rendering, and the data stream."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bitocr.lab.config.data import Source
from bitocr.lab.config.network import MobileNetCRNN, Network
from bitocr.lab.config.speed import DEFAULT, Speed
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.stream import Batch, TextStream
from bitocr.lab.data.synth import Renderer
from bitocr.lab.data.synth.fontconfig import han_faces
from bitocr.lab.nn.backbone import leave_out_biases
from bitocr.lab.nn.binary import STAGES
from bitocr.lab.nn.crnn import build, channels_last
from bitocr.lab.nn.fused import compile_all
from bitocr.lab.nn.quant.ranges import calibrate_weights
from bitocr.lab.train.alphabet import own_ctc_loss
from bitocr.lab.train.muon import Muon, parameter_groups
from bitocr.lab.train.start import open_start
from bitocr.lab.train.task import ctc_loss, to_input
from bitocr.native.image import HEIGHT

BATCH, WIDTH = 96, 128
Work = Callable[[], int]


def per_second(work: Work, seconds: float) -> float:
    """The median images per second of calls of `work`, for about `seconds`. `work` returns its number of images."""
    work()
    rates: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(rates) < 3:
        start = time.perf_counter()
        images = work()
        rates.append(images / (time.perf_counter() - start))
    return statistics.median(rates)


def random_batch(classes: int) -> Batch:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(-127, 128, (BATCH, 1, HEIGHT, WIDTH), dtype=torch.int8, generator=generator)
    targets = torch.randint(1, classes, (BATCH * 6,), generator=generator)
    return Batch(images, targets, torch.full((BATCH,), 6))


def step_of(
    network: Network,
    precision: torch.dtype | None = torch.bfloat16,
    compiled: bool = True,
    speed: Speed = DEFAULT,
    steps: int = 1,
) -> Work:
    """Training steps of a network (`trainer_of`) on one fixed batch."""
    train = trainer_of(network, precision, compiled, speed)
    batch = random_batch(network.classes)

    def work() -> int:
        for _ in range(steps):
            train(batch)
        if torch.cuda.is_available():  # wait until the GPU has done the steps
            torch.cuda.synchronize()
        return steps * BATCH

    return work


def trainer_of(
    network: Network, precision: torch.dtype | None = torch.bfloat16, compiled: bool = True, speed: Speed = DEFAULT
) -> Callable[[Batch], None]:
    """The training step of a new network, on the GPU if there is one: forward, CTC, backward, Muon."""
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = channels_last(build(network)).to(device)
    calibrate_weights(net)
    leave_out_biases(net, speed.bias_free)
    optimizer = Muon(parameter_groups(net, 1e-2, 2e-3, 0.01), speed.stacked, speed.graphs)
    loss_of, numbers = own_ctc_loss if speed.own_alphabets else ctc_loss, count()

    def step(batch: Batch) -> None:
        compile_all(compiled)
        batch = batch._replace(images=batch.images.to(device), targets=batch.targets.to(device))
        with torch.autocast(device.type, precision, enabled=precision is not None):
            logits = net(to_input(batch.images))
        loss = loss_of(logits, batch)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if next(numbers) % speed.log_every == 0:
            float(loss.detach())

    return step


def rendering(kind: str, language: str = "english") -> Work:
    renderer, rng = Renderer(kind=kind, seed=0, language=language), np.random.default_rng(0)

    def render() -> int:
        for _ in range(50):
            renderer.sample(rng)
        return 50

    return render


def stream() -> Work:
    """Batches of rendered words as one worker makes them, each image used four times."""
    batches = iter(TextStream([Source(synth="words", weight=1.0)], Charset()))
    return lambda: len(next(batches).lengths)


def steps_of_model(model: str) -> Iterator[tuple[str, Callable[[], Work]]]:
    """Steps of a model's network in each stage, as its recipe trains it: blocks compiled, LSTM quantized."""
    start, name = open_start(model), Path(model).stem
    networks = {stage: start.network.replace(stage=stage) for stage in STAGES}
    networks["both"] = networks["both"].replace(quantize=start.quantize)
    for stage, network in networks.items():
        yield f"step, {name}, stage {stage}", partial(step_of, network)
    yield f"step, {name}, stage both, not compiled", partial(step_of, networks["both"], compiled=False)


def measure(model: str = "english", seconds: float = 4) -> list[dict[str, Any]]:
    """Rows of {"what", "images_per_s"}.

    Steps take images of 32 x 128 in bf16, on the GPU or all threads. Rendering takes one core.

    Args:
        model: a binary model (`open_start`) whose network takes the steps.
        seconds: time to spend on each row.
    """
    chinese = [("render lines, chinese", lambda: rendering("lines", "chinese"))] if han_faces() else []
    jobs: list[tuple[str, Callable[[], Work]]] = [
        *steps_of_model(model),
        ("step, mobilenet_crnn", lambda: step_of(MobileNetCRNN())),
        ("render words", lambda: rendering("words")),
        ("render lines", lambda: rendering("lines")),
        *chinese,
        ("stream of words, one worker", stream),
    ]
    return [{"what": what, "images_per_s": round(per_second(job(), seconds), 1)} for what, job in jobs]
