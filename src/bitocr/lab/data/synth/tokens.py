"""Texts that are not words: numbers, prices, dates, codes, web and street addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bitocr.lab.data.charset import ENGLISH
from bitocr.lab.data.synth.chance import between, happens, pick, whole
from bitocr.lab.data.synth.words import WordList

Rng = np.random.Generator

DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = UPPER.lower()
SYMBOLS = "".join(c for c in ENGLISH if not c.isalnum() and c != " ")
_ALPHABETS = (
    *(ENGLISH[1:], ENGLISH[1:], UPPER + SYMBOLS, LOWER + SYMBOLS, DIGITS + SYMBOLS),
    *(UPPER + DIGITS, UPPER + LOWER, UPPER + LOWER + DIGITS, DIGITS, UPPER),
)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_NAMES = ("John", "Mary", "Robert", "Linda", "David", "Susan", "James", "Karen", "Peter", "Anna", "Ahmad", "Siti",
               "Lee", "Wei", "Kumar", "Priya", "Carlos", "Maria", "Hans", "Eva", "William", "Elizabeth", "George",
               "Helen", "R.", "J.", "A. B.", "Dr.", "Mr.", "Mrs.", "Ms.")  # fmt: skip
UNITS = tuple("kg g ml L cm mm km KM m pcs PCS % mg oz lb in ft GB kW V".split())
CURRENCIES = ("$", "$", "RM", "RM", "RM ", "Rs.", "Rs ", "USD ", "US$", "EUR ", "SR ", "")
DOMAINS = ("com", "com", "com", "org", "net", "co.uk", "com.my", "de", "in", "edu", "gov", "io", "info")


def patterns(name: str) -> tuple[str, ...]:
    """The lines of a file in patterns/, each a pattern for `fill`. A line that occurs twice is drawn twice as often."""
    return tuple((Path(__file__).parent / "patterns" / f"{name}.txt").read_text().splitlines())


_PHONES = patterns("phone")
_CODES = patterns("code")
_SLOT = re.compile(r"[@#~]|\{\w+\}")


def fill(rng: Rng, pattern: str, words: dict[str, Callable[[Rng], str]] | None = None) -> str:
    """Random text for a pattern: # is a digit, @ a capital, ~ a lowercase letter, {name} a result of `words[name]`."""

    def one(match: re.Match[str]) -> str:
        slot = match.group()
        if slot == "#":
            return pick(rng, DIGITS)
        if slot == "@":
            return pick(rng, UPPER)
        if slot == "~":
            return pick(rng, LOWER)
        return (words or {})[slot[1:-1]](rng)

    return _SLOT.sub(one, pattern)


def number(rng: Rng) -> str:
    """A number of 1 to 9 digits, mostly few; sometimes grouped, signed, ordinal or with a unit."""
    digits = "".join(pick(rng, DIGITS) for _ in range(min(whole(rng, 1, 5), whole(rng, 1, 9))))
    kind = rng.random()
    if kind < 0.72:
        return digits
    if kind < 0.80:
        return f"{int(digits):,}"
    if kind < 0.85:
        return digits[:2] + pick(rng, ("th", "st", "nd", "rd", "TH", "ST", "ND", "RD"))
    if kind < 0.90:
        return pick(rng, "+-#*x") + digits
    return digits[:4] + pick(rng, UNITS)


def amount(rng: Rng) -> str:
    """A plain amount of money: 0.50, 12.90, 1,204.00."""
    value = 10 ** between(rng, -1, 3.3)
    cents = pick(rng, (0, 0, 50, 90, 95, 99, whole(rng, 0, 99), whole(rng, 0, 99), whole(rng, 0, 99)))
    return f"{int(value):,}.{cents:02d}" if happens(rng, 0.8) else f"{int(value)}.{cents:02d}"


def price(rng: Rng) -> str:
    text = pick(rng, CURRENCIES) + (amount(rng) if happens(rng, 0.8) else str(whole(rng, 1, 9999)))
    return text if happens(rng, 0.9) else text + pick(rng, ("/-", "-", "*", " SR", " ZRL", "T", "/kg", "!"))


def date(rng: Rng) -> str:
    """A date, or part of one, in one of the usual notations."""
    day, month, year = whole(rng, 1, 31), whole(rng, 1, 12), whole(rng, 1850, 2029)
    name = MONTHS[month - 1]
    return pick(rng, (
        f"{day:02d}/{month:02d}/{year}", f"{day:02d}/{month:02d}/{year}", f"{day:02d}/{month:02d}/{year}",
        f"{day:02d}-{month:02d}-{year}", f"{day:02d}/{month:02d}/{year % 100:02d}", f"{year}-{month:02d}-{day:02d}",
        f"{day:02d}.{month:02d}.{year}", f"{day}/{month}/{year}", f"{day:02d} {name[:3].upper()} {year}",
        f"{name} {day}, {year}", f"{day:02d}-{name[:3]}-{year}", f"{name[:3].upper()} {day}", f"{year}", f"{year}",
        pick(rng, DAYS),
    ))  # fmt: skip


def clock(rng: Rng) -> str:
    hour, minute = whole(rng, 0, 23), whole(rng, 0, 59)
    tail = pick(rng, ("", "", "", " PM", "AM", "pm", " am", f":{whole(rng, 0, 59):02d}", f":{whole(rng, 0, 59):02d}"))
    if tail.strip().lower() in ("am", "pm"):
        hour = hour % 12 + 1
    return f"{hour:02d}:{minute:02d}{tail}" if happens(rng, 0.7) else f"{hour}:{minute:02d}{tail}"


def percent(rng: Rng) -> str:
    return pick(rng, (f"{whole(rng, 0, 100)}%", f"{whole(rng, 0, 100)}.{whole(rng, 0, 9)}%", f"({whole(rng, 0, 20)}%)",
                      f"-{whole(rng, 5, 90)}%", f"{whole(rng, 0, 100)} %"))  # fmt: skip


def phone(rng: Rng) -> str:
    return fill(rng, pick(rng, _PHONES))


def code(rng: Rng) -> str:
    return fill(rng, pick(rng, _CODES))


def scramble(rng: Rng) -> str:
    """Random characters, so that each one occurs often enough beside any other."""
    alphabet = pick(rng, _ALPHABETS)
    return "".join(pick(rng, alphabet) for _ in range(min(whole(rng, 1, 12), whole(rng, 1, 12))))


def web(rng: Rng, word: WordList) -> str:
    """An e-mail or web address, a hashtag, a handle, a path or a file name."""
    first, second, domain = word(rng), word(rng), pick(rng, DOMAINS)
    text = pick(rng, (
        f"www.{first}.{domain}", f"{first}.{domain}", f"{first}{second}.{domain}", f"http://{first}.{domain}",
        f"https://www.{first}.{domain}/", f"{first}@{second}.{domain}", f"{first}.{second}@{domain}",
        f"{first}{whole(rng, 1, 99)}@{second}.{domain}", f"@{first}_{second}", f"#{first}{second}",
        f"#{first.capitalize()}{second.capitalize()}", f"{first}/{second}", f"{first}_{second}.pdf",
    ))  # fmt: skip
    return text.replace("'", "")[:40]
