"""A binary detector that computes bit for bit what the engine computes."""

from __future__ import annotations

from bitocr.lab.nn.detector import LINEARS, MERGES, Detector
from bitocr.lab.nn.quant.engine import EngineBlock, EngineLinear
from bitocr.lab.nn.quant.insert import make_engine_backbone


def make_engine_detector(net: Detector) -> Detector:
    """Changes a network of stage "both" in place. In eval mode its maps equal those of page.bit in the engine."""
    make_engine_backbone(net.backbone)
    for name in MERGES:
        setattr(net, name, EngineBlock(getattr(net, name)))
    for name in LINEARS:
        linear = getattr(net, name)
        layer = EngineLinear(linear)
        layer.load_state_dict(linear.state_dict())
        setattr(net, name, layer)
    return net
