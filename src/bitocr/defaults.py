"""What reading does unless told otherwise, for signatures, help texts and documents: the engine decides, not this.

The numbers stand in engine/src/api/reading.c; a test compares them with these.
"""

from __future__ import annotations

MODEL = "english"
#: The n-gram model and the words for the model's language.
LANGUAGE_MODEL = "auto"
#: Texts that the beam search keeps.
BEAM = 16
#: Lines of less confidence are read again.
REREAD_BELOW = 0.8
