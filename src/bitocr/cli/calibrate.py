"""`bitocr calibrate`: makes a model's confidences probabilities."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from bitocr.cli.options import Json, Threads
from bitocr.cli.output import print_json


def command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's name or the path of a .bit file.")],
    labels: Annotated[
        list[Path], typer.Argument(metavar="LABELS.tsv...", help="Images it was not trained on: path, a tab, text.")
    ],
    protocol: Annotated[
        Literal["scene", "line"],
        typer.Option(help="What is right. scene: letters and digits, case ignored. line: case and spaces ignored."),
    ],
    out: Annotated[Path | None, typer.Option(help="Write the model there; otherwise it is replaced.")] = None,
    threads: Threads = 1,
    json: Json = False,
) -> None:
    """Fit what turns a model's confidence into the probability that a reading is right.

    Take images that the model was not trained on, at least some hundred, of the kind that is to be read. The two
    numbers are stored in the model, and everything that reads with it applies them.
    """
    from bitocr.io import shipped
    from bitocr.io.files import write_atomic
    from bitocr.lab.export.calibrate import calibrate

    path = shipped.find(model)
    data, fit = calibrate(path, labels, protocol, threads)
    write_atomic(out or path, data)
    if json:
        print_json(asdict(fit))
        return
    print(f"{out or path}: fitted on {fit.images} images, {100 * fit.accuracy:.1f} % of them read right")
    print(f"slope {fit.slope:g}, offset {fit.offset:g}")
    print(f"calibration error {100 * fit.before:.1f} points without, {100 * fit.after:.1f} with")
