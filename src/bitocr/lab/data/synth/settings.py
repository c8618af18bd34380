"""Settings of text on screens, in scenes and in documents: spacing, weight, width."""

from __future__ import annotations

import numpy as np

from bitocr.lab.data.synth.chance import between, happens, whole
from bitocr.lab.data.synth.layout import Setting

Rng = np.random.Generator


def screen_setting(rng: Rng) -> Setting:
    """Text as a browser sets it, sometimes with synthetic bold, wide tracking, or a forced width."""
    setting = Setting(gap=whole(rng, 2, 4) if happens(rng, 0.05) else 1)
    if happens(rng, 0.1):
        setting.tracking = between(rng, 0.02, 0.25)
    if happens(rng, 0.1):
        setting.stroke = between(rng, 0.015, 0.04)
    if happens(rng, 0.08):
        setting.stretch = float(np.exp(between(rng, -0.2, 0.15)))
    if happens(rng, 0.02):
        setting.mode = "1"
    return setting


def scene_setting(rng: Rng) -> Setting:
    setting = Setting()
    if happens(rng, 0.3):
        setting.tracking = between(rng, -0.06, 0.08) if happens(rng, 0.7) else between(rng, 0.1, 0.45)
    if happens(rng, 0.07):
        setting.jitter = between(rng, 0.02, 0.12)
    if happens(rng, 0.15):
        setting.stroke = between(rng, 0.01, 0.05)
    if happens(rng, 0.05):
        setting.initial = between(rng, 1.15, 1.5)
    if happens(rng, 0.3):
        setting.stretch = float(np.exp(between(rng, -0.6, 0.25)))
    return setting


def document_setting(rng: Rng, genre: str) -> Setting:
    """Text of documents, sometimes in columns: narrow and without antialiasing on receipts, jittered on forms."""
    setting = Setting(gap=whole(rng, 2, 6) if happens(rng, 0.12) else 1)
    if happens(rng, 0.25):
        setting.stroke = between(rng, 0.01, 0.04)
    if happens(rng, 0.6 if genre == "receipt" else 0.25):
        setting.stretch = float(np.exp(between(rng, -0.55, 0.15)))
    if genre == "receipt" and happens(rng, 0.25):
        setting.mode = "1"
    if genre == "form" and happens(rng, 0.15):
        setting.jitter = between(rng, 0.01, 0.05)
    return setting
