"""The normal form of texts, labels, charsets and word lists.

One rule for wide and narrow forms: they are the usual form. Full-width "，Ａ１" is ",A1" and half-width "｡ｱ" is "。ア",
the ideographic space is a space; a font may draw either. Other compatibility characters (①, ℃, …) stay what they are.
Scoring by NFKC sees no difference.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def normalise(text: str) -> str:
    """Text in normal form: NFC, with wide and narrow forms as the usual ones."""
    return unicodedata.normalize("NFC", text if text.isascii() else text.translate(_usual_forms()))


@lru_cache(maxsize=1)
def _usual_forms() -> dict[int, str]:
    """Code points that Unicode calls <wide> or <narrow> forms of others, and those others."""
    codes = (0x3000, *range(0xFF00, 0xFFF0))
    forms = {code: unicodedata.decomposition(chr(code)).split() for code in codes}
    return {code: chr(int(form[1], 16)) for code, form in forms.items() if form and form[0] in ("<wide>", "<narrow>")}
