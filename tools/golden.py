#!/usr/bin/env python3
"""Golden values: SHA-256 sums of the engine's readings with every model and of the weights after a short training.

    python tools/golden.py            compare with tests/data/golden.json, and exit with 1 if a sum differs
    python tools/golden.py --update   rewrite the file: only if a change of results is intended
    python tools/golden.py FOLDER     print the sums of your own images, to compare two versions

Every kernel must give the same sums, so a sum belongs to a model and a way of decoding. Scores and confidences use the
C library's exp and log; everything else is the engine's own arithmetic.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from bitocr.defaults import LANGUAGE_MODEL
from bitocr.errors import ImageError
from bitocr.io.images import load
from bitocr.io.shipped import names
from bitocr.models_auto import open_engines
from bitocr.native.engine import Engine, kernels

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
GOLDEN = DATA / "golden.json"
SUFFIXES = (".png", ".jpg", ".webp")
Sums = dict[str, str]

#: The ways of decoding, as arguments of `open_engines`.
DECODINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "greedy": {"language_model": None, "reread": 0.0},
    "beam": {"language_model": None, "reread": 0.0, "beam": 8},
    "reread": {"language_model": None},
    "words": {"language_model": None, "reread": 0.0, "words": ["AGRICULTURAL", "Chapter", "中国", "Total"]},
    "language": {"reread": 0.0},
}


def images(folder: Path) -> list[Path]:
    """The images in a folder and below, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def reading_sums(model: str, decoding: str, kernel: str, paths: list[Path]) -> Sums:
    """The sums of the texts, scores, positions and confidences of a model's readings of these images."""
    settings = {"beam": None, "reread": None, "language_model": LANGUAGE_MODEL, "words": None, **DECODINGS[decoding]}
    (engine,) = open_engines(model, kernel, **settings).values()
    lines = [line for path in paths for line in read(engine, path)]
    chars = [char for line in lines for char in line["chars"]]
    return {
        "texts": digest("\n".join(line["text"] for line in lines).encode()),
        "scores": digest(np.array([score for _, score, _ in chars], np.float32).tobytes()),
        "positions": digest(np.array([x for _, _, x in chars], np.float32).tobytes()),
        "confidences": digest(np.array([line["confidence"] for line in lines], np.float32).tobytes()),
    }


def read(engine: Engine, path: Path) -> list[dict[str, Any]]:
    """The engine's reading of an image; an empty one if it cannot be read."""
    try:
        return engine.read([load(path)])
    except ImageError:
        return [{"text": "", "confidence": 0.0, "chars": []}]


def reading_table(paths: list[Path], kernel: str) -> dict[str, Sums]:
    """The sums of all shipped models and decodings, by "model decoding"."""
    return {
        f"{model} {decoding}": reading_sums(model, decoding, kernel, paths)
        for model in names(".bit")
        for decoding in DECODINGS
    }


def training_sums(labels: Path) -> Sums:
    """The sums of the weights after 50 steps in float64: a float network, then a binary one that it teaches.

    Weights are rounded to six decimals, since processors and their libraries add in different orders.
    """
    import torch

    from bitocr.lab.train.config import load_recipe
    from bitocr.lab.train.run import run_recipe
    from bitocr.lab.train.weights import read_weights

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the same order of additions on any number of cores
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder, "recipe.yaml")
        recipe.write_text(RECIPE.format(folder=folder, labels=labels))
        run_recipe(load_recipe(recipe))
        torch.set_num_threads(threads)
        stages = {stage: read_weights(f"{folder}/{stage}/weights.safetensors")[0] for stage in ("float", "both")}
    return {
        stage: digest(b"".join(np.round(state[name].double().numpy(), 6).tobytes() for name in sorted(state)))
        for stage, state in stages.items()
    }


# About 25 steps per stage, each of 512 columns or a little more.
RECIPE = """
out: {folder}
charset: english
network: {{arch: bit_crnn, stem: 8, blocks: [[16, [2, 2]], [16, [2, 1]]], neck: {{type: bilstm, hidden: 8}}}}
data: {{root: /, sources: [{{path: {labels}, weight: 1}}], columns: 512, workers: 0}}
trainer: {{precision: 64-true, accelerator: cpu, devices: 1}}
stages:
  - {{name: float, stage: float, images: 70}}
  - {{name: both, stage: both, images: 70, teacher: float, distinct: 16,
      distill: {{logits: 1.0, fsp: 1.0, attention: 1.0, features: 1.0}}}}
"""


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def differences(expected: dict[str, Sums], found: dict[str, Sums]) -> list[str]:
    """The differences, one line each."""
    keys = [f"{row}: {name}" for row in expected for name in expected[row]]
    theirs = {f"{row}: {name}": value for row, sums in found.items() for name, value in sums.items()}
    ours = dict(zip(keys, (value for sums in expected.values() for value in sums.values()), strict=True))
    return [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="images of your own, of one line each")
    parser.add_argument("--update", action="store_true", help="write tests/data/golden.json anew")
    args = parser.parse_args()
    if args.folder:
        print(json.dumps({kernel: reading_table(images(args.folder), kernel) for kernel in kernels()}, indent=1))
        return 0
    training = {"training": training_sums(DATA / "lines" / "labels.tsv")}
    tables = {kernel: reading_table(images(DATA), kernel) | training for kernel in kernels()}
    if args.update:
        GOLDEN.write_text(json.dumps(tables[kernels()[0]], indent=1) + "\n")
    expected = json.loads(GOLDEN.read_text())
    found = [f"{kernel}, {line}" for kernel, table in tables.items() for line in differences(expected, table)]
    print("\n".join(found) or f"{len(expected)} rows of sums hold with {', '.join(kernels())}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
