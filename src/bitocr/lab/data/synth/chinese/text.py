"""Chinese texts of signs, screens, receipts, forms and pages: 1 to 40 characters."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from bitocr.lab.data.charset import Charset
from bitocr.lab.data.synth import tokens as latin
from bitocr.lab.data.synth import words as latin_words
from bitocr.lab.data.synth.chance import Weighted, happens, pick, whole
from bitocr.lab.data.synth.chinese import tokens
from bitocr.lab.data.synth.chinese.words import ChineseWords
from bitocr.lab.data.synth.scene_text import recase
from bitocr.language.unicode_forms import normalise

Rng = np.random.Generator

LONGEST = 40
_ENDS = Weighted({"。": 30, "，": 22, "": 32, "！": 6, "？": 4, "；": 2, "：": 2, "……": 1, "、": 1})
_PAIRS = ("《》", "《》", "“”", "“”", "（）", "（）", "【】", "「」", "‘’", "()", "『』", "〈〉", "[]", "〔〕", "〖〗")
_JOINS = (
    "，",
    "，",
    "，",
    "，",
    "、",
    "的",
    "",
    "",
    " ",
    "：",
    "。",
    "——",
    "·",
    "/",
    "-",
    "；",
    "—",
    "~",
    "|",
    "+",
    "&",
)
_WIDE = {0x20: 0x3000, **{code: code + 0xFEE0 for code in range(0x21, 0x7F)}}
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@lru_cache(maxsize=1)
def phrases() -> tuple[str, ...]:
    """Sentences and labels of user interfaces, from phrases.txt (made by `build_phrases`)."""
    return tuple((Path(__file__).parent / "phrases.txt").read_text(encoding="utf-8").splitlines())


class ChineseText:
    """`ChineseText(charset)(rng, genre)` is the text of a picture: 1..longest characters with single spaces.

    The charset covers its label, which is `normalise` of the text; full-width forms are drawn as such. Genres: scene,
    screen, receipt, form, book.
    """

    def __init__(self, charset: Charset, longest: int = LONGEST) -> None:
        self.charset, self.longest = charset, longest
        self.words = ChineseWords(charset.characters)
        self.english = latin_words.english(0.7)
        self.phrases = [phrase for phrase in phrases() if charset.covers(normalise(phrase))] or ["1"]
        self._slots = self._fillers()
        kinds: dict[str, dict[Callable[[Rng], str], float]] = {
            "scene": {
                self.sign: 30, self.headline: 10, self.rare: 18, self.sentence: 10, self._pattern("sign"): 10,
                self._pattern("form"): 4, self.mixed: 6, tokens.price: 3, tokens.phone: 2, tokens.date: 2,
                tokens.number: 2, self.foreign: 6,
            },
            "screen": {
                self.phrase: 30, self.sentence: 22, self.rare: 14, self.headline: 8, self._pattern("chat"): 8,
                self._pattern("form"): 6, self.mixed: 6, tokens.date: 2, tokens.number: 2, self.foreign: 5,
            },
            "receipt": {
                self._pattern("receipt"): 62, self.sign: 10, self.rare: 14, tokens.price: 6, tokens.date: 4,
                tokens.phone: 2, self.mixed: 2,
            },
            "form": {
                self._pattern("form"): 58, self.sentence: 14, self.rare: 18, tokens.date: 4, tokens.number: 3,
                self.mixed: 3,
            },
            "book": {self.sentence: 74, self.rare: 20, self.headline: 6},
        }  # fmt: skip
        self._kinds = {genre: Weighted(weights) for genre, weights in kinds.items()}

    def __call__(self, rng: Rng, genre: str) -> str:
        while True:
            text = self._cut(rng, " ".join(self._kinds[genre](rng)(rng).split()))
            if happens(rng, 0.06):
                text = text.translate(_NARROW)
            elif happens(rng, 0.015):
                text = text.translate(_WIDE).strip()
            label = normalise(text)
            if label and self.charset.covers(label):
                return text

    def _cut(self, rng: Rng, text: str) -> str:
        """The end, beginning or middle of a text that is too long."""
        if len(text) <= self.longest:
            return text
        length = whole(rng, max(1, self.longest // 2), self.longest)
        start = pick(rng, (0, 0, len(text) - length, whole(rng, 0, len(text) - length)))
        return text[start : start + length].strip()

    def sentence(self, rng: Rng) -> str:
        """Running text with punctuation. It begins and ends anywhere, as lines of pages and screens do."""
        length = whole(rng, 2, self.longest)
        text = ""
        while len(text) < length:
            text += self._running(rng)
            if happens(rng, 0.14):
                text += _ENDS(rng)
        return text[:length] if happens(rng, 0.4) else text + _ENDS(rng)

    def _running(self, rng: Rng) -> str:
        kind = rng.random()
        if kind < 0.86:
            return self.words.running(rng)
        if kind < 0.93:
            return self.words.flat(rng)
        if kind < 0.955:
            pair = pick(rng, _PAIRS)
            return pair[0] + self.words.flat(rng) + pair[1]
        if kind < 0.975:
            return tokens.number(rng)
        return recase(rng, self.english(rng)) if kind < 0.985 else tokens.date(rng)

    def headline(self, rng: Rng) -> str:
        """A few words without grammar between them: titles, slogans, menus."""
        parts = [self.words.flat(rng) for _ in range(whole(rng, 1, 6))]
        if len(parts) > 2 and happens(rng, 0.35):
            parts.insert(whole(rng, 1, len(parts) - 1), pick(rng, ("：", "，", " ", "！", "、", "·", "|", "——", " - ")))
        return "".join(parts) + (pick(rng, ("！", "？", "…", "")) if happens(rng, 0.15) else "")

    def sign(self, rng: Rng) -> str:
        """One or two words."""
        text = self.words.flat(rng)
        return text if happens(rng, 0.6) else text + self.words.flat(rng)

    def rare(self, rng: Rng) -> str:
        """Hanzi of the charset, all equally likely, with words between them; sometimes signs."""
        parts = []
        for _ in range(min(whole(rng, 1, 8), whole(rng, 1, 8))):
            kind = rng.random()
            if kind < 0.78:
                parts.append(self.words.with_rare(rng))
            elif kind < 0.86 and self.words.signs:
                parts.append(pick(rng, self.words.signs))
            else:
                parts.append(self.words.running(rng) if kind < 0.96 else latin.scramble(rng)[:4])
        return "".join(parts)

    def mixed(self, rng: Rng) -> str:
        """Hanzi beside letters, digits and codes."""
        other = pick(rng, (self._english, tokens.number, latin.code, tokens.price, tokens.date, tokens.clock))
        parts = [self.words.flat(rng), other(rng), self.words.running(rng)]
        start = whole(rng, 0, 1)
        return pick(rng, ("", "", " ", *_JOINS[:5])).join(parts[start : whole(rng, start + 2, 3)])

    def foreign(self, rng: Rng) -> str:
        """Text without hanzi."""
        web: Callable[[Rng], str] = partial(latin.web, word=self.english)
        return pick(rng, (self._english, self._english_line, latin.code, latin.scramble, web))(rng)

    def phrase(self, rng: Rng) -> str:
        return pick(rng, self.phrases)

    def name(self, rng: Rng) -> str:
        """A person's."""
        given = pick(rng, self.words.hanzi[:2500]) if happens(rng, 0.4) else self.words.short(rng)
        return pick(rng, tokens.SURNAMES) + given

    def _english(self, rng: Rng) -> str:
        return " ".join(recase(rng, self.english(rng)) for _ in range(whole(rng, 1, 2)))

    def _english_line(self, rng: Rng) -> str:
        return " ".join(self._english(rng) for _ in range(whole(rng, 1, 4)))

    def _pattern(self, name: str) -> Callable[[Rng], str]:
        lines = tokens.patterns(name)
        return lambda rng: latin.fill(rng, pick(rng, lines), self._slots)

    def _fillers(self) -> dict[str, Callable[[Rng], str]]:
        words = self.words
        return {
            "word": words.flat, "short": words.short, "running": words.running, "rare": words.with_rare,
            "name": self.name, "place": lambda rng: pick(rng, tokens.PLACES), "text": self.sentence,
            "number": tokens.number, "date": tokens.date, "time": tokens.clock, "price": tokens.price,
            "amount": latin.amount, "phone": tokens.phone, "percent": latin.percent, "code": latin.code,
            "english": self._english, "unit": lambda rng: pick(rng, tokens.UNITS), "at": lambda rng: "@",
            "hash": lambda rng: "#", "web": partial(latin.web, word=self.english),
        }  # fmt: skip
