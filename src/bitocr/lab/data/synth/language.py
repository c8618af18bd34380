"""What the renderer needs of a language: texts, faces, and how a text is written and set."""

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
    """Roles are what pictures are of: scene, screen, and the genres of documents."""

    genres: Weighted[str]
    screens: float
    """The share of screens among what is no scene."""
    smallest: int
    """The font's least size in scenes, in pixels."""
    pitch: float
    """How far apart strokes are, next to Latin letters of the same height: see `effects`."""

    @property
    def faces(self) -> tuple[Face, ...]: ...

    def text(self, rng: Rng, role: str) -> str:
        """A text as a picture shows it."""

    def face(self, rng: Rng, role: str, text: str) -> Face | None:
        """A face that has every character of the text; None if none was found."""

    def open(self, rng: Rng, face: Face, role: str, size: float) -> Font: ...

    def label(self, face: Face, text: str) -> str:
        """What a picture of the text in this face says."""

    def drawn(self, rng: Rng, face: Face, label: str, text: str) -> str:
        """What is drawn for a text and its label."""


def open_language(
    name: str,
    charset: Charset | None = None,
    faces: tuple[Face, ...] | None = None,
    longest: int | None = None,
    split: str = "all",
) -> Language:
    """A language by its name, for texts of a charset (None: the language's own) of at most `longest` characters.

    `split` is that of the faces: see `split.of_split`.

    Raises:
        UsageError: no such language, a charset without what its texts are made of, no fonts.
    """
    # Here, as Chinese takes seconds to load, which English need not wait for.
    if name == "english":
        from bitocr.lab.data.synth.english import English

        return English(faces, longest, split, charset)
    if name == "chinese":
        from bitocr.lab.data.synth.chinese.language import Chinese

        return Chinese(charset, faces, longest, split)
    raise UsageError(f"no language is called {name!r}: choose one of {', '.join(LANGUAGES)}")
