"""`bitocr prune`: a checkpoint made small, round by round, and finetuned with the unpruned one as its teacher.

All of it is in one folder, and the same call goes on where it was stopped:

    OUT/settings.json           what it was begun with
    OUT/train.tsv, held-back.tsv    own labels, divided
    OUT/round-1/curves.json, sensitivity.png    how much each group of coupled channels matters
    OUT/round-1/cut/            the checkpoint as it was cut
    OUT/round-1/recipe.yaml     how it is finetuned, by what `bitocr train` runs too
    OUT/round-1/tuned/          what training leaves (docs/training.md)
    OUT/weights.safetensors     the result: a checkpoint like the first
    OUT/report.json, report.md, report.png
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.io.files import read_text
from bitocr.lab.config.network import open_network
from bitocr.lab.jobs.folder import base_recipe, check_data
from bitocr.lab.jobs.prune_options import Options, check_overrides
from bitocr.lab.jobs.prune_report import write_report
from bitocr.lab.jobs.prune_round import Round, run_round
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.folder import begin
from bitocr.lab.train.weights import load_weights, save_weights


def prune(options: Options, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Prunes, or goes on with it, and gives the report (`bitocr.lab.jobs.prune_report`). Prints how it goes.

    Args:
        options: see there.
        overrides: key=value for the recipe of every round.

    Raises:
        UsageError, ModelError: told before anything is cut.
        KeyboardInterrupt: the same call goes on.
    """
    options.check()
    check_overrides(overrides)
    net, card = load_weights(options.checkpoint)
    if open_network(card["network"]).quantize is not None:
        raise UsageError(f"{options.checkpoint}: it is quantized: prune the float checkpoint, then quantize that")
    out = Path(options.out)
    if (out / "report.json").exists():
        begin(out, options.begun_with())
        print(f"{out} is pruned already: remove it or choose another folder to prune again")
        return dict(json.loads(read_text(out / "report.json")))
    check_data(options)
    begin(out, options.begun_with())
    base = base_recipe("prune", options, out)
    rounds: list[Round] = []
    source = Path(options.checkpoint)
    for number in range(1, options.cuts + 1):
        rounds.append(run_round(base, options, overrides, source, number))
        source = rounds[-1].tuned
    net, tuned_card = load_weights(source)
    pruned = {"from": {key: card[key] for key in ("name", "stage", "images") if key in card}, **settings_of(options)}
    save_weights(out / "weights.safetensors", net, {**tuned_card, "pruned": pruned})
    return write_report(out, options, load_recipe(rounds[-1].recipe, overrides), rounds)


def settings_of(options: Options) -> dict[str, Any]:
    """How it was pruned, for the card."""
    if options.sparsity is not None:
        return {"sparsity": options.sparsity, "scope": options.scope, "rounds": options.cuts}
    return {"keep": options.keep, "by": options.by, "norm": options.norm, "rounds": options.cuts}
