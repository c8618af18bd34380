"""CTC (Graves et al., ICML 2006) over each image's own alphabet: the blank and the characters of its label.

CTC needs the log-probabilities of these classes only, but torch's loss walks over all classes, forward and backward.
Here the softmax still covers all classes, and the loss gets only those of the image's alphabet. The gradient is each
class's probability, written in one pass, plus CTC's own part at the classes of the alphabet. No step reads a size back
from the device, which would make the host wait.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from bitocr.lab.data.stream import Batch

NEVER = -1e30
"""The log-probability at an unused place of an alphabet."""


class Alphabets(NamedTuple):
    """The alphabets of a batch whose longest label has L characters.

    Attributes:
        classes: int64 [N, 1 + L], the class at each place of an alphabet: the blank, then the label's characters.
        taken: bool [N, 1 + L], the places in use: the blank, and the first occurrence of each character.
        targets: int64 [N, L], the labels as places in their alphabets.
    """

    classes: Tensor
    taken: Tensor
    targets: Tensor


def alphabets(targets: Tensor, lengths: Tensor) -> Alphabets:
    """The alphabets of a batch's labels (`Batch`). Keep `lengths` in the host's memory, since it is read there."""
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
    """The mean CTC loss per character of logits [N, T, classes], equal to `ctc_loss`."""

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
        # torch's gradient includes the probability of each class, since it assumes a log-softmax before it. We take
        # that term out here and add it for all classes in `backward`. A text too long for its frames has no gradient.
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
    """The loss and gradient of `ctc_loss`, at a cost that grows with the labels instead of the charset."""
    own = alphabets(batch.targets, batch.lengths)
    return OwnCTC.apply(logits, own, batch.lengths)  # type: ignore[no-any-return, no-untyped-call]
