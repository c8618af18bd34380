"""Teaches the tiny model a font of yours: renders text in it, fine-tunes the model, and reads a line before and after.

pip install 'bitocr[lab]'
python examples/own_font.py MyFont.ttf out/ [IMAGES]

With 20,000 images, the default, it takes some ten minutes on two cores. out/model.bit is the result:
bitocr read --line picture.png --model out/model.bit
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.lab.data.wordlists import top_words

SIZE, PICTURES = 40, 500


def texts(count: int) -> list[str]:
    """Words in several cases, prices and short phrases: write what your pictures show."""
    draw, words = random.Random(0), top_words("en", 5000)
    kinds = [
        lambda: draw.choice(words).title(),
        lambda: draw.choice(words).upper(),
        lambda: " ".join(draw.choices(words, k=3)),
        lambda: f"${draw.randrange(1000)}.{draw.randrange(100):02}",
    ]
    return [draw.choice(kinds)() for _ in range(count)]


def picture(text: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """Black text on white, with a margin. Training adds blur, noise and lean itself."""
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (int(right - left) + 20, int(bottom - top) + 20), "white")
    ImageDraw.Draw(image).text((10 - left, 10 - top), text, fill="black", font=font)
    return image


def main(font_file: str, out: str, images: int = 20_000) -> None:
    font, folder = ImageFont.truetype(font_file, SIZE), Path(out) / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    labels = []
    for number, text in enumerate(texts(PICTURES)):
        picture(text, font).save(folder / f"{number:04}.png")
        labels.append(f"{number:04}.png\t{text}\n")
    (folder / "labels.tsv").write_text("".join(labels), encoding="utf-8")

    settings = [f"data={folder}", "start=english-tiny", f"images={images}", f"out={out}"]
    subprocess.run([sys.executable, "-m", "bitocr", "train", "finetune", *settings], check=True)

    sample = picture("Sphinx of black quartz, 1234567890", font)
    print("before:", Reader("english-tiny", language_model=None).read_line(sample).text)
    print("after: ", Reader(Path(out) / "model.bit").read_line(sample).text)


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:4]))
