"""The default pictures of `make bench-web`, in Pillow's own face: lines of one to five words, pages of paragraphs."""

from __future__ import annotations

import json
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WORDS = """\
the of and to in is was for that on as with by at from his an were are which had also be has it first one two
their its after new who they not been but or her she all have other people more time year years during can made
most city world over only known some into there then state between where may use part than many three when no
both these out century called early later used found being under national north south history family music
school members team game season club town area water north river house church park street place built group
government service second several company public since war system international including large small set name
John London January 1998 2004 £12.50 (see page 41), No. 7; 18,250 "quoted" well-known today.""".split()
LINES, PAGES = 40, 3


def sentence(dice: random.Random, words: int) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(words))


def softened(image: Image.Image, dice: random.Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 0.7)))


def line(dice: random.Random) -> tuple[Image.Image, str]:
    text = sentence(dice, dice.randint(1, 5))
    face = ImageFont.load_default(dice.randint(18, 40))
    left, top, right, bottom = face.getbbox(text)
    margin = dice.randint(3, 9)
    size = (int(right - left) + 2 * margin, int(bottom - top) + 2 * margin)
    image = Image.new("RGB", size, (dice.randint(215, 255),) * 3)
    ImageDraw.Draw(image).text((margin - left, margin - top), text, (dice.randint(0, 90),) * 3, face)
    return softened(image, dice), text


def page(dice: random.Random) -> tuple[Image.Image, list[dict[str, object]]]:
    """One or two columns of paragraphs with headings."""
    image = Image.new("RGB", (1000, 1300), (dice.randint(235, 255),) * 3)
    pen, items = ImageDraw.Draw(image), []
    columns = dice.choice((1, 2))
    width = 900 // columns
    for column in range(columns):
        x, y = 50 + column * width, 60
        while y < 1200:
            face = ImageFont.load_default(dice.choice((18, 20, 20, 22, 30)))
            for _ in range(1 if face.size == 30 else dice.randint(3, 8)):
                text = fitting(dice, face, width - 40)
                left, top, right, bottom = (round(v) for v in face.getbbox(text))
                pen.text((x, y), text, (30, 30, 30), face)
                box = (x + left, y + top, x + right, y + bottom)
                items.append({"text": text, "quad": corners(*box)})
                y += round(1.3 * face.size)
            y += 24
    return softened(image, dice), items


def fitting(dice: random.Random, face: ImageFont.FreeTypeFont, width: int) -> str:
    words = [dice.choice(WORDS)]
    while face.getlength(" ".join([*words, word := dice.choice(WORDS)])) < width:
        words.append(word)
    return " ".join(words)


def corners(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def render(folder: Path) -> None:
    """Writes a set of lines, with its labels.tsv, and one of pages, with its pages.json."""
    dice = random.Random(7)
    for name in ("lines", "pages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    labels, pages = [], []
    for number in range(LINES):
        image, text = line(dice)
        image.save(folder / "lines" / f"{number:02}.png")
        labels.append(f"{number:02}.png\t{text}\n")
    for number in range(PAGES):
        image, items = page(dice)
        image.save(folder / "pages" / f"{number}.png")
        pages.append({"image": f"{number}.png", "width": image.width, "height": image.height, "items": items})
    (folder / "lines" / "labels.tsv").write_text("".join(labels), "utf-8")
    (folder / "pages" / "pages.json").write_text(json.dumps(pages), "utf-8")
