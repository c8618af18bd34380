"""One row of the ablations: a network trained by its stages on batches that all rows share, and measured."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import lightning as L
from ablations_rows import Row
from torch.utils.data import DataLoader

import bitocr.lab
from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.crnn import CRNN, build
from bitocr.lab.train.card import code_version
from bitocr.lab.train.config import network_config
from bitocr.lab.train.run import FIXED, open_data, open_validation, weights_path
from bitocr.lab.train.stages import STAGE_DEFAULTS, load_stages
from bitocr.lab.train.task import RecognitionTask
from bitocr.lab.train.validate import ValidationSet
from bitocr.lab.train.weights import load_weights

#: Of `bitocr.lab`: what a row's figures come from beside its settings.
TRAINING = ("data", "nn", "train")


def training_code() -> str:
    """A hash of the source that trains; unlike a commit it does not change with docs and other tools."""
    root = Path(bitocr.lab.__file__).parent
    files = sorted(path for part in TRAINING for path in (root / part).rglob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


class Bench:
    """What all rows share: the recipe, the twin, the validation sets, and the batches of a seed."""

    def __init__(self, recipe: dict[str, Any], images: int) -> None:
        self.recipe, self.images = recipe, images
        self.twin = weights_path(recipe, "twin")
        validation = open_validation(recipe, Path(recipe["out"]))
        self.sets: dict[str, ValidationSet] = dict(zip(validation.names, validation.sets, strict=True))
        self.code = training_code()
        self.drawn: tuple[int, int] | None = None
        self.batches: list[Batch] = []

    def images_of(self, row: Row) -> int:
        return self.images * row.budget

    def batches_of(self, seed: int, images: int) -> list[Batch]:
        """The batches that every row of this seed, and of so many images, is trained on, in their order."""
        if self.drawn != (seed, images):
            self.drawn, self.batches, seen = (seed, images), [], 0
            for batch in open_data(self.recipe, 1000 + seed, 0):
                self.batches.append(batch)
                seen += len(batch.lengths)
                if seen >= images:
                    break
        return self.batches

    def recipe_of(self, row: Row) -> dict[str, Any]:
        return {**self.recipe, "network": {**self.recipe["network"], **row.network}}

    def network_of(self, row: Row) -> dict[str, Any]:
        """The config of the network that the row ends with."""
        return network_config(self.recipe_of(row), {**STAGE_DEFAULTS, **row.stages[-1]})

    def key(self, row: Row, seed: int) -> str:
        """Names a result by all that it depends on, the code too; rows that several groups have are trained once."""
        data = {**self.recipe["data"], "root": None}
        data["sources"] = [[Path(source["path"]).name, source["weight"]] for source in data["sources"]]
        network = self.network_of(row)
        twin = sha256(self.twin.read_bytes()).hexdigest()
        settings = [network, row.stages, data, self.recipe["trainer"], self.images_of(row), seed, twin, self.code]
        return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]

    def train(self, row: Row, seed: int) -> CRNN:
        """The row's network after all of its stages."""
        L.seed_everything(seed, verbose=False)
        recipe, batches, first, share = self.recipe_of(row), self.batches_of(seed, self.images_of(row)), 0, 0.0
        net = build(self.network_of(row))
        for given in row.stages:
            share += given["images"]
            last = round(share * len(batches))
            part, first = batches[first:last], last
            stage = load_stages("row", [{**given, "images": sum(len(batch.lengths) for batch in part)}])[0]
            net = self.start(network_config(recipe, stage), stage["start"], net)
            task = RecognitionTask(net, stage, [load_weights(self.twin)[0]], {})
            trainer = L.Trainer(**FIXED, **recipe["trainer"], enable_checkpointing=False)
            trainer.fit(task, DataLoader(part, batch_size=None))
        return net

    def start(self, network: dict[str, Any], start: str, previous: CRNN) -> CRNN:
        """A network in training mode with the weights that its stage starts from."""
        net = build(network)
        if start == "twin":
            net.load_state_dict(load_weights(self.twin)[0].state_dict())
        elif start == "previous":
            net.load_state_dict(previous.state_dict())
        return net.train()

    def measure(self, net: CRNN) -> dict[str, float]:
        """Word accuracy and CER on each validation set."""
        net = net.eval().cpu()
        scores = {name: each.score_net(net) for name, each in self.sets.items()}
        accuracies = {f"{name} accuracy": round(score.accuracy, 5) for name, score in scores.items()}
        return {**accuracies, **{f"{name} cer": round(score.cer, 5) for name, score in scores.items()}}

    def run(self, row: Row, seed: int) -> dict[str, Any]:
        """Trains and measures; the result with the settings and the code that gave it."""
        start = time.perf_counter()
        try:
            net = self.train(row, seed)
        except SystemExit:  # what lightning makes of Ctrl-C
            raise KeyboardInterrupt from None
        settings = {"network": row.network, "stages": row.stages, "images": self.images_of(row), "seed": seed}
        settings["code"] = code_version()
        return {**self.measure(net), "seconds": round(time.perf_counter() - start, 1), **settings}
