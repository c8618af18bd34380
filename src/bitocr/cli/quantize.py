"""`bitocr quantize`: makes a trained network compute with integers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bitocr.cli.ongoing import ongoing, print_variants
from bitocr.cli.options import Json
from bitocr.cli.output import print_json


def command(
    checkpoint: Annotated[Path, typer.Argument(help="The weights.safetensors that `bitocr train` wrote.")],
    data: Annotated[Path, typer.Argument(help="Labelled images (a labels.tsv or its folder), or a recipe (.yaml).")],
    out: Annotated[Path, typer.Argument(help="The folder for the quantized checkpoint, its report, and what goes on.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Of training, as in stages.0.lr=1e-3.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Train the quantized network further, with the float one as teacher.")
    ] = False,
    images: Annotated[int, typer.Option(min=1, help="To train with; for --train.")] = 40_000,
    scheme: Annotated[
        Literal["static", "dynamic", "engine"] | None,
        typer.Option(
            help="static: all layers, ranges found on images. dynamic: LSTM and head only. engine: the binary "
            "network's stem, LSTM and head as the engine computes them; the only one for it."
        ),
    ] = None,
    weights: Annotated[int, typer.Option(help="Bits of the convolutions' weights: 8 or 4.")] = 8,
    edges: Annotated[int, typer.Option(help="Bits of the weights of stem and head: 8 or 4.")] = 8,
    lstm: Annotated[int, typer.Option(help="Bits of the LSTM's weights: 8 or 4.")] = 8,
    observer: Annotated[
        Literal["minmax", "percentile", "entropy"], typer.Option(help="How ranges of activations are found.")
    ] = "percentile",
    ranges: Annotated[
        Literal["learned", "average"], typer.Option(help="What becomes of them in training; average: of batches.")
    ] = "learned",
    calibration: Annotated[int, typer.Option(help="Images that ranges are found on.")] = 300,
    share: Annotated[float, typer.Option(help="Of your images in training; the rest is rendered text.")] = 0.5,
    protocol: Annotated[
        Literal["scene", "line"],
        typer.Option(help="What is right. scene: letters and digits, case ignored. line: case and spaces ignored."),
    ] = "line",
    validation: Annotated[
        Path | None, typer.Option(help="Other labelled images to measure on; else one of ten is held back.")
    ] = None,
    json: Json = False,
) -> None:
    """Quantize a network after training, or with --train in training. Ctrl-C stops it, the same command goes on.

    OUT/weights.safetensors is a checkpoint like any other: export and train take it. OUT/report.md tells what it cost.
    """
    from bitocr.lab.jobs.quantize import quantize
    from bitocr.lab.jobs.quantize_options import Options

    options = Options(
        checkpoint=str(checkpoint), data=str(data), out=str(out), scheme=scheme, weights=weights, edges=edges,
        lstm=lstm, ranges=ranges, observer=observer, calibration=calibration, images=images if train else 0,
        share=share, protocol=protocol, validation=None if validation is None else str(validation),
    )  # fmt: skip
    with ongoing(json):
        report = quantize(options, overrides or ())
    if json:
        print_json(report)
        return
    print_variants(report, _sizes)
    made = out / "weights.safetensors"
    suffix = "bit" if report["quantize"]["scheme"] == "engine" else "onnx"
    print(f"{made}\nNext: bitocr export {made} MODEL.{suffix}")


def _sizes(variant: dict[str, Any]) -> str:
    return f"{variant['bytes']:>10,} bytes of parameters"
