"""Makes the README's picture: a photo with its boxes, and beside it the text that `bitocr read` prints.

python benchmarks/readme_picture.py examples/photo.jpg docs/images/readme.jpg
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HEIGHT, MARGIN, TEXT_SIZE = 640, 24, 19
TAB = "      "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        boxes = Path(folder) / "boxes.png"
        command = [sys.executable, "-m", "bitocr", str(arguments.photo), "--draw", str(boxes)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip("\n")
        with Image.open(boxes) as opened:
            picture = opened.convert("RGB")
    picture = picture.resize((round(picture.width * HEIGHT / picture.height), HEIGHT), Image.Resampling.LANCZOS)
    text = text.replace("\t", TAB)
    font = ImageFont.load_default(TEXT_SIZE)
    left, top, right, bottom = ImageDraw.Draw(picture).multiline_textbbox((0, 0), text, font=font)
    sheet = Image.new("RGB", (picture.width + int(right - left) + 2 * MARGIN, HEIGHT), "white")
    sheet.paste(picture)
    middle = (HEIGHT - (bottom - top)) / 2
    ImageDraw.Draw(sheet).multiline_text((picture.width + MARGIN, middle), text, fill="black", font=font)
    sheet.save(arguments.out, quality=85)


if __name__ == "__main__":
    main()
