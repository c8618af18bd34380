"""Measures how many codes are read exactly: ten categories of 40 strings, clean and noisy, beside other readers.

    python benchmarks/codes.py [--model english] [--seed 0] [--folder DIR]

The codes are drawn in held-back faces (split: validation), at 24 to 40 pixels on white, and at 13 to 18 pixels with
blur, noise and JPEG. A reading is right if every character, its case and every space are as printed. --folder keeps the
pictures, each set with a labels.tsv. The readers are those of peers.py, and bitocr without its language model.
"""

from __future__ import annotations

import argparse
import string
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from peers import Read, open_readers

from bitocr import Reader
from bitocr.errors import BitocrError
from bitocr.lab.data.synth.chance import between, pick, whole
from bitocr.lab.data.synth.fonts import FontBook
from bitocr.lab.data.synth.layout import Setting, set_text
from bitocr.lab.data.synth.words import english

Rng = np.random.Generator
EACH = 40
UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
WORDS = english(0.7)


def run(rng: Rng, pool: str, low: int, high: int | None = None) -> str:
    return "".join(pick(rng, pool) for _ in range(whole(rng, low, low if high is None else high)))


def word(rng: Rng) -> str:
    return WORDS(rng).replace("'", "")


def part_number(rng: Rng) -> str:
    return f"{run(rng, UPPER, 2, 3)}-{run(rng, DIGITS, 3, 5)}{pick(rng, '-/.')}{run(rng, UPPER + DIGITS, 2, 4)}"


def serial(rng: Rng) -> str:
    return run(rng, UPPER, 1, 3) + run(rng, UPPER + DIGITS, 8, 12)


def mail(rng: Rng) -> str:
    user = f"{word(rng)}{pick(rng, '._-')}{word(rng)}{run(rng, DIGITS, 0, 2)}"
    return f"{user}@{word(rng)}.{pick(rng, ('com', 'org', 'de'))}"


def url(rng: Rng) -> str:
    start = pick(rng, ("https://www.", "http://", "https://"))
    host = f"{word(rng)}{pick(rng, ('', '-'))}{word(rng)}.{pick(rng, ('com', 'net', 'io'))}"
    return f"{start}{host}/{run(rng, LOWER + DIGITS, 3, 6)}"


def iban(rng: Rng) -> str:
    """An IBAN with correct check digits, in groups of four."""
    country, account = run(rng, UPPER, 2), run(rng, DIGITS, 14, 18)
    number = int("".join(str(int(c, 36)) for c in f"{account}{country}00"))
    text = f"{country}{98 - number % 97:02d}{account}"
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def mac(rng: Rng) -> str:
    return pick(rng, ":-").join(run(rng, DIGITS + "ABCDEF", 2) for _ in range(6))


def key(rng: Rng) -> str:
    return "-".join(run(rng, UPPER + DIGITS, 5) for _ in range(4))


def hashed(rng: Rng) -> str:
    return run(rng, DIGITS + "abcdef", 16, 32)


def path(rng: Rng) -> str:
    folders = [word(rng) for _ in range(whole(rng, 2, 3))]
    if rng.random() < 0.5:
        return "C:\\" + "\\".join(each.capitalize() for each in folders) + f".{pick(rng, ('txt', 'dll', 'exe'))}"
    return f"/{'/'.join(folders)}.{pick(rng, ('so.1', 'conf', 'py'))}"


def version(rng: Rng) -> str:
    numbers = ".".join(str(whole(rng, 0, most)) for most in (30, 99, 99))
    return f"v{numbers}{pick(rng, ('-rc', '-beta', '+'))}{whole(rng, 1, 99)}"


CATEGORIES: dict[str, Callable[[Rng], str]] = {
    "part numbers": part_number, "serials": serial, "e-mail": mail, "URLs": url, "IBANs": iban, "MAC addresses": mac,
    "keys": key, "hashes": hashed, "paths": path, "versions": version,
}  # fmt: skip


def clean(rng: Rng, ink: np.ndarray) -> np.ndarray:
    return (255 - np.pad(ink, whole(rng, 3, 8)) * np.float32(between(rng, 0.75, 1))).astype(np.uint8)


def noisy(rng: Rng, ink: np.ndarray) -> np.ndarray:
    paper, tone = between(rng, 170, 245), between(rng, 10, 80)
    ink = np.pad(ink, whole(rng, 2, 4)).astype(np.float32) / 255
    picture = cv2.GaussianBlur(paper + (tone - paper) * ink, (0, 0), between(rng, 0.3, 0.7))
    picture = np.clip(picture + rng.normal(0, between(rng, 3, 9), picture.shape), 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, whole(rng, 50, 80)]
    return cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_GRAYSCALE)


SETS = {"clean, 24-40 px": (24, 40, clean), "noisy, 13-18 px": (13, 18, noisy)}


def draw_set(name: str, folder: Path, seed: int) -> list[tuple[Path, str, str]]:
    """Writes a set to the folder, and returns (picture, text, category) of each code."""
    low, high, finish = SETS[name]
    fonts, drawn = FontBook(split="validation"), []
    folder.mkdir(parents=True, exist_ok=True)
    for number, (category, make) in enumerate(CATEGORIES.items()):
        rng = np.random.default_rng([seed, low, number])
        while len(drawn) < EACH * (number + 1):
            text = make(rng)
            face = fonts(rng, "form", text)
            if face is None or face.caps_only:
                continue
            ink = set_text(rng, face.open(whole(rng, low, high)), text, Setting())
            picture = folder / f"{len(drawn):03d}.png"
            cv2.imwrite(str(picture), finish(rng, ink))
            drawn.append((picture, text, category))
    (folder / "labels.tsv").write_text("".join(f"{path.name}\t{text}\n" for path, text, _ in drawn))
    return drawn


def reading(reader: Reader) -> Read:
    return lambda paths, protocol: [line.text for line in reader.read_lines(paths, errors="return")]


def chosen_readers(model: str) -> dict[str, Read]:
    return {
        f"bitocr {Path(model).stem}": reading(Reader(model)),
        "without its language model": reading(Reader(model, language_model=None)),
        **{name: read for name, (read, _) in open_readers("en").items() if not name.startswith("bitocr ")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="english")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    readers = chosen_readers(arguments.model)
    print(f"| set | reader | exact, % | {' | '.join(CATEGORIES)} |\n|---|---|---|{'---|' * len(CATEGORIES)}")
    with tempfile.TemporaryDirectory() as temporary:
        for name in SETS:
            drawn = draw_set(name, (arguments.folder or Path(temporary)) / name.split(",")[0], arguments.seed)
            for reader, read in readers.items():
                right = defaultdict[str, int](int)
                texts = read([path for path, _, _ in drawn], "line")
                for (_, text, category), found in zip(drawn, texts, strict=True):
                    right[category] += text == found
                shares = " | ".join(f"{100 * right[category] / EACH:.0f}" for category in CATEGORIES)
                print(f"| {name} | {reader} | {100 * sum(right.values()) / len(drawn):.1f} | {shares} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"codes: {error}")
