"""Losses over thousands of classes at the cost of hundreds: classes that the batch does not need are lumped into one.

CTC needs the probabilities of the blank and of the characters in the batch's labels, the *kept* classes. Of all other
classes it needs only the sum, so they become one extra class, whose logit is ln(sum of e^logit). Loss and gradients
stay the same, and all classes are still computed and learned. But CTC and the comparison with a teacher read, write and
differentiate only a few hundred numbers per frame.

The comparison with a teacher does change: it ignores how the lumped probability is shared among its classes. So the
classes that the teacher finds likeliest in the batch are kept too; the stage's `distinct` says how many.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.precision import at_least_float32

LEAST = 1e-7
"""The least lumped probability of a teacher, so that its logarithm exists."""
MULTIPLE = 64
"""Of kept classes."""


class LogSumExp(torch.autograd.Function):
    """logits [..., n] -> float32 [..., 1], in one pass by log_softmax; torch.logsumexp takes three."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor) -> Tensor:
        log_probs = at_least_float32(logits).log_softmax(-1)
        ctx.save_for_backward(log_probs)
        ctx.dtype = logits.dtype
        return at_least_float32(logits[..., :1]) - log_probs[..., :1]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (log_probs,) = ctx.saved_tensors
        return log_probs.exp().mul_(gradients[0]).to(ctx.dtype)  # type: ignore[no-any-return]


def kept_classes(targets: Tensor, taught: Tensor | None = None, count: int = 0) -> Tensor:
    """The blank, the classes of the labels and a teacher's likeliest classes, in ascending order: int64 [K].

    Args:
        targets: class numbers, of any shape.
        taught: a teacher's log-probabilities [N, T, classes]; None if there is no comparison.
        count: how many classes to keep of those with the most probability over the batch, by `taught`.
    """
    kept = [targets.new_zeros(1), targets.flatten()]
    if taught is not None:
        mass = taught.exp().sum((0, 1))
        kept.append(mass.topk(min(count, len(mass))).indices)
    return torch.cat(kept).unique()


def fill_up(kept: Tensor, classes: int, multiple: int = MULTIPLE) -> Tensor:
    """Adds other classes until the number is a multiple of `multiple`, or all `classes`: int64 [K], ascending.

    This changes no result. Without it each batch would have its own shapes, and the CPU library's cache of prepared
    shapes would grow to gigabytes.
    """
    others = torch.ones(classes, dtype=torch.bool, device=kept.device)
    others[kept] = False
    return torch.cat([kept, others.nonzero()[: -len(kept) % multiple, 0]]).sort().values


def relabel(batch: Batch, kept: Tensor) -> Batch:
    """The batch with its targets as places among the kept classes. The blank stays 0."""
    return batch._replace(targets=torch.searchsorted(kept, batch.targets))


def lump(taught: Tensor, kept: Tensor) -> Tensor:
    """The log-probabilities of the kept classes and of all others together: [N, T, classes] -> [N, T, K + 1]."""
    if len(kept) == taught.shape[-1]:
        return taught
    log_probs = taught.index_select(-1, kept)
    others = (1 - log_probs.exp().sum(-1, keepdim=True)).clamp(min=LEAST).log()
    return torch.cat([log_probs, others], -1)


def lumped_logits(head: nn.Module, features: Tensor, kept: Tensor) -> Tensor:
    """The head's logits of the kept classes and of all others together: [N, T, in] -> float32 [N, T, K + 1]."""
    assert isinstance(head, nn.Linear)
    is_other = torch.ones(head.out_features, dtype=torch.bool, device=kept.device)
    is_other[kept] = False
    parts = (kept, is_other.nonzero()[:, 0])
    if type(head) is nn.Linear:  # selecting rows of the weights is cheaper than selecting logits
        rows = [(head.weight.index_select(0, part), head.bias.index_select(0, part)) for part in parts]
        logits, others = (F.linear(features, weight, bias) for weight, bias in rows)
    else:  # a quantized head derives its weights from all rows
        every = head(features)
        logits, others = (every.index_select(-1, part) for part in parts)
    if not len(parts[1]):
        return at_least_float32(logits)
    return torch.cat([at_least_float32(logits), LogSumExp.apply(others)], -1)  # type: ignore[no-untyped-call]
