"""The parameters of requests. One table checks requests and describes them in openapi.json."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from bitocr.defaults import CHECKS
from bitocr.serve.errors import RequestError

MAX_WORDS = 10_000
_PAGES = re.compile(r"[1-9][0-9]{0,5}(-([1-9][0-9]{0,5})?)?(,[1-9][0-9]{0,5}(-([1-9][0-9]{0,5})?)?)*")
LONGEST = defaultdict(lambda: 1000, words=200_000, pages=200)
"""Characters of a parameter."""
LONGEST_IN_URL = 2000
"""The same there, where a character may take twelve bytes: the head of a request has 64 KB."""
_NONE: Mapping[str, str] = MappingProxyType({})
_KEPT = 128  # queries whose parameters are kept
_TRUTH = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True)
class Parameters:
    """As they are used. model: "" is the service's first. pages: ranges as in "1-3,7", or "" for all."""

    format: str = "json"
    model: str = ""
    line: bool = False
    allow: str | None = None
    pattern: str | None = None
    check: str | None = None
    words: tuple[str, ...] = ()
    pages: str = ""
    min_confidence: float = 0.0

    def wants(self, page: int) -> bool:
        """Is this page, counted from 1, among those to read?"""
        return not self.pages or any(first <= page <= last for first, last in self._ranges())

    @property
    def last_page(self) -> float:
        """No page after it is read."""
        return max((last for _, last in self._ranges()), default=math.inf) if self.pages else math.inf

    def _ranges(self) -> list[tuple[int, float]]:
        return [_range(part) for part in self.pages.split(",")]


@dataclass(frozen=True)
class Parameter:
    """A parameter: how its text becomes a value, and its description in openapi.json."""

    name: str
    help: str
    convert: Callable[[str], Any]
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})


def _range(text: str) -> tuple[int, float]:
    first, dash, last = text.partition("-")
    return int(first), (math.inf if not last else int(last)) if dash else int(first)


def _truth(text: str) -> bool:
    if text not in _TRUTH:
        raise ValueError("is 1 or 0")
    return _TRUTH[text]


def _check(text: str) -> str:
    if text not in CHECKS:
        raise ValueError(f"is one of {', '.join(CHECKS)}")
    return text


def _words(text: str) -> tuple[str, ...]:
    words = tuple(text.split())
    if not words or len(words) > MAX_WORDS:
        raise ValueError(f"are 1 to {MAX_WORDS:,} words with spaces or line feeds between them")
    return words


def _pages(text: str) -> str:
    if not _PAGES.fullmatch(text):
        raise ValueError("are numbers and ranges, such as 1-3,7")
    return text


def _confidence(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ValueError("is a number from 0 to 1")
    return value


PARAMETERS = (
    Parameter("format", "What the answer is.", str),
    Parameter("model", "One of /v1/models; the first of them reads unless told otherwise.", str),
    Parameter(
        "line",
        "1: the picture is one line or word, not a page.",
        _truth,
        {"type": "string", "enum": list(_TRUTH), "default": "0"},
    ),
    Parameter("allow", "Characters that each line may have, such as 0-9.,-", str),
    Parameter("pattern", "The form of each line, such as DD/DD/DDDD (docs/constraints.md).", str),
    Parameter("check", "What digits of each line are checked by.", _check, {"type": "string", "enum": list(CHECKS)}),
    Parameter("words", "Words that you expect, separated by spaces.", _words, {"type": "string", "pattern": r"\S"}),
    Parameter("pages", "Pages to read, such as 1-3,7.", _pages, {"type": "string", "pattern": f"^{_PAGES.pattern}$"}),
    Parameter(
        "min_confidence",
        "Lines of less confidence are left out.",
        _confidence,
        {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
    ),
)
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


class Parser:
    """Parses a request's parameters. formats, models: the available ones."""

    def __init__(self, formats: Mapping[str, Any], models: Mapping[str, Any]) -> None:
        self._formats, self._models = formats, models
        self._of_url = lru_cache(_KEPT)(self._parse)  # most requests have the same

    def __call__(self, query: bytes, fields: Mapping[str, str]) -> Parameters:
        """The parameters of a URL and a body. Raises RequestError (400) that says what is wrong."""
        return self._parse(query, fields) if fields else self._of_url(query)

    def _parse(self, query: bytes, fields: Mapping[str, str] = _NONE) -> Parameters:
        return parse(_together(query, fields), self._formats, self._models)


def _together(query: bytes, fields: Mapping[str, str]) -> dict[str, str]:
    """Combines the parameters of both. Raises RequestError if one is given twice."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    if any(len(value) > LONGEST_IN_URL for _, value in pairs):
        raise RequestError(400, f"more than {LONGEST_IN_URL:,} characters of a parameter: send it in a form or in JSON")
    pairs += fields.items()
    for name, count in Counter(name for name, _ in pairs).items():
        if count > 1:
            raise RequestError(400, f"the parameter {name[:40]!r} is given twice")
    return dict(pairs)


def parse(given: Mapping[str, str], formats: Mapping[str, Any], models: Mapping[str, Any]) -> Parameters:
    """The parameters of a request. Raises RequestError (400) that names what is wrong."""
    values = {name: _value(name, text) for name, text in given.items()}
    found = Parameters(**values)
    _one_of("format", found.format, formats)
    if found.model:
        _one_of("model", found.model, models)
    if found.pages and found.format == "pdf":
        raise RequestError(400, "format=pdf takes all pages")
    if found.line and found.format not in ("json", "text"):
        raise RequestError(400, f"line=1 answers json or text, not {found.format}")
    return found


def _value(name: str, text: str) -> Any:
    parameter = _BY_NAME.get(name)
    if parameter is None:
        raise RequestError(400, f"there is no parameter {_short(name)}: take {', '.join(_BY_NAME)}")
    if len(text) > LONGEST[name]:
        raise RequestError(400, f"{name} is longer than {LONGEST[name]:,} characters")
    try:
        return parameter.convert(text)
    except ValueError as error:
        raise RequestError(400, f"{name} {error}, not {_short(text)}") from None


def _one_of(name: str, value: str, among: Mapping[str, Any]) -> None:
    if value not in among:
        raise RequestError(400, f"{name} is one of {', '.join(among)}, not {_short(value)}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
