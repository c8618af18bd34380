"""Calibration: ranges follow from the images, whatever they were before."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from bitocr.lab.nn.crnn import CRNN, build  # noqa: E402
from bitocr.lab.nn.quant.observers import OBSERVERS  # noqa: E402
from bitocr.lab.nn.quant.ranges import activation_quantizers, calibrate  # noqa: E402
from test_quantize import MOBILE, pixels  # noqa: E402


def scales(net: CRNN) -> list[float]:
    return [quantizer.scale().item() for quantizer in activation_quantizers(net)]


@pytest.mark.parametrize("observer", OBSERVERS)
def test_a_network_calibrated_again_is_as_if_calibrated_once(observer: str) -> None:
    """While ranges are measured, activations are those of the float network: earlier ranges don't clip them."""
    net, fresh = (build({**MOBILE, "quantize": {}}) for _ in range(2))
    fresh.load_state_dict(net.state_dict())
    calibrate(net, [pixels(0) / 16])
    narrow = scales(net)
    for each in (net, fresh):
        calibrate(each, [pixels(1)], observer)
    assert scales(net) == scales(fresh)
    assert narrow != scales(fresh)
