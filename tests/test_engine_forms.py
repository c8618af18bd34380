"""Look-alikes, which their neighbours distinguish."""

from __future__ import annotations

import numpy as np
import pytest

import random_model
from bitocr.native.engine import Engine
from bitocr.native.handles import NO_LIMITS, Limits

CHARSET = "".join(dict.fromkeys("Henry Il XVvspo.a-fd ABC13×xyz4m,:;!?()你好世界元"))
ENGINE = Engine(random_model.model(CHARSET))


def decode(text: str, limits: Limits = NO_LIMITS) -> str:
    """The engine's text for a network that is sure of every character."""
    logprobs = np.full((2 * len(text), len(CHARSET) + 1), -20, np.float32)
    logprobs[1::2, 0] = 0
    logprobs[range(0, 2 * len(text), 2), [CHARSET.index(c) + 1 for c in text]] = 0
    result = ENGINE.decode(logprobs, limits=limits)
    assert "".join(char for char, *_ in result["chars"]) == result["text"]
    return str(result["text"])


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        ("Henry VIll", "Henry VIII"),
        ("XIl and Xl", "XII and XI"),
        ("Henry Il", "Henry II"),
        ("Henry Ill.", "Henry III."),
        ("Ill", "Ill"),
        ("Henry. Ill", "Henry. Ill"),
        ("an Ill-fed", "an Ill-fed"),
        ("I", "I"),
        ("fall", "fall"),
        ("Very ll", "Very ll"),
        ("ABC-13-×yz", "ABC-13-xyz"),
        ("x×3", "xx3"),
        ("4×4", "4×4"),
        ("A × B", "A × B"),
        ("你好,世界!", "你好，世界！"),
        ("世界(你好)", "世界（你好）"),
        ("界:4,1", "界:4,1"),
        ("a,你?", "a,你？"),
        ("你a,", "你a,"),
        ("(a) 13:4, fo!", "(a) 13:4, fo!"),
    ],
)
def test_forms(seen: str, text: str) -> None:
    assert decode(seen) == text


def test_a_constraint_is_kept() -> None:
    assert decode("你好,", ("你好,", None, None)) == "你好,"
