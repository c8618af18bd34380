"""Measures the cost of each step to 1 bit: the checkpoints of finished recipes, run greedily by torch on the same sets.

    python benchmarks/stages.py RUN [RUN ...] --data DIR [--language en] [--limit N]

RUN is the folder of a finished recipe, such as weights/english, with one folder per stage. DIR holds the test sets as
for `make bench-peers`; those in the language are read, and missing ones are left out. Prints a table: accuracy on
words, CER on lines, both in %. The tables of the docs come from

    python benchmarks/stages.py weights/english weights/mobilenet --data DIR
    python benchmarks/stages.py weights/chinese weights/chinese-mobilenet --data DIR --language zh
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from peers import find_sets

from bitocr.errors import BitocrError, UsageError
from bitocr.lab.data.charset import Charset
from bitocr.lab.nn.binary import STAGES
from bitocr.lab.train.validate import ValidationSet
from bitocr.lab.train.weights import load_weights, read_weights


def stage_of(path: Path) -> tuple[str, int]:
    """How far a checkpoint's network is binarized (one of `STAGES`), and the number of images of its last stage."""
    _, card = read_weights(path)
    return card["network"].get("stage", "float"), card.get("images", 0)


def finished_stages(run: Path) -> list[Path]:
    """The checkpoints of a run: float, activations, both; in each kind those with fewer images first."""

    def order(path: Path) -> tuple[int, int]:
        stage, images = stage_of(path)
        return STAGES.index(stage), images

    found = sorted(run.glob("*/weights.safetensors"), key=order)
    if not found:
        raise UsageError(f"{run}: no finished stage in it")
    return found


def row(path: Path, sets: dict[Path, str], limit: int | None) -> str:
    """A checkpoint's row of the table; a cell for each set."""
    net, card = load_weights(path)
    cells = []
    for labels, protocol in sets.items():
        result = ValidationSet(str(labels), protocol, Charset(card["charset"]), limit).score_net(net)
        cells.append(f"{100 * (result.accuracy if protocol == 'scene' else result.cer):.1f}")
    name = f"{path.parents[1].name}, {stage_of(path)[0]}"
    return f"| {' | '.join([name, str(len(card['network']['blocks'])), *cells])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--language", default="en")
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    sets = find_sets(arguments.data).get(arguments.language, {})
    checkpoints = [path for run in arguments.runs for path in finished_stages(run.absolute())]
    heads = [f"{labels.parent.name}{'' if protocol == 'scene' else ', CER'}" for labels, protocol in sets.items()]
    print(f"| | {' | '.join(['blocks', *heads])} |\n|---|{'---|' * (len(heads) + 1)}")
    for path in checkpoints:
        print(row(path, sets, arguments.limit), flush=True)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"stages: {error}")
