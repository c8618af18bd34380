"""Cuts channels out of a network: the result has a narrower config and the remaining weights."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.config.network import AnyNetwork
from bitocr.lab.nn.activation import RPReLU
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import CRNN, build, channels_last
from bitocr.lab.nn.prune.coupled import CoupledLayer, channel_groups, is_tied, widths_of, with_widths
from bitocr.lab.nn.prune.importance import importance
from bitocr.lab.nn.prune.shortcut_order import keep_shortcuts


class Cutter:
    """Cuts channels out of copies of one network; the network itself doesn't change.

    Args:
        net, network: the network and its config.
        norm: "l1" or "l2", the norm that ranks channels.

    Raises:
        UsageError: the norm is unknown, or the network's channels cannot be cut.
    """

    def __init__(self, net: CRNN, network: AnyNetwork, norm: str) -> None:
        self.network, self.state, self.modules = network, net.state_dict(), dict(net.named_modules())
        self.groups = channel_groups(network)
        self.scores = [importance(net, group, norm) for group in self.groups]

    def keep(self, widths: list[int]) -> list[list[int]]:
        """The channels to keep in each group, in their new order. Raises UsageError."""
        if any(not 0 < new <= group.width for new, group in zip(widths, self.groups, strict=True)):
            raise UsageError(f"channels {widths_of(self.network)} cannot be cut to {widths}")
        if is_tied(self.network):
            return keep_shortcuts(self.scores, widths)
        return [best(scores, width) for scores, width in zip(self.scores, widths, strict=True)]

    def cut(self, widths: list[int]) -> tuple[CRNN, AnyNetwork]:
        """The network with its groups cut to `widths` channels, without the least important ones, and its config.

        Its batch norms keep their old statistics: call `adapt_norms` before you use it.

        Raises:
            UsageError: the network cannot be cut to these widths.
        """
        state = dict(self.state)
        for group, keep in zip(self.groups, self.keep(widths), strict=True):
            for layer in group.layers:
                select(state, layer, self.modules[layer.name], torch.tensor(keep))
        network = with_widths(self.network, widths)
        net = build(network)
        net.load_state_dict(state)
        return channels_last(net).eval(), network


def best(scores: list[float], count: int) -> list[int]:
    """The indices of the `count` highest scores, ascending."""
    return sorted(sorted(range(len(scores)), key=lambda channel: -scores[channel])[:count])


def select(state: dict[str, Tensor], layer: CoupledLayer, module: nn.Module, keep: Tensor) -> None:
    """Keeps the channels `keep`, in this order, in one layer of a group."""
    for name, axis in channel_axes(module, layer.is_output).items():
        key = f"{layer.name}.{name}"
        state[key] = state[key].index_select(axis, keep)


def channel_axes(module: nn.Module, is_output: bool) -> dict[str, int]:
    """The tensors of a module that hold the group's channels, each with the axis of the channels."""
    if isinstance(module, nn.BatchNorm2d):
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), 0)
    if isinstance(module, RPReLU):
        return {"slope": 1, "shift": 1}
    if isinstance(module, nn.LSTM):
        return {"weight_ih_l0": 1, "weight_ih_l0_reverse": 1}
    if isinstance(module, BinaryConv2d) and not is_output:
        return {"weight": 1, "threshold": 1}
    return {"weight": 0 if is_output else 1}


@torch.no_grad()
def adapt_norms(net: nn.Module, batches: Iterable[Tensor]) -> None:
    """Sets the batch norms' statistics to those of `batches` (float [N, 1, 32, W]), in place; leaves it in eval mode.

    The old statistics don't fit a cut network. With new ones, its accuracy predicts how well it will do after
    fine-tuning (EagleEye, Li et al. 2020, arXiv:2007.02491).
    """
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    net.train()
    for batch in batches:
        net(batch)
    net.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
