"""CTC over each image's own alphabet: the blank and the characters of its label.

Of the log-probabilities of all classes, CTC reads those of the image's own alone. torch's loss walks over all of them
nevertheless, forward and backward. Here they are normalised over all classes, as always, but only the own ones are
gathered for it. What is left of the gradient, each class's probability, is written in one pass, and CTC's own part is
added where it belongs. Nothing asks the device for a size, which would have to wait for it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from bitocr.lab.data.stream import Batch

NEVER = -1e30
"""Log-probability of a place in an alphabet that no class takes."""


class Alphabets(NamedTuple):
    """Of a batch whose longest label has L characters.

    Attributes:
        classes: int64 [N, 1 + L], the blank and each image's label; which class a place of its alphabet stands for.
        taken: bool [N, 1 + L], the places that count: the blank, and each character where it comes first.
        targets: int64 [N, L], the labels as places of their alphabets.
    """

    classes: Tensor
    taken: Tensor
    targets: Tensor


def alphabets(targets: Tensor, lengths: Tensor) -> Alphabets:
    """Of the labels of a batch (`Batch`). The lengths stay where they are, best in the host's memory."""
    longest = max(1, *lengths.tolist())
    ends = lengths.cumsum(0)
    columns = torch.arange(longest)
    places = ((ends - lengths)[:, None].cpu() + columns).clamp(max=max(0, len(targets) - 1))
    is_label = (columns < lengths[:, None].cpu()).to(targets.device, non_blocking=True)
    padded = targets[places.to(targets.device, non_blocking=True)] if len(targets) else places.to(targets.device) * 0
    padded = padded * is_label
    first = (padded[:, :, None] == padded[:, None, :]).to(torch.uint8).argmax(2)
    is_first = (first == columns.to(targets.device, non_blocking=True)) & is_label
    blank = torch.zeros_like(padded[:, :1])
    return Alphabets(torch.cat([blank, padded], 1), torch.cat([blank == 0, is_first], 1), first + 1)


class OwnCTC(torch.autograd.Function):
    """Mean CTC loss a character of logits [N, T, classes], as `ctc_loss` has it."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, own: Alphabets, lengths: Tensor) -> Tensor:
        images, frames, _ = logits.shape
        every = logits.log_softmax(-1)
        index = own.classes[:, None].expand(images, frames, own.classes.shape[1])
        log_probs = every.gather(2, index).masked_fill_(~own.taken[:, None], NEVER)
        lengths = lengths.cpu()
        share = (1 / (images * lengths.clamp(min=1).to(logits.dtype))).to(logits.device, non_blocking=True)
        with torch.enable_grad():
            given = log_probs.transpose(0, 1).detach().requires_grad_()
            steps = torch.full((images,), frames, dtype=torch.int64)
            losses = F.ctc_loss(given, own.targets, steps, lengths, reduction="none", zero_infinity=True)
            loss = (losses * share).sum()
            (gradient,) = torch.autograd.grad(loss, given)
        # torch's gradient has each class's probability added, as the softmax before it would have it: it is taken out,
        # and stands in the dense part instead. A text longer than the frames allow has neither.
        share = share * (losses.detach() != 0)
        own_part = gradient.transpose(0, 1) - share[:, None, None] * log_probs.exp()
        own_part = own_part.masked_fill(~own.taken[:, None], 0)
        ctx.save_for_backward(every, share, index, own_part)
        return loss.detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        every, share, index, own_part = ctx.saved_tensors
        dense = every.exp().mul_(share[:, None, None]).scatter_add_(2, index, own_part)
        return dense.mul_(gradients[0]), None, None


def own_ctc_loss(logits: Tensor, batch: Batch) -> Tensor:
    """`ctc_loss`, loss and gradient, at the price of the labels' characters instead of all classes'."""
    own = alphabets(batch.targets, batch.lengths)
    return OwnCTC.apply(logits, own, batch.lengths)  # type: ignore[no-any-return, no-untyped-call]
