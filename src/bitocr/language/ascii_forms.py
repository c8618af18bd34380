"""ASCII forms of the signs that English prints."""

from __future__ import annotations

ASCII_FORMS = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "--", "…": "...", "•": "*", "×": "x", "÷": "/", "±": "+/-",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "²": "2", "³": "3", "µ": "u", "°": "deg", "€": "EUR", "£": "GBP", "¥": "JPY",
    "§": "Sec.", "©": "(c)", "®": "(R)", "™": "(TM)",
}  # fmt: skip


def to_ascii(text: str) -> str:
    """Text with each of these signs as ASCII: “½” is "1/2", and €9 EUR9. Other characters stay what they are."""
    return text if text.isascii() else "".join(ASCII_FORMS.get(character, character) for character in text)
