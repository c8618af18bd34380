"""Classes of Han font families by name, from families.txt."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def _table() -> list[tuple[str, float, re.Pattern[str]]]:
    lines = (Path(__file__).parent / "families.txt").read_text().splitlines()
    rows = (line.split(maxsplit=2) for line in lines if line and not line.startswith("#"))
    return [(name, float(weight), re.compile(expression, re.IGNORECASE)) for name, weight, expression in rows]


@lru_cache(maxsize=1024)
def family_class(family: str) -> tuple[str, float]:
    """A family's class (sans, serif, kai, fang, round, display, hand, or skip for unusable) and its weight in it."""
    return next(((name, weight) for name, weight, e in _table() if e.search(family)), ("display", 1.0))
