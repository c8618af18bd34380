"""Losses over a sample of thousands of classes: a step takes two thirds of the time of one with lumped classes.

CTC and the comparison with the teacher see the blank, the classes of the labels, those that the teacher finds
likeliest somewhere in the batch, and some by chance, drawn anew in each step. Probabilities are among these alone (as
in Jean et al. 2015, arXiv:1412.2007). The other classes cost nothing, and learn nothing in that step. So this is for
late rounds of networks that know all classes already.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.nn.precision import at_least_float32
from bitocr.lab.train.lumped import fill_up

BY_CHANCE = 256
"""Classes that are drawn in each step."""
FRAME_STEP = 3
"""Of the teacher's frames, one in so many is searched for likely classes: characters span several."""


@torch.no_grad()
def sampled_classes(head: nn.Linear, features: Tensor, targets: Tensor, count: int) -> Tensor:
    """The classes of a step, in ascending order: int64 [K].

    Args:
        head, features: the teacher's head and its input [N, T, in].
        targets: class numbers, of any shape.
        count: how many classes to take of those with the largest logits in any frame.
    """
    largest = head(features[:, ::FRAME_STEP]).amax((0, 1))
    likely = largest.topk(min(count, len(largest))).indices
    drawn = torch.randint(0, len(largest), (BY_CHANCE,), device=likely.device)
    kept = torch.cat([targets.new_zeros(1), targets.flatten(), likely, drawn]).unique()
    return fill_up(kept, len(largest))


def sampled_logits(head: nn.Module, features: Tensor, kept: Tensor) -> Tensor:
    """The head's logits of the kept classes: [N, T, in] -> float32 [N, T, K]."""
    assert isinstance(head, nn.Linear)
    if type(head) is not nn.Linear:  # a quantized head derives its weights from all rows
        return at_least_float32(head(features).index_select(-1, kept))
    return at_least_float32(F.linear(features, head.weight.index_select(0, kept), head.bias.index_select(0, kept)))
