"""Defaults of reading, for signatures and help texts. The engine decides, not this module.

The numbers are in engine/src/api/reading.c; a test compares them with these. Limits of images are decided here.
"""

from __future__ import annotations

MODEL = "english"
#: The n-gram model and the words for the model's language.
LANGUAGE_MODEL = "auto"
#: Texts that the beam search keeps.
BEAM = 16
#: Lines with less confidence are read again.
REREAD_BELOW = 0.8
#: Larger images, in pixels, are refused before they are decoded.
MAX_PIXELS = 40_000_000
#: Checks of a text's digits.
CHECKS = ("luhn", "iban", "mrz", "ean", "date")
#: Output formats; `bitocr.formats` has a module for each.
FORMATS = ("text", "json", "tsv", "hocr", "alto", "markdown", "pdf", "png", "jpeg")
