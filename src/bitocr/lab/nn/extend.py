"""Adds characters to a trained network: new rows of the head; the old rows stay.

At first a new row is never the best class of a frame, so the network's readings don't change:

* a character with a look-alike in the charset ("ä" and "a") gets the look-alike's row, with a bias lower by `BEHIND`.
  Training can then quickly learn the difference between the two;
* any other gets the mean of all characters' rows. Its logit is the mean of theirs, which is below their largest.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress

import torch
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.nn.crnn import CRNN

BEHIND = 4.0
"""How far the logit of a new character starts below its look-alike's: it gets 2 % of the look-alike's probability."""


def look_alike(character: str, known: str) -> str | None:
    """The known character that this one is a variant of, by Unicode's decompositions and names: e for é, o for ø."""
    name = unicodedata.name(character, "").partition(" WITH ")[0]
    candidates = [unicodedata.normalize("NFKD", character)[0]]
    with suppress(KeyError):
        candidates.append(unicodedata.lookup(name))
    return next((candidate for candidate in candidates if candidate != character and candidate in known), None)


@torch.no_grad()
def extend_head(net: CRNN, known: str, added: str) -> None:
    """Extends a network's charset in place from `known` to `known + added`. Raises UsageError."""
    head = net.head
    if head.out_features != len(known) + 1:
        raise UsageError(f"a network of {head.out_features} classes is not one of {len(known)} characters")
    rows, biases = [], []
    for character in added:
        row, bias = new_row(head, known, character)
        rows.append(row)
        biases.append(bias)
    longer = nn.Linear(head.in_features, len(known) + len(added) + 1).to(head.weight.device)
    longer.weight.copy_(torch.stack([*head.weight, *rows]))
    longer.bias.copy_(torch.stack([*head.bias, *biases]))
    net.head = longer


def new_row(head: nn.Linear, known: str, character: str) -> tuple[Tensor, Tensor]:
    similar = look_alike(character, known)
    if similar is None:
        return head.weight[1:].mean(0), head.bias[1:].mean()
    index = known.index(similar) + 1
    return head.weight[index], head.bias[index] - BEHIND
