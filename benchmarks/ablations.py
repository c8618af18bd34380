"""What each choice gives, at one fixed small budget: binarizer, distillation, neck, two steps or one, gradient clip.

    python benchmarks/ablations.py [GROUP ...] --data DIR [--images 20000] [--seeds 2] [--out runs/ablations]

DIR holds train/ic15_words, val/iiit5k_words and eval/iiit5k_words, each with a labels.tsv. First it renders the words
and trains the float twin, once (configs/ablations.yaml), then every row of every GROUP (all by default) on the same
batches, seed by seed. Stopped with Ctrl-C, the same command goes on: finished rows are kept in OUT/rows, a JSON file
each, until code that trains changes. After every row, the table and the picture of all finished rows, of other groups
too, are written into --report (OUT by default); docs/ablations.md is what `--report docs` wrote.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from ablations_bench import Bench
from ablations_report import Results, command_of, write_report
from ablations_rows import GROUPS, Row

from bitocr.errors import BitocrError
from bitocr.io.files import write_atomic
from bitocr.lab.data.writers import write_samples
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.run import run_recipe
from bitocr.lab.train.weights import load_weights

CONFIG = Path(__file__).parents[1] / "configs" / "ablations.yaml"

#: Options that change the figures or where they go, with their defaults; the report names those that were given.
OPTIONS: dict[str, Any] = {
    "images": 20_000,
    "seeds": 2,
    "words": 20_000,
    "twin_images": 150_000,
    "out": Path("runs/ablations"),
    "report": None,
}


def render_words(out: Path, count: int) -> Path:
    """An LMDB of rendered words, made once."""
    words = out / f"words-{count}"
    if not words.exists():
        from bitocr.lab.data.synth import Renderer

        def tell(done: int) -> None:
            if done % 1000 == 0:
                print(f"rendered {done:,} of {count:,} words", flush=True)

        renderer = Renderer(kind="words", seed=0)
        write_samples(words, renderer.render, {"kind": "words", "count": count, "seed": 0}, as_lmdb=True, progress=tell)
    return words


def open_recipe(arguments: argparse.Namespace) -> dict[str, Any]:
    """The recipe of the twin, with the words that were rendered in the place of a renderer."""
    overrides = [f"out={arguments.out}", f"data.root={arguments.data}", f"stages.0.images={arguments.twin_images}"]
    recipe = load_recipe(CONFIG, overrides)
    words = render_words(arguments.out, arguments.words).absolute()
    for source in recipe["data"]["sources"]:
        if source.pop("synth", None):
            source["path"] = str(words)
    return recipe


def planned(bench: Bench, rows: Path, seeds: int) -> Iterator[tuple[str, str, int, Row, Path]]:
    """(group, name, seed, row, file of its result), all rows with one seed before any with the next."""
    for seed in range(seeds):
        for group, named in GROUPS.items():
            for name, row in named.items():
                yield group, name, seed, row, rows / f"{bench.key(row, seed)}.json"


def run_rows(bench: Bench, arguments: argparse.Namespace) -> None:
    """Every row of the chosen groups that has no result yet; the report after each."""
    rows = Path(arguments.out) / "rows"
    rows.mkdir(parents=True, exist_ok=True)
    plan = list(planned(bench, rows, arguments.seeds))
    wanted = arguments.groups or list(GROUPS)
    facts = describe(bench, arguments)
    open_files = {path for group, *_, path in plan if group in wanted and not path.exists()}
    done, begun = 0, time.monotonic()
    for group, name, seed, row, path in plan:
        if group not in wanted or path.exists():
            continue
        result = bench.run(row, seed)
        write_atomic(path, (json.dumps(result, indent=1) + "\n").encode())
        done += 1
        left = (time.monotonic() - begun) / done * (len(open_files) - done)
        figures = "  ".join(f"{key} {100 * result[key]:.1f}" for key in result if key.endswith(("accuracy", "cer")))
        print(f"{group} / {name} / seed {seed}: {figures}  {result['seconds']:.0f} s", end="  ")
        print(f"{done} of {len(open_files)}, {left / 60:.0f} min left", flush=True)
        report(plan, facts, arguments)
    report(plan, facts, arguments)


def report(plan: list[tuple[str, str, int, Row, Path]], facts: list[str], arguments: argparse.Namespace) -> None:
    write_report(collect(plan), facts, arguments.report or arguments.out, command_of(arguments, OPTIONS))


def collect(plan: list[tuple[str, str, int, Row, Path]]) -> Results:
    """The results that there are, of all groups."""
    results: Results = {}
    for group, name, _, _, path in plan:
        if path.exists():
            results.setdefault((group, name), []).append(json.loads(path.read_text()))
    return results


def describe(bench: Bench, arguments: argparse.Namespace) -> list[str]:
    """What a reader must know of how it was measured."""
    net, card = load_weights(bench.twin)
    twin = bench.measure(net)
    figures = (
        f"{100 * twin['validation accuracy']:.1f} % of validation, {100 * twin['IIIT5K accuracy']:.1f} % of IIIT5K"
    )
    counts = {name: len(each.texts) for name, each in bench.sets.items()}
    return [
        f"Every row: {bench.images:,} training images but where said, the same batches in the same order for all of a "
        f"seed. Seeds: {arguments.seeds}; each one's figure stands in brackets behind the mean.",
        "The network is small (`configs/ablations.yaml`), and so is the budget: compare rows, not with other tables.",
        "Time is that of a row, training and reading both sets, over that of its group's first. Other programs may "
        "have run, so it is rough.",
        f"Its float twin, trained on {card['images']:,} images by {card['code']}, reads {figures}; it is start and "
        "teacher.",
        f"Validation is IIIT5K's training set ({counts['validation']:,} words), and what was chosen was chosen by it; "
        f"IIIT5K is its test set ({counts['IIIT5K']:,} words), which only confirms. Nothing was trained on either.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--report", type=Path, help="where ablations.md and ablations.png go")
    parser.add_argument("--images", type=int, help="that each row is trained on")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--words", type=int, help="that are rendered")
    parser.add_argument("--twin-images", type=int)
    parser.add_argument("--threads", type=int, help="of torch")
    parser.set_defaults(**OPTIONS)
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.groups) - set(GROUPS))
    if unknown:
        parser.error(f"no group {unknown[0]!r}: choose of {', '.join(GROUPS)}")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="lightning")
    recipe = open_recipe(arguments)
    run_recipe(recipe)
    run_rows(Bench(recipe, arguments.images), arguments)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("stopped: the same command goes on with the rows that are left", file=sys.stderr)
        sys.exit(130)
    except BitocrError as error:
        sys.exit(f"ablations: {error}")
