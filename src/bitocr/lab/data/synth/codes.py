"""Codes, whose characters cannot be guessed from their neighbours: serial numbers, keys, hashes, IBANs, paths."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bitocr.lab.data.synth.chance import Weighted, happens, pick, whole
from bitocr.lab.data.synth.tokens import DIGITS, LOWER, UPPER
from bitocr.lab.data.synth.words import WordList

Rng = np.random.Generator

_DOMAINS = ("com", "com", "org", "net", "co.uk", "de", "io", "fr", "edu", "info", "gov", "me", "app", "dev", "com.my",
            "it", "eu")  # fmt: skip
_SCHEMES = ("http://", "https://", "https://", "https://www.", "http://www.", "www.", "ftp://", "", "")
_NAMES = ("S/N ", "SN:", "P/N ", "No.", "#", "ID: ", "Ref: ", "REF-", "LOT ", "Art. ", "MODEL ", "IMEI:")
_ENDINGS = ("", ".txt", ".so.1", ".py", ".exe", ".pdf", ".c", ".log")
_PARTS = Weighted({
    (DIGITS, 1, 6): 28, (UPPER, 1, 4): 18, (UPPER + DIGITS, 2, 7): 22, (UPPER + LOWER + DIGITS, 2, 9): 10,
    (LOWER + DIGITS, 2, 8): 8, ("0O1Il5S8B2Z6G", 2, 5): 6, (LOWER, 1, 4): 8,
})  # fmt: skip


def run(rng: Rng, pool: str, low: int, high: int) -> str:
    """`low` to `high` characters of a pool."""
    return "".join(pick(rng, pool) for _ in range(whole(rng, low, high)))


def _part(rng: Rng) -> str:
    return run(rng, *_PARTS(rng))


def _grouped(rng: Rng) -> str:
    join = pick(rng, ("-", "-", "-", "/", ".", "_", ":", "", " ", "+"))
    return join.join(_part(rng) for _ in range(whole(rng, 1, 4)))


def serial(rng: Rng) -> str:
    return run(rng, UPPER + DIGITS, 5, 18)


def key(rng: Rng) -> str:
    return "-".join(run(rng, UPPER + DIGITS, 4, 5) for _ in range(whole(rng, 3, 5)))


def hexadecimal(rng: Rng) -> str:
    """A hash of six or more digits."""
    return run(rng, DIGITS + "abcdef", 6, 32)


def _token(rng: Rng) -> str:
    return run(rng, UPPER + LOWER + DIGITS, 6, 24)


def iban(rng: Rng) -> str:
    """A string like an IBAN, sometimes with letters, perhaps in groups of four. Its check digits are random."""
    text = run(rng, UPPER, 2, 2) + run(rng, DIGITS, 2, 2)
    text += "".join(pick(rng, DIGITS if happens(rng, 0.8) else UPPER) for _ in range(whole(rng, 11, 20)))
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4)) if happens(rng, 0.5) else text


def mac(rng: Rng) -> str:
    digits = DIGITS + pick(rng, ("ABCDEF", "abcdef"))
    return pick(rng, (":", "-", "")).join(run(rng, digits, 2, 2) for _ in range(6))


def ip(rng: Rng) -> str:
    port = f":{whole(rng, 1, 65535)}" if happens(rng, 0.3) else ""
    return ".".join(str(whole(rng, 0, 255)) for _ in range(4)) + port


def version(rng: Rng) -> str:
    text = pick(rng, ("v", "V", "", "Ver. ", "r")) + ".".join(str(whole(rng, 0, 30)) for _ in range(whole(rng, 2, 4)))
    return text + (pick(rng, ("-rc", "b", "-beta", "+", "_")) + str(whole(rng, 1, 99)) if happens(rng, 0.4) else "")


def _named(rng: Rng) -> str:
    return pick(rng, _NAMES) + _part(rng) + pick(rng, ("", f"-{_part(rng)}", f"/{_part(rng)}"))


def path(rng: Rng) -> str:
    folders = [pick(rng, ("", "C:", "~", ".")), *(run(rng, LOWER, 2, 7) for _ in range(whole(rng, 1, 3)))]
    return pick(rng, ("\\", "/", "/")).join(folders) + pick(rng, _ENDINGS)


def _formula(rng: Rng) -> str:
    tail = pick(rng, ("", "+" + run(rng, DIGITS, 1, 3), "=" + run(rng, DIGITS, 1, 4)))
    return run(rng, LOWER + UPPER, 1, 3) + pick(rng, "=+<>*/^-") + run(rng, LOWER + DIGITS, 1, 4) + tail


def _marked(rng: Rng) -> str:
    return pick(rng, "@#$%&*([{<\"'") + _part(rng) + pick(rng, "@#$%&*)]}>\"'!?;,")


_CODES: Weighted[Callable[[Rng], str]] = Weighted({
    _grouped: 40, serial: 10, key: 6, hexadecimal: 6, _token: 4, iban: 4, mac: 4, ip: 4, version: 5, _named: 5, path: 4,
    _formula: 4, _marked: 4,
})  # fmt: skip


def code(rng: Rng) -> str:
    return _CODES(rng)(rng)


def address(rng: Rng, words: WordList) -> str:
    """An e-mail or web address, mostly in lowercase."""
    first, second, third = (_host_word(rng, words) for _ in range(3))
    host = f"{first}{pick(rng, ('', '', '-', '.'))}{second if happens(rng, 0.5) else ''}".strip("-.")
    host += "." + pick(rng, _DOMAINS)
    text = _mail(rng, host, (first, second, third)) if happens(rng, 0.4) else _url(rng, host, (first, second, third))
    if happens(rng, 0.06):
        return text.upper()
    return text.capitalize() if happens(rng, 0.05) else text


def _host_word(rng: Rng, words: WordList) -> str:
    return words(rng).replace("'", "") if happens(rng, 0.85) else run(rng, LOWER + DIGITS, 2, 8)


def _mail(rng: Rng, host: str, words: tuple[str, str, str]) -> str:
    first, second, third = words
    user = pick(rng, (first, first[:1], third)) + pick(rng, ("", ".", "_", "-", "+"))
    return f"{user}{pick(rng, (second, str(whole(rng, 1, 99)), third))}@{host}"


def _url(rng: Rng, host: str, words: tuple[str, str, str]) -> str:
    first, second, third = words
    text = pick(rng, _SCHEMES) + host
    for _ in range(whole(rng, 0, 2) if happens(rng, 0.6) else 0):
        text += "/" + pick(rng, (third, second, run(rng, LOWER + UPPER + DIGITS, 2, 8), third + ".html"))
    if happens(rng, 0.15):
        return text + f"?{pick(rng, ('id', 'q', 'v', 'p', first))}={run(rng, LOWER + UPPER + DIGITS, 1, 9)}"
    return text + "/" if happens(rng, 0.2) else text
