"""Compares the engine with torch on real images: log-probabilities and texts, for every kernel of this machine.

    python benchmarks/parity.py WEIGHTS.safetensors LABELS.tsv [LABELS.tsv ...] [--limit 500]

Torch computes the deployed network (stem, LSTM and head rounded to 8 or 4 bits as in the file). Exits with 1 if a
log-probability differs by more than 1e-2 or a text differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from bitocr.errors import BitocrError
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.datasets import read_samples
from bitocr.lab.export.bit import export_bit
from bitocr.lab.export.reference import Reference
from bitocr.lab.nn.bit.fold import fold, network_header
from bitocr.lab.train.validate import best_path
from bitocr.lab.train.weights import load_weights
from bitocr.native.engine import Engine, kernels
from bitocr.native.image import prepare, trim

TOLERANCE = 1e-2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=500, help="images of each label file")
    arguments = parser.parse_args()
    images = [image for labels in arguments.labels for image, _ in read_samples(labels, arguments.limit)]
    net, card = load_weights(arguments.weights)
    charset = Charset(card["charset"])
    reference = Reference(network_header(card["network"]), fold(net))
    expected = [reference.log_probs(prepare(trim(image))) for image in images]
    texts = [best_path(log_probs[None], charset)[0] for log_probs in expected]
    worst = 0.0
    differ = 0
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.bit"
        export_bit(arguments.weights, model)
        for kernel in kernels():
            engine = Engine(model, kernel=kernel)
            differences = [
                float(np.abs(engine.logprobs(image) - log_probs.numpy()).max())
                for image, log_probs in zip(images, expected, strict=True)
            ]
            readings = [result["text"] for result in engine.recognize(images)]
            wrong = sum(a != b for a, b in zip(readings, texts, strict=True))
            print(f"{kernel:8} {len(images)} images: largest difference {max(differences):.2e}, {wrong} texts differ")
            worst, differ = max(worst, *differences), differ + wrong
    return int(worst > TOLERANCE or differ > 0)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    try:
        sys.exit(main())
    except BitocrError as error:
        sys.exit(f"parity: {error}")
