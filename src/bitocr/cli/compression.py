"""What `bitocr prune` and `bitocr quantize` share: one step of a compression.

Types, choices and defaults are in `bitocr.lab.config.compression`; here are only the help texts.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bitocr.cli.ongoing import ongoing
from bitocr.cli.options import add_json, add_overrides, add_protocol
from bitocr.cli.output import print_json, table
from bitocr.cli.parser import Parser, number, whole

if TYPE_CHECKING:
    from bitocr.lab.config.compression import Prune, Quantization
    from bitocr.lab.config.settings import Settings


class Option(NamedTuple):
    """A setting in the help: the name of its value (None: one of its choices), and its help text."""

    metavar: str | None
    help: str


Options = dict[str, Option]
"""By the setting's name."""

IMAGES: Options = {
    "share": Option("SHARE", "The share of your own images in training; the rest is rendered text."),
    "validation": Option("LABELS", "Other labelled images to measure on (default: one in ten is held back)."),
}


def add_step(parser: Parser, settings: type[Settings], options: Options) -> None:
    """Adds a checkpoint, images, the folder for the result, and the settings of the step."""
    from bitocr.lab.config.compression import Images

    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="The weights.safetensors that bitocr train wrote.")
    parser.add_argument("data", metavar="DATA", help="A labels.tsv, its folder, or a recipe (.yaml) for its images.")
    parser.add_argument("out", metavar="OUT", help="The folder for the new checkpoint and its report.")
    add_overrides(parser, "Settings of the training, such as stages.0.lr=1e-3.")
    add_settings(parser, settings, options)
    add_settings(parser, Images, IMAGES)
    add_protocol(parser, default=Images(path="").protocol)
    add_json(parser)


def add_settings(parser: Parser, settings: type[Settings], options: Options) -> None:
    """Adds an option for each setting, with its type, choices and default."""
    from msgspec import inspect

    info = inspect.type_info(settings)
    assert isinstance(info, inspect.StructType)
    fields = {field.name: field for field in info.fields}
    for name, option in options.items():
        field = fields[name]
        details: dict[str, Any] = {"default": field.default, "help": option.help}
        parts = [field.type, *getattr(field.type, "types", ())]
        parts += [each.type for each in parts if isinstance(each, inspect.Metadata)]
        for each in parts:
            if isinstance(each, inspect.LiteralType) and option.metavar is None:
                details["choices"] = list(each.values)
            elif isinstance(each, inspect.IntType | inspect.LiteralType):
                details["type"] = whole()
            elif isinstance(each, inspect.FloatType):
                details["type"] = number()
        if option.metavar is not None:
            details["metavar"] = option.metavar
        parser.add_argument(f"--{name}", **details)


def run_step(args: Namespace, options: Prune | Quantization, sizes: Callable[[dict[str, Any]], list[str]]) -> None:
    """Does the step, and prints its report.

    Args:
        args: of `add_step`.
        sizes: the cells of a variant that tell how large it is.
    """
    from bitocr.lab.config.compression import Images

    images = Images(path=args.data, protocol=args.protocol, **{name: getattr(args, name) for name in IMAGES})
    with ongoing(args.json):
        from bitocr.lab.jobs.compress import compress_once

        report = compress_once(options, args.checkpoint, images, args.out, args.overrides)
    if args.json:
        print_json(report)
        return
    rows = []
    for name, each in report["variants"].items():
        scores = [f"{which} {100 * score['accuracy']:.1f} %" for which, score in each["scores"].items()]
        rows.append([name, *sizes(each), *scores])
    print(*table(rows, right=[1]), sep="\n")
    weights = Path(args.out) / "weights.safetensors"
    suffix = "bit" if report.get("quantize", {}).get("scheme") == "engine" else "onnx"
    print(f"{weights}\nNext: bitocr export {weights} MODEL.{suffix}")
