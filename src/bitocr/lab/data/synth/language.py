"""The interface of a language to the renderer: texts, faces, labels, and how a text is drawn."""

from __future__ import annotations

from typing import Protocol, get_args

import numpy as np

from bitocr.errors import UsageError
from bitocr.lab.config.data import LanguageName
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.synth.chance import Weighted
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.pen import Font

Rng = np.random.Generator

LANGUAGES: tuple[LanguageName, ...] = get_args(LanguageName)


class Language(Protocol):
    """A language. Its roles are the kinds of pictures: scene, screen, and the genres of documents."""

    genres: Weighted[str]
    screens: float
    """The share of screens among pictures that are not scenes."""
    smallest: int
    """The least size of a font in scenes, in pixels."""
    pitch: float
    """The distance between strokes relative to Latin letters of the same height: see `effects`."""

    @property
    def faces(self) -> tuple[Face, ...]: ...

    def text(self, rng: Rng, role: str) -> str:
        """A text as a picture shows it."""

    def face(self, rng: Rng, role: str, text: str) -> Face | None:
        """A face that has every character of the text; None if there is none."""

    def open(self, rng: Rng, face: Face, role: str, size: float) -> Font: ...

    def label(self, face: Face, text: str) -> str:
        """The label of a picture of the text in this face."""

    def drawn(self, rng: Rng, face: Face, label: str, text: str) -> str:
        """The characters to draw for a text and its label."""


def open_language(
    name: str,
    charset: Charset | None = None,
    faces: tuple[Face, ...] | None = None,
    longest: int | None = None,
    split: str = "all",
) -> Language:
    """Opens a language by name, for texts of at most `longest` characters from a charset (None: the language's own).

    `split` is the split of the faces: see `split.of_split`.

    Raises:
        UsageError: there is no such language, the charset lacks its characters, or there are no fonts.
    """
    # Import here: Chinese takes seconds to load, and English should not wait for it.
    if name == "english":
        from bitocr.lab.data.synth.english import English

        return English(faces, longest, split, charset)
    if name == "chinese":
        from bitocr.lab.data.synth.chinese.language import Chinese

        return Chinese(charset, faces, longest, split)
    raise UsageError(f"no language is called {name!r}: choose one of {', '.join(LANGUAGES)}")
