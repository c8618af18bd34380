"""Averages checkpoints of one network: the mean may read better than each (SWA, Izmailov et al., arXiv:1803.05407).

    python -m bitocr.lab.train.average OUT.safetensors A.safetensors B.safetensors ...

Use checkpoints of one training run, such as a network and its later state after more training. Networks that began from
different weights cannot be averaged. Let the validation set decide. OUT gets the card of A.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from bitocr.errors import BitocrError, UsageError
from bitocr.lab.train.weights import load_weights, save_weights


def average(sources: Sequence[str | Path], out: str | Path) -> None:
    """Writes the mean of every weight and batch norm statistic.

    Raises:
        ModelError: a source cannot be read.
        UsageError: they are of different networks or charsets.
    """
    net, card = load_weights(sources[0])
    sums = {name: tensor.double() for name, tensor in net.state_dict().items()}
    for source in sources[1:]:
        other, theirs = load_weights(source)
        if any(theirs[key] != card[key] for key in ("network", "charset")):
            raise UsageError(f"{source} is of another network or charset than {sources[0]}")
        for name, tensor in other.state_dict().items():
            sums[name] += tensor.double()
    # Loading casts each mean to its tensor's type, so batch counters stay integers.
    net.load_state_dict({name: torch.div(total, len(sources)) for name, total in sums.items()})
    save_weights(out, net, {**card, "averaged": len(sources)})


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("sources", type=Path, nargs="+")
    arguments = parser.parse_args(argv)
    try:
        average(arguments.sources, arguments.out)
    except BitocrError as error:
        sys.exit(f"average: {error}")


if __name__ == "__main__":
    main()
