"""Measures what 1 bit costs: how far a binary model is behind its float teacher with the same decodings.

    python benchmarks/teacher_gap.py DIR [--model english] [--teacher WEIGHTS] [--limit N]

DIR holds the test sets as for `make bench-peers`; those in --language are read. The model runs in the engine, the
teacher in torch; the engine decodes the log-probabilities of both. Neither reads an image twice.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from peers import find_sets

from bitocr.errors import BitocrError
from bitocr.inspect.metrics import score
from bitocr.io import shipped
from bitocr.io.images import load
from bitocr.io.labels import read_labels
from bitocr.lab.export.runners import Run, open_bit
from bitocr.lab.report.probe import open_checkpoint
from bitocr.native.engine import Engine
from bitocr.native.image import prepare, trim

TEACHER = Path("weights/english/float/weights.safetensors")


def decodings(engine: Engine) -> dict[str, dict[str, Any]]:
    """The options of `Engine.decode` by name; the last ones are the defaults of a reader."""
    ngram, listed = engine.ngram_file, engine.words_file
    named = {"greedy": {}, "n-grams": {"ngram": ngram}}
    return {**named, "n-grams, words": {"ngram": ngram, "words": Path(listed).read_bytes()}} if listed else named


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def measure(engine: Engine, runs: dict[str, Run], labels: Path, protocol: str, limit: int | None) -> list[str]:
    """A row of the table for each decoding: the accuracy of both, and the difference."""
    options = decodings(engine)
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {(d, n): [] for d in options for n in runs}
    for path, text in read_labels(labels, limit):
        image = prepare(trim(load(path)))
        for network, run in runs.items():
            log_probs = log_softmax(run(image))
            for decoding, chosen in options.items():
                pairs[decoding, network].append((text, engine.decode(log_probs, **chosen)["text"]))
    rows = []
    for decoding in options:
        bit, teacher = (100 * score(pairs[decoding, network], protocol).accuracy for network in runs)
        rows.append(f"| {labels.parent.name} | {decoding} | {bit:.1f} | {teacher:.1f} | {teacher - bit:.1f} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="english")
    parser.add_argument("--teacher", type=Path, default=TEACHER)
    parser.add_argument("--language", default="en")
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    model = shipped.find(arguments.model)
    engine = Engine(model, beam=None, language_model="auto", models=shipped.FOLDER)
    runs = {"model": open_bit(model), "teacher": open_checkpoint(str(arguments.teacher))}
    print("| set | decoding | model, % | teacher, % | points between |\n|---|---|---|---|---|")
    for labels, protocol in find_sets(arguments.data).get(arguments.language, {}).items():
        for row in measure(engine, runs, labels, protocol, arguments.limit):
            print(row, flush=True)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"teacher_gap: {error}")
