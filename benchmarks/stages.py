"""What each step to 1 bit costs: the checkpoints of a recipe's stages, read by torch, on the same label files.

    python benchmarks/stages.py RUN LABELS.tsv [LABELS.tsv ...] [--protocol scene|line]

RUN is the folder of a finished recipe, such as runs/english. Prints a table: word accuracy and CER of each stage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bitocr.errors import BitocrError, UsageError
from bitocr.lab.data.charset import Charset
from bitocr.lab.train.validate import ValidationSet
from bitocr.lab.train.weights import load_weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--protocol", choices=["scene", "line"], default="scene")
    arguments = parser.parse_args()
    stages = sorted(arguments.run.glob("*/weights.safetensors"), key=lambda path: path.stat().st_mtime)
    if not stages:
        raise UsageError(f"{arguments.run}: no finished stage in it")
    print("| stage | set | images | accuracy, % | CER, % |\n|---|---|---|---|---|")
    for labels in arguments.labels:
        for path in stages:
            net, card = load_weights(path)
            result = ValidationSet(str(labels), arguments.protocol, Charset(card["charset"])).score_net(net)
            figures = f"{100 * result.accuracy:.1f} | {100 * result.cer:.1f}"
            print(f"| {card['stage']} | {labels.parent.name} | {result.n} | {figures} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"stages: {error}")
