"""`bitocr prune`: makes a trained network small."""

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
    out: Annotated[Path, typer.Argument(help="The folder for the pruned checkpoint, its report, and what goes on.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Of finetuning, as in stages.0.lr=1e-3.")
    ] = None,
    keep: Annotated[float, typer.Option(help="Cut channels until this share of the multiply-adds is left.")] = 0.5,
    sparsity: Annotated[
        float | None, typer.Option(help="Instead of channels, make this share of the weights 0, as in 0.9.")
    ] = None,
    by: Annotated[
        Literal["sensitivity", "even"],
        typer.Option(help="How much of each layer goes: by what cutting it alone costs, or of all the same share."),
    ] = "sensitivity",
    norm: Annotated[
        Literal["l1", "l2"], typer.Option(help="Which channels go: those whose filters have the least.")
    ] = "l1",
    scope: Annotated[
        Literal["global", "layer"], typer.Option(help="Of --sparsity: the smallest weights of all, or of each layer.")
    ] = "global",
    rounds: Annotated[int | None, typer.Option(help="Of cutting and finetuning; 1, or 3 with --sparsity.")] = None,
    images: Annotated[int, typer.Option(help="To finetune with in each round; 0: not at all.")] = 40_000,
    share: Annotated[float, typer.Option(help="Of your images among those; the rest is rendered text.")] = 0.5,
    sample: Annotated[int, typer.Option(help="Images that sensitivity is measured on.")] = 300,
    multiple: Annotated[
        int | None, typer.Option(help="Keep channels in multiples of it; 8, in a binary network 32.")
    ] = None,
    protocol: Annotated[
        Literal["scene", "line"],
        typer.Option(help="What is right. scene: letters and digits, case ignored. line: case and spaces ignored."),
    ] = "line",
    validation: Annotated[
        Path | None, typer.Option(help="Other labelled images to measure on; else one of ten is held back.")
    ] = None,
    json: Json = False,
) -> None:
    """Prune a network and finetune it with the unpruned one as teacher. Ctrl-C stops it, the same command goes on.

    OUT/weights.safetensors is a checkpoint like any other: eval, export and prune take it. OUT/report.md tells what it
    cost.
    """
    from bitocr.lab.jobs.prune import prune
    from bitocr.lab.jobs.prune_options import Options

    options = Options(
        checkpoint=str(checkpoint), data=str(data), out=str(out), keep=keep, sparsity=sparsity, by=by, norm=norm,
        scope=scope, rounds=rounds, images=images, share=share, sample=sample, multiple=multiple, protocol=protocol,
        validation=None if validation is None else str(validation),
    )  # fmt: skip
    with ongoing(json):
        report = prune(options, overrides or ())
    if json:
        print_json(report)
        return
    print_variants(report, _sizes)
    weights = out / "weights.safetensors"
    print(f"{weights}\nNext: bitocr export {weights} MODEL.onnx")


def _sizes(variant: dict[str, Any]) -> str:
    zeros = f", {100 * variant['zeros'] / variant['weights']:.1f} % of them 0" if variant["zeros"] else ""
    return f"{variant['macs'] / 1e6:6.1f} M multiply-adds  {variant['weights']:,} weights{zeros}"
