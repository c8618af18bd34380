"""The average of checkpoints of one network, which may read better than each (Izmailov et al., arXiv:1803.05407).

    python -m bitocr.lab.train.average OUT.safetensors A.safetensors B.safetensors ...

Take checkpoints of one road, such as a network and what it became when it was trained on; those of different beginnings
average to nothing. Let the validation set decide. OUT has the first one's card.
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
    """Writes the mean of every weight and batch statistic.

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
    # Loading casts to each tensor's own type: counters of batches stay whole numbers.
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
