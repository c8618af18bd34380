"""Short texts for cells of receipts, forms and tables: prices, quantities, lone digits and letters, codes."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_uppercase

import numpy as np

from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole

Rng = np.random.Generator

_DIGITS = Weighted(dict(zip("0123456789", (5, 9, 4, 3, 2, 2, 2, 2, 2, 2), strict=True)))
_CURRENCIES = ("$", "RM", "£", "¥", "€", "USD ")


def price(rng: Rng) -> str:
    amount = f"{10 ** between(rng, -1, 3.3):.2f}"
    if happens(rng, 0.1):
        amount = amount.replace(".", ",")
    if happens(rng, 0.12):
        amount = pick(rng, _CURRENCIES) + amount
    elif happens(rng, 0.08):
        amount = pick(rng, (f"-{amount}", f"({amount})", f"{amount}-", f"+{amount}"))
    return f"{amount} {pick(rng, ('S', 'T', 'SR', 'Z', 'A', '*', '#'))}" if happens(rng, 0.1) else amount


def count(rng: Rng) -> str:
    """A quantity, perhaps with a unit or a multiplication sign."""
    number = str(whole(rng, 1, 12) if happens(rng, 0.8) else whole(rng, 13, 999))
    form = ("{}", "{}", "{}", "x{}", "{}x", "{} x", "X{}", "{} @", "{}.00", "{}.000", "{} EA", "{}PC", "{}kg", "-{}")
    return pick(rng, form).format(number)


def lone(rng: Rng) -> str:
    """One digit or letter."""
    return _DIGITS(rng) if happens(rng, 0.75) else pick(rng, ascii_uppercase)


def code(rng: Rng) -> str:
    """The number of an article, row or form."""
    digits = "".join(_DIGITS(rng) for _ in range(whole(rng, 2, 5) if happens(rng, 0.6) else whole(rng, 6, 13)))
    return pick(rng, ("{}", "{}", "{}", "#{}", "{}.", "({})", "A{}", "{}-1", "No. {}", "{}/2")).format(digits)


def share(rng: Rng) -> str:
    return f"{whole(rng, 0, 100)}{pick(rng, ('%', ' %', '.0%', '.00'))}"


def moment(rng: Rng) -> str:
    """A date or a time."""
    if happens(rng, 0.4):
        return f"{whole(rng, 0, 23):02}:{whole(rng, 0, 59):02}"
    day, month, year = whole(rng, 1, 31), whole(rng, 1, 12), whole(rng, 0, 30)
    return pick(rng, (f"{day:02}/{month:02}/{year:02}", f"{day}.{month}.", f"{day}-{month:02}-20{year:02}"))


KINDS: dict[Callable[[Rng], str], float] = {price: 30, count: 16, lone: 26, code: 14, share: 6, moment: 5}
"""By weight."""
column = Weighted(KINDS)
"""Picks the kind of a column: a function that draws the text of a cell."""
WIDEST = 7.0
"""The width of a price or a date, in ems."""


def narrow(rng: Rng) -> Callable[[Rng], str]:
    """Picks the kind of a column that is hardly wider than a digit."""
    return pick(rng, (lone, lone, count, share))
