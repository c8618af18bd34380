"""Texts and attributes for XML 1.0, which does not allow every character."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def content(text: str) -> str:
    """A text between tags."""
    return escape(_FORBIDDEN.sub("\ufffd", text))


def attribute(text: str) -> str:
    """A quoted attribute value."""
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))
