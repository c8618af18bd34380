"""Words with letters that English lacks, so that a network gives low confidence to letters that it cannot write.

The label replaces each such letter at random. The picture does not show the choice, so the network learns to be unsure.
Most often an accented letter becomes its plain letter, as users expect.
"""

from __future__ import annotations

import unicodedata
import zlib
from functools import lru_cache

import numpy as np

from bitocr.lab.data.charset import ENGLISH, SIGNS
from bitocr.lab.data.synth.chance import happens, pick, whole
from bitocr.lab.data.synth.english import English
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.pen import draw
from bitocr.lab.data.wordlists import top_words

Rng = np.random.Generator

LANGUAGES = ("cs", "da", "de", "es", "fi", "fr", "hu", "nb", "pl", "pt", "ro", "sk", "sv", "tr")
_WORDS = 4000
_ALPHABETS = ("абвгдежзийклмнопрстуфхцчшщъыьэюяѐёіїєў", "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώ")
_SAME = dict(zip("аеорсухіАВЕКМНОРСТХІοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxiABEKMHOPCTXIoABEZHIKMNOPTYX", strict=True))
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MARKS = "0123456789*~^'\"!?/|{}[]()<>=+%$#@&"
_DRAWN = 20


@lru_cache(maxsize=1)
def _latin() -> tuple[str, ...]:
    """Frequent words in Latin script with letters beyond ASCII."""
    return tuple(
        word for each in LANGUAGES for word in top_words(each, _WORDS) if word.isalpha() and not word.isascii()
    )


@lru_cache(maxsize=1)
def _letters() -> frozenset[str]:
    """All letters beyond ASCII of these texts."""
    texts = "".join((*_latin(), *_ALPHABETS))
    return frozenset(c for c in texts + texts.upper() if not c.isascii())


@lru_cache(maxsize=4096)
def _drawn(face: Face) -> frozenset[str]:
    """The letters beyond ASCII that a face draws in a shape of their own."""
    font = face.open(_DRAWN)
    nothing = draw(font, "\uffff")[0].tobytes()
    masks = {c: draw(font, c)[0] for c in _letters()}
    return frozenset(c for c, mask in masks.items() if mask.size and mask.tobytes() != nothing)


def _known(character: str) -> bool:
    return character.isascii() or character in SIGNS


def _plain(character: str) -> str:
    """The ASCII letter that this one is a variant of or looks like; "" if there is none."""
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base in ENGLISH else _SAME.get(character, "")


def unwritable(rng: Rng, character: str) -> str:
    """A random replacement for a letter that English lacks: its plain letter, nothing, another letter, or a mark."""
    plain, lot = _plain(character), rng.random()
    if plain and lot < 0.35:
        return plain
    if lot < 0.5:
        return ""
    letter = pick(rng, _LETTERS)
    return pick(rng, _MARKS) if lot > 0.8 else letter.upper() if character.isupper() else letter


class ForeignText(English):
    """English with words of other languages, some beside English words."""

    def _text(self, rng: Rng, role: str) -> str:
        word = self._word(rng)
        word = pick(rng, (word, word, word.capitalize(), word.upper()))
        if happens(rng, 0.7):
            return word
        words = [word, self.document_text.words(rng)]
        return " ".join(words if happens(rng, 0.5) else words[::-1])

    def _word(self, rng: Rng) -> str:
        if happens(rng, 0.75):
            return pick(rng, _latin())
        alphabet = pick(rng, _ALPHABETS)
        return "".join(pick(rng, alphabet) for _ in range(whole(rng, 2, 9)))

    def face(self, rng: Rng, role: str, text: str) -> Face | None:
        foreign = {c for c in text if not _known(c)}
        for _ in range(10):
            face = super().face(rng, role, "".join(c for c in text if _known(c)))
            if face is not None and not face.caps_only and foreign <= _drawn(face):
                return face
        return None

    def label(self, face: Face, text: str) -> str:
        """A random label, always the same for the same face and text."""
        rng = np.random.default_rng(zlib.crc32(f"{face.path} {text}".encode()))
        written = "".join(c if _known(c) else unwritable(rng, c) for c in text)
        return " ".join(written.split())

    def drawn(self, rng: Rng, face: Face, label: str, text: str) -> str:
        return text
