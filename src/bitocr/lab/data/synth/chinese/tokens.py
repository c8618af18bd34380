"""Chinese texts other than words: numbers, dates, prices, names, addresses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bitocr.lab.data.synth.chance import happens, pick, whole
from bitocr.lab.data.synth.tokens import amount, fill

Rng = np.random.Generator
Slots = dict[str, Callable[[Rng], str]]

NUMERALS = "〇一二三四五六七八九"
FINANCIAL = "零壹贰叁肆伍陆柒捌玖"
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def patterns(name: str) -> tuple[str, ...]:
    """The lines of a file in patterns/, each a pattern for `fill`. A line that occurs twice is drawn twice as often."""
    return tuple((Path(__file__).parent / "patterns" / f"{name}.txt").read_text(encoding="utf-8").splitlines())


PLACES, UNITS, DATES, TIMES, PRICES, PHONES = map(patterns, ("place", "unit", "date", "time", "price", "phone"))


def number(rng: Rng) -> str:
    """Digits, sometimes with a unit, grouped, or in hanzi."""
    kind = rng.random()
    if kind < 0.15:
        return spelled(rng, whole(rng, 1, 99_999))
    value = str(whole(rng, 0, 10 ** whole(rng, 1, 6)))
    if kind < 0.25:
        return f"{int(value):,}"
    return value if kind < 0.6 else value + pick(rng, UNITS)


def spelled(rng: Rng, value: int) -> str:
    """A number in hanzi: 305 is 三百零五, sometimes 三〇五 or 叁佰零伍."""
    if happens(rng, 0.3):
        return "".join(NUMERALS[int(digit)] for digit in str(value))
    financial = happens(rng, 0.25)
    digits, places = (FINANCIAL, ("", "拾", "佰", "仟", "万")) if financial else ("零" + NUMERALS[1:], "_十百千万")
    out = ""
    for position, digit in enumerate(reversed(str(value))):
        place = places[position].replace("_", "") if position else ""
        out = digits[int(digit)] + (place if digit != "0" else "") + out
    while digits[0] * 2 in out:
        out = out.replace(digits[0] * 2, digits[0])
    return out.rstrip(digits[0]) or digits[0]


def spelled_small(value: int) -> str:
    """A number of 1..99 in hanzi, as in dates: 十二, 三十一."""
    tens, ones = divmod(value, 10)
    head = ("" if tens == 1 else NUMERALS[tens]) + "十" if tens else ""
    return head + (NUMERALS[ones] if ones else "")


def year(rng: Rng) -> int:
    return whole(rng, 1949, 2029)


def clock(rng: Rng) -> str:
    """A time of the day."""
    return fill(rng, pick(rng, TIMES), _TIME_SLOTS)


def date(rng: Rng) -> str:
    """A date or a part of one."""
    return fill(rng, pick(rng, DATES), _DATE_SLOTS)


def price(rng: Rng) -> str:
    return fill(rng, pick(rng, PRICES), _PRICE_SLOTS)


def phone(rng: Rng) -> str:
    return fill(rng, pick(rng, PHONES))


_TIME_SLOTS: Slots = {
    "hour": lambda rng: f"{whole(rng, 0, 23):0{whole(rng, 1, 2)}d}",
    "hour12": lambda rng: str(whole(rng, 1, 12)),
    "minute": lambda rng: f"{whole(rng, 0, 59):02d}",
    "second": lambda rng: f"{whole(rng, 0, 59):02d}",
}
_DATE_SLOTS: Slots = {
    "year": lambda rng: str(year(rng)),
    "month": lambda rng: str(whole(rng, 1, 12)),
    "day": lambda rng: str(whole(rng, 1, 31)),
    "month2": lambda rng: f"{whole(rng, 1, 12):02d}",
    "day2": lambda rng: f"{whole(rng, 1, 31):02d}",
    "yearhan": lambda rng: "".join(NUMERALS[int(digit)] for digit in str(year(rng))),
    "monthhan": lambda rng: spelled_small(whole(rng, 1, 12)),
    "dayhan": lambda rng: spelled_small(whole(rng, 1, 31)),
    "week": lambda rng: pick(rng, "一二三四五六日"),
    "time": clock,
}
_PRICE_SLOTS: Slots = {
    "amount": amount,
    "value": lambda rng: str(whole(rng, 1, 10 ** whole(rng, 1, 4))),
    "spelled": lambda rng: spelled(rng, whole(rng, 1, 99_999)),
}
