"""Latent weights made small again: the signs and what the network says stay, the weights can move."""

from __future__ import annotations

import pytest
import torch

from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import build
from bitocr.lab.nn.latents import rescale_latents


@pytest.mark.parametrize("binarizer", ["bireal", "reactnet"])
def test_rescaled_latents_keep_signs_and_outputs(binarizer: str) -> None:
    torch.manual_seed(0)
    blocks = [[32, [2, 2]], [64, [2, 1]]]
    net = build({"blocks": blocks, "binarizer": binarizer, "neck": {"type": "none"}, "classes": 5})
    layers = [module for module in net.modules() if isinstance(module, BinaryConv2d)]
    images = torch.randn(4, 1, 32, 48)
    with torch.no_grad():
        for layer in layers:
            layer.weight.mul_(30)  # some beyond 1, as after long training
        for _ in range(30):
            net(images)  # gives the batch norms statistics
    before, signs = net.eval()(images), [layer.weight < 0 for layer in layers]
    assert max(float(layer.weight.detach().abs().max()) for layer in layers) > 1
    rescale_latents(net, 0.2)
    assert max(float(layer.weight.detach().abs().max()) for layer in layers) < 0.2001
    assert all(torch.equal(layer.weight < 0, sign) for layer, sign in zip(layers, signs, strict=True))
    torch.testing.assert_close(net(images), before, atol=2e-2, rtol=1e-2)
