"""bitocr as an engine of other programs: Tesseract's interface, OCRmyPDF, Docling."""

from __future__ import annotations

LANGUAGES = {"chi_sim": "chinese", "eng": "english"}
"""Tesseract's names of languages, with the models for them."""
