"""Folds characters into the symbols of an n-gram model: numbers, which a `str` holds as its code points."""

from __future__ import annotations

from collections.abc import Iterable

from bitocr.lab.data.charset import Charset

END, OTHER, DIGIT = 0, 1, 2
FEW = 255  # the most symbols of a file of version 1: enough for every alphabet
_NEITHER, _SMALL, _CAPITAL = 0, 1, 2


class Symbols:
    """The symbols of texts: the end of a word, other characters, digits, then one for each letter and the apostrophe.

    Upper and lower case share a symbol. Without a charset, the letters are those of the texts, and letters beyond FEW
    symbols count as other characters. With a charset, they are all of its letters and all signs beyond ASCII, so that a
    sign that the texts lack is rare, and not as probable as all marks together.
    """

    def __init__(self, texts: Iterable[str], charset: Charset | None = None) -> None:
        if charset is None:
            seen = {c.lower() for text in texts for c in text}
            letters = sorted(c for c in seen if c.isalpha() and len(c) == 1)[: FEW - DIGIT - 2]
        else:
            seen = {c.lower() for c in charset.characters}
            letters = sorted(c for c in seen if (c.isalpha() or not c.isascii()) and len(c) == 1)
        known = ["'", *letters]
        self._symbols = {" ": END, **dict.fromkeys("0123456789", DIGIT)}
        self._symbols.update((c, DIGIT + 1 + i) for i, c in enumerate(known))
        self.count = DIGIT + 1 + len(known)

    @property
    def are_many(self) -> bool:
        """Whether the symbols need a file of version 2."""
        return self.count > FEW

    def __getitem__(self, character: str) -> int:
        return self._symbols.get(character.lower(), OTHER)

    def fold(self, text: str) -> str:
        """The symbols of a text between two end symbols, without white space at its ends or doubled."""
        return "".join(map(chr, (END, *(self[c] for c in " ".join(text.split())), END)))

    def table(self) -> list[tuple[str, int, int]]:
        """(character, symbol, case as in ngram.h) by code point, including capitals."""
        rows = {c: (symbol, _SMALL if c.upper() != c else _NEITHER) for c, symbol in self._symbols.items()}
        for c, symbol in self._symbols.items():
            if len(c.upper()) == 1 and c.upper() != c:
                rows.setdefault(c.upper(), (symbol, _CAPITAL))
        return [(c, *rows[c]) for c in sorted(rows)]
