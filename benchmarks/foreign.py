"""Measures whether confidence detects what a model cannot write: words, half of them with letters beyond its charset.

    python benchmarks/foreign.py [--model english] [--count 600] [--seed 0] [--folder DIR]

Draws English words, and words of other languages with at least one accented or Cyrillic letter, in held-back faces
(split: validation). A reading is right if it is exactly what is printed. Prints the share of right readings and the
mean confidence of both halves, and the area under the ROC curve of confidence for right against wrong readings.
--folder keeps the pictures with their labels.tsv, for instance for `bitocr calibrate`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr import Reader
from bitocr.errors import BitocrError
from bitocr.lab.data.charset import ENGLISH
from bitocr.lab.data.synth import geometry, scan
from bitocr.lab.data.synth.chance import between, pick
from bitocr.lab.data.synth.effects import SCANNER, degrade
from bitocr.lab.data.synth.fonts import FontBook
from bitocr.lab.data.synth.layout import Ink, set_text
from bitocr.lab.data.synth.pen import draw
from bitocr.lab.data.synth.settings import document_setting
from bitocr.lab.data.wordlists import top_words

Rng = np.random.Generator
LANGUAGES = ("cs", "da", "de", "es", "fi", "fr", "hu", "pl", "pt", "sv", "tr")
RUSSIAN = (
    "время человек город работа вопрос сторона страна случай ребёнок голова система отношение женщина деньги земля "
    "машина вода отец проблема решение история власть тысяча закон процесс конец начало вечер комната порядок месяц"
).split()
PICTURES = ("form", "book", "receipt")


def foreign_words() -> list[str]:
    """Words with letters beyond ASCII, a fifth of them Cyrillic."""
    latin = [word for each in LANGUAGES for word in top_words(each, 2000) if word.isalpha() and not word.isascii()]
    return latin + RUSSIAN * (len(latin) // (4 * len(RUSSIAN)))


def draws(font: Any, text: str) -> bool:
    """Whether the font has every character, each with a different shape."""
    nothing = draw(font, "\uffff")[0].tobytes()
    return all(mask.size and mask.tobytes() != nothing for mask in (draw(font, c)[0] for c in text if c != " "))


def picture(rng: Rng, fonts: FontBook, words: list[str]) -> tuple[NDArray[np.uint8], str] | None:
    word, role = pick(rng, words), pick(rng, PICTURES)
    text = pick(rng, (word, word, word.capitalize(), word.upper()))
    face = fonts(rng, role, "".join(c for c in text if c in ENGLISH))
    if face is None or face.caps_only:
        return None
    font = face.open(between(rng, 18, 40))
    if not draws(font, text):
        return None
    mask = set_text(rng, font, text, document_setting(rng, role))
    ink = Ink(mask, (0, 0, mask.shape[1], mask.shape[0]))
    placed = geometry.place(ink, np.eye(3), geometry.document_margins(rng))
    return degrade(rng, scan.SCANNERS[role](rng)(rng, placed), SCANNER), text


def area(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The share of pairs of a right and a wrong reading in which the right one has more confidence; ties count half."""
    sure, unsure = confidence[right][:, None], confidence[~right]
    return float(((sure > unsure) + 0.5 * (sure == unsure)).mean())


def keep(folder: Path, samples: list[tuple[NDArray[np.uint8], str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, (image, _) in enumerate(samples):
        cv2.imwrite(str(folder / f"{number:03d}.png"), image)
    labels = "".join(f"{number:03d}.png\t{text}\n" for number, (_, text) in enumerate(samples))
    (folder / "labels.tsv").write_text(labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="english")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    rng, fonts = np.random.default_rng(arguments.seed), FontBook(split="validation")
    english, foreign = [word for word in top_words("en", 8000) if word.isascii()], foreign_words()
    samples: list[tuple[NDArray[np.uint8], str]] = []
    while len(samples) < arguments.count:
        drawn = picture(rng, fonts, foreign if len(samples) % 2 else english)
        samples += [drawn] if drawn else []
    if arguments.folder:
        keep(arguments.folder, samples)
    lines = Reader(arguments.model).read_lines([image for image, _ in samples])
    confidence = np.array([line.confidence for line in lines])
    right = np.array([line.text == text for line, (_, text) in zip(lines, samples, strict=True)])
    print("| words | right, % | mean confidence |\n|---|---|---|")
    for name, half in (("English", slice(0, None, 2)), ("foreign", slice(1, None, 2))):
        print(f"| {name} | {100 * right[half].mean():.1f} | {confidence[half].mean():.2f} |")
    print(f"\narea under the curve: {area(confidence, right):.3f}")


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"foreign: {error}")
