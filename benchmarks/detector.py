"""Scores the maps of detectors on rendered pages in held-back faces.

    python benchmarks/detector.py DIR WEIGHTS.safetensors ...

DIR is the data folder of `bitocr train configs/page.yaml data.root=DIR`; its pages/validation is rendered if it is
missing. Prints a row for each weights file: F1 of lines (right if kernels overlap by half), F1 of kernels' cells, the
share of cells along lines rightly classified as word or gap, and the mean error of log2 of the height.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from bitocr.errors import BitocrError
from bitocr.lab.config.pages import PageData, PageRecipe
from bitocr.lab.train.pages.nets import load_detector
from bitocr.lab.train.pages.validate import PageValidation, validation_pages

COLUMNS = ("stage", "crops", "lines F1, %", "cells F1, %", "gaps, %", "log2 height")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--pages", type=int, default=100)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    recipe = PageRecipe(data=PageData(root=str(arguments.data), validation=arguments.pages))
    pages = PageValidation(validation_pages(recipe))
    print(
        "| weights | stage | crops | lines F1, % | cells F1, % | gaps, % | log2 height |\n|---|---|---|---|---|---|---|"
    )
    for path in arguments.weights:
        net, card = load_detector(path)
        found = pages.score_net(net)
        shares = " | ".join(f"{100 * share:.1f}" for share in (found.lines, found.cells, found.gaps))
        print(
            f"| {path.parent.name} | {card['stage']} | {card['images']:,} | {shares} | {found.height:.3f} |", flush=True
        )


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"detector: {error}")
