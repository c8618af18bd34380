"""Weights files: safetensors with kernels in fp16, and the config, data and code version that made them."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from bitocr.errors import BitocrError, ModelError, UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.config.network import AnyNetwork, Network, open_network
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import CRNN, build, channels_last

#: Suffixes of tensors that only quantized networks have (`bitocr.lab.nn.quant.fake`).
RANGES = (".log_scale", ".calibrated")


def save_weights(path: str | Path, net: nn.Module, card: dict[str, Any]) -> None:
    """Writes the weights, completely or not at all. `card` must hold "network" and "charset"."""
    path = Path(path)
    signs = latent_names(net)
    is_quantized = bool(card["network"].get("quantize"))
    tensors = {name: to_stored(t, exact=is_quantized and name not in signs) for name, t in net.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, save(tensors, metadata={"card": json.dumps(card)}))


def latent_names(net: nn.Module) -> set[str]:
    """The names of the latent weights, from which the network takes signs and each channel's mean absolute value."""
    layers = {name: module for name, module in net.named_modules() if isinstance(module, BinaryConv2d)}
    return {f"{name}.weight" for name, layer in layers.items() if layer.stage == "both"}


def to_stored(tensor: Tensor, exact: bool = False) -> Tensor:
    """Converts kernels and matrices to fp16, keeping the signs of values that underflow; leaves other tensors alone.

    `exact` leaves every tensor alone. Quantized weights need it: rounding them twice may move them by a whole step.
    """
    if exact or tensor.squeeze().ndim < 2:
        return tensor.contiguous()
    smallest = 2.0**-24
    halves = tensor.half()
    return torch.where((halves == 0) & (tensor < 0), -smallest, halves).half().contiguous()


def read_weights(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and the card of a weights file. Raises ModelError if it is missing or not one of bitocr."""
    try:
        with safe_open(path, framework="pt") as file:
            card = json.loads((file.metadata() or {})["card"])
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except FileNotFoundError:
        raise ModelError(f"{path}: no such weights file") from None
    except (SafetensorError, KeyError, json.JSONDecodeError, OSError) as error:
        raise ModelError(f"{path}: not a weights file of bitocr ({error})") from None
    if not isinstance(card, dict) or not isinstance(card.get("charset"), str):
        raise ModelError(f"{path}: not a weights file of bitocr (its card names no charset)")
    return state, card


def load_weights(
    path: str | Path, charset: str | None = None, network: Network | None = None, **changes: Any
) -> tuple[CRNN, dict[str, Any]]:
    """The network, in float32 and eval mode, and its card.

    Args:
        path: a weights file of `save_weights`.
        charset: the charset that the weights must have; None takes any.
        network: the config to load them into; None for the card's.
        changes: fields of that config to replace.

    Raises:
        ModelError: the file is missing, not a weights file of bitocr, of another charset, or does not fit the network.
    """
    state, card = read_weights(path)
    if charset is not None and card["charset"] != charset:
        differing = "".join(sorted(set(card["charset"]) ^ set(charset)))[:20]
        raise ModelError(f"{path}: made for another charset (differing in {differing!r})")
    try:
        own = open_network(card["network"])
        wanted = (network or own).replace(**changes)
        net = build(wanted)
        if wanted.quantization != own.quantization:
            state = with_ranges_of(net, state)
        net.load_state_dict({n: t.float() if t.is_floating_point() else t for n, t in state.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, BitocrError) as error:
        raise ModelError(f"{path}: its weights are not those of this network: {reason(error)}") from None
    return channels_last(net).eval(), card


def network_of_weights(path: str | Path) -> AnyNetwork:
    """The config of a weights file's network. Raises ModelError."""
    card = read_weights(path)[1]
    try:
        return open_network(card["network"])
    except (KeyError, UsageError) as error:
        raise ModelError(f"{path}: its card describes no network: {reason(error)}") from None


def with_ranges_of(net: CRNN, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state with the uncalibrated ranges of `net`, which is quantized in another way or not at all."""
    own = net.state_dict()
    ranges = {name: tensor for name, tensor in own.items() if name.endswith(RANGES)}
    return {**{name: tensor for name, tensor in state.items() if not name.endswith(RANGES)}, **ranges}


def reason(error: Exception) -> str:
    """The first reason in one line. torch lists all of them below a line that names only the class."""
    lines = str(error).splitlines() or [type(error).__name__]
    return shorten(lines[min(1, len(lines) - 1)], 200, placeholder=" ...")
