"""What reading does unless told otherwise, for signatures, help texts and documents: the engine decides, not this.

The numbers stand in engine/src/api/reading.c; a test compares them with these. What images may be is decided here.
"""

from __future__ import annotations

MODEL = "english"
#: The n-gram model and the words for the model's language.
LANGUAGE_MODEL = "auto"
#: Texts that the beam search keeps.
BEAM = 16
#: Lines of less confidence are read again.
REREAD_BELOW = 0.8
#: Larger images, in pixels, are refused before they are decoded.
MAX_PIXELS = 40_000_000
#: What the digits of a text can be checked by.
CHECKS = ("luhn", "iban", "mrz", "ean", "date")
#: Of files; `bitocr.formats` has a module for each.
FORMATS = ("text", "json", "tsv", "hocr", "alto", "markdown", "pdf", "png", "jpeg")
