"""What reading does unless told otherwise, in one place: signatures, help texts and documents take it from here."""

from __future__ import annotations

MODEL = "english"
#: The n-gram model and the words for the model's language.
LANGUAGE_MODEL = "auto"
#: Texts that the beam search keeps.
BEAM = 16
#: Lines of less confidence are read again. The engine decides (`BITOCR_REREAD`); a test compares the two.
REREAD_BELOW = 0.8
