"""`bitocr train`: runs a recipe, or resumes it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bitocr.cli.ongoing import ongoing
from bitocr.cli.options import add_overrides
from bitocr.cli.parser import Parser

if TYPE_CHECKING:
    from bitocr.lab.jobs.finetune import Outcome

DETAILS = """\
If you stop it with Ctrl-C, the same command resumes it.

bitocr train finetune data=FOLDER trains a model further on the images that FOLDER/labels.tsv lists. More
keys: start=MODEL, out=FOLDER, images=N, share=SHARE, validation=FOLDER, charset.add=CHARACTERS."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("recipe", metavar="RECIPE", help="A YAML file as in configs/, or finetune.")
    add_overrides(parser, "Values that replace those of the recipe, such as stages.0.images=100000.")


def run(args: Namespace) -> None:
    with ongoing():
        if args.recipe == "finetune":
            from bitocr.lab.jobs.finetune import finetune

            _print_outcome(finetune(args.overrides))
        else:
            weights = _train(args.recipe, args.overrides)
            print(f"{weights}\nNext: bitocr export {weights} MODEL.bit")


def _train(recipe: str, overrides: list[str]) -> Path:
    """Trains a recognizer or a detector, depending on the recipe's network."""
    from bitocr.lab.config.pages import describes_detector, read_page_recipe

    if describes_detector(recipe):
        from bitocr.lab.train.pages.run import run_page_recipe

        return run_page_recipe(read_page_recipe(recipe, overrides))
    from bitocr.lab.train.config import load_recipe
    from bitocr.lab.train.run import run_recipe

    return run_recipe(load_recipe(recipe, overrides))


def _print_outcome(outcome: Outcome) -> None:
    """How well the images held back are read before and after, and what to do with the model."""
    from shlex import quote

    print(f"{outcome.before.n} images held back:")
    for when, score in (("before", outcome.before), ("after", outcome.after)):
        print(f"  {when:6}  accuracy {100 * score.accuracy:5.1f} %   cer {100 * score.cer:5.1f} %")
    model, labels = quote(str(outcome.model)), quote(str(outcome.labels))
    print(f"{outcome.model}  {outcome.model.stat().st_size:,} bytes")
    print(f"Next: bitocr eval {labels} --protocol {outcome.protocol} --model {model} --html misread.html")
