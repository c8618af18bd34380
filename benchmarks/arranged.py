"""Measures how often text that is not an upright line is read: python benchmarks/arranged.py [--count N]

Draws words and lines in held-back faces, turned, as columns, and one above the other; also hanzi for chinese.bit, if
there are faces for them. Prints how many are read as printed under the protocol `line`, and in how many the angle is
right. Single characters are drawn too, since these must stay as they are.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.errors import BitocrError
from bitocr.inspect.metrics import normalise_line
from bitocr.lab.data.synth.chinese.faces import find_han_faces
from bitocr.lab.data.synth.faces import Face, find_faces
from bitocr.lab.data.synth.split import of_split

WORDS = (
    "Platform 9|Fragile|Handle with care|Total 48.20|Invoice|Gate 12 closes|Flughafen|July 22|2.79 x 3|umbrella"
).split("|")
COLUMNS = "EXIT HOTEL PARKING SALE CAFE BANK TAXI POLICE OPEN CINEMA".split()
HANZI = "出口 禁止吸烟 中国银行 北京大学 三月二日 开放时间 公共汽车 火车站".split()
SINGLES = "I l 1 ! t f j i ( ) [ ] / J 7 A g B R m W 8 ? ; & %".split()
Font = ImageFont.FreeTypeFont
Drawn = tuple[np.ndarray, str, int]


def written(lines: Sequence[str], font: Font, pitch: float) -> np.ndarray:
    """Lines one above the other, centred: uint8 [H, W]."""
    width = max(round(font.getlength(line)) for line in lines) + 12
    step = round(font.size * pitch)
    image = Image.new("L", (width, step * len(lines) + 12), 245)
    for number, line in enumerate(lines):
        place = ((width - font.getlength(line)) / 2, 6 + number * step)
        ImageDraw.Draw(image).text(place, line, font=font, fill=20)
    return np.asarray(image)


def turned(angle: int) -> Callable[[random.Random, Font], Drawn]:
    def draw(rng: random.Random, font: Font) -> Drawn:
        text = rng.choice(WORDS)
        return np.ascontiguousarray(np.rot90(written([text], font, 1.2), -angle // 90)), text, angle

    return draw


def stacked(texts: Sequence[str]) -> Callable[[random.Random, Font], Drawn]:
    def draw(rng: random.Random, font: Font) -> Drawn:
        text = rng.choice(texts)
        return written(text, font, rng.uniform(1.0, 1.4)), text, 0

    return draw


def two_lines(rng: random.Random, font: Font) -> Drawn:
    pair = rng.sample(WORDS, 2)
    return written(pair, font, 1.3), " ".join(pair), 0


def single(rng: random.Random, font: Font) -> Drawn:
    text = rng.choice(SINGLES)
    return written([text], font, 1.2), text, 0


def measure(reader: Reader, faces: Sequence[Face], draw: Callable[[random.Random, Font], Drawn], count: int) -> str:
    rng = random.Random(1)
    drawn = []
    while len(drawn) < count:
        face = rng.choice(faces)
        image, text, angle = draw(rng, ImageFont.truetype(face.path, rng.randint(22, 40), index=face.index))
        if face.covers(text) and not face.caps_only:
            drawn.append((image, text, angle))
    lines = reader.read_lines([image for image, _, _ in drawn])
    pairs = list(zip(lines, drawn, strict=True))
    right = sum(normalise_line(line.text) == normalise_line(text) for line, (_, text, _) in pairs)
    angles = sum(line.angle == angle for line, (_, _, angle) in pairs)
    return f"| {right / count:.1%} | {angles / count:.1%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="images of each kind")
    count = parser.parse_args().count
    kinds = {
        "upright": turned(0),
        "turned by 90": turned(90),
        "turned by 180": turned(180),
        "turned by 270": turned(270),
    }
    kinds |= {"letters in a column": stacked(COLUMNS), "two lines": two_lines, "a lone character": single}
    faces = of_split(find_faces(), "validation")
    print("| | read as printed | angle |\n|---|---|---|")
    for name, draw in kinds.items():
        print(f"| {name} {measure(Reader('english'), faces, draw, count)}")
    try:
        han = of_split(find_han_faces("".join(HANZI)), "validation")
    except BitocrError as error:
        print(f"no hanzi: {error}")
        return
    print(f"| hanzi in a column {measure(Reader('chinese'), han, stacked(HANZI), count)}")


if __name__ == "__main__":
    main()
