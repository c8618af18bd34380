"""Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): orthogonalized momentum for kernels and matrices.

A step moves every direction of a weight matrix by the same amount. Convolution kernels count as matrices
[out, in * kh * kw]. As Muon's authors advise, AdamW trains everything else (biases, norms, thresholds, slopes) and the
first and last layers. One optimizer holds both, so that a trainer sees one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from bitocr.lab.train.graphs import Graphed

BETAS = (0.9, 0.99)
EPSILON = 1e-8
MOMENTUM = 0.95


def orthogonalize(matrix: Tensor, steps: int = 5) -> Tensor:
    """Roughly the nearest semi-orthogonal matrix, by a quintic Newton-Schulz iteration: singular values in [0.7, 1.2].

    Args:
        matrix: [rows, columns], or M matrices of one shape, [M, rows, columns].
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    is_tall = matrix.shape[-2] > matrix.shape[-1]
    # bfloat16 is precise enough for a direction, and several times as fast. A training in float64 stays in float64:
    # you choose it so that every processor gives the same weights.
    x = matrix.mT if is_tall else matrix
    x = x if matrix.dtype == torch.float64 else x.bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if is_tall else x).to(matrix.dtype)


def parameter_groups(net: nn.Module, lr: float, lr_rest: float, weight_decay: float) -> list[dict[str, Any]]:
    """Groups for Muon (inner kernels and matrices, `lr`, weight decay) and AdamW (the rest, `lr_rest`, no decay).

    Each group's "peak" is the learning rate that the schedule scales.
    """
    trained = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    is_inner = {name: p.squeeze().ndim >= 2 and not name.startswith(("head.", "backbone.stem")) for name, p in trained}
    return [
        {
            "params": [p for name, p in trained if is_inner[name]],
            "method": "muon",
            "peak": lr,
            "weight_decay": weight_decay,
        },
        {"params": [p for name, p in trained if not is_inner[name]], "method": "adamw", "peak": lr_rest},
    ]


class Muon(torch.optim.Optimizer):
    """Muon for groups with ``method: muon``, AdamW for those with ``method: adamw``.

    Muon's update has a root mean square of 0.2 * lr, about that of AdamW (Liu et al., arXiv:2502.16982), so both take
    learning rates of the same order.

    Args:
        groups: the groups of `parameter_groups`.
        stacked: orthogonalize matrices of one shape together. A network has many matrices of few shapes, and on a GPU
            the call of a small matrix product costs more than the product itself.
        graphs: on a GPU, replay the iteration as a CUDA graph, one per shape.
    """

    def __init__(self, groups: list[dict[str, Any]], stacked: bool = True, graphs: bool = False) -> None:
        super().__init__(groups, {"lr": 0.0, "peak": 0.0, "weight_decay": 0.0, "method": "muon"})
        self.stacked = stacked
        self.orthogonalize: Callable[[Tensor], Tensor] = Graphed(orthogonalize) if graphs else orthogonalize

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if group["method"] == "muon":
                for alike in of_one_shape(parameters) if self.stacked else [[each] for each in parameters]:
                    self.muon_update(alike, group)
            elif parameters:
                self.adamw_update(parameters, group)
        return loss

    def muon_update(self, parameters: list[Tensor], group: dict[str, Any]) -> None:
        """Updates parameters that are matrices of one shape. Each has its own momentum, stacked or not."""
        for parameter in parameters:
            if not self.state[parameter]:
                self.state[parameter]["momentum"] = torch.zeros_like(parameter)
        gradients = [p.grad for p in parameters if p.grad is not None]
        momenta = [self.state[p]["momentum"] for p in parameters]
        torch._foreach_lerp_(momenta, gradients, 1 - MOMENTUM)
        ahead = [each.flatten(1) for each in torch._foreach_lerp(gradients, momenta, MOMENTUM)]
        together = torch.stack(ahead) if len(ahead) > 1 else ahead[0]
        directions = self.orthogonalize(together).view(len(ahead), *ahead[0].shape) * (0.2 * max(ahead[0].shape) ** 0.5)
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        steps = [each.view_as(p) for each, p in zip(directions, parameters, strict=True)]
        torch._foreach_add_(parameters, steps, alpha=-group["lr"])

    def adamw_update(self, parameters: list[Tensor], group: dict[str, Any]) -> None:
        """Applies torch's AdamW (arXiv:1711.05101) to a list of small tensors at once."""
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                state["step"] = torch.zeros((), dtype=torch.float32)
                state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        states = [self.state[p] for p in parameters]
        adamw(
            parameters,
            [p.grad for p in parameters if p.grad is not None],
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            [state["step"] for state in states],
            foreach=True,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            eps=EPSILON,
            maximize=False,
        )


def of_one_shape(parameters: list[Tensor]) -> list[list[Tensor]]:
    """Groups the parameters by their shape as matrices [out, in * kh * kw]."""
    groups: dict[tuple[int, int], list[Tensor]] = {}
    for parameter in parameters:
        groups.setdefault((parameter.shape[0], parameter.shape[1:].numel()), []).append(parameter)
    return list(groups.values())
