"""Measures the peak memory of reading a page in a new process: 1 Mpixel, and 100 Mpixel in gray and in colour.

    python benchmarks/page_memory.py [--model english]

Renders pages of dense text, and prints the peak of each process's resident memory beside its limit: 120 MB for 1 Mpixel
and 400 MB for 100 Mpixel in gray; in colour twice the decoded bytes and 150 MB. Takes minutes, and 1 GB of memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

TEXT = "The quick brown fox jumps over the lazy dog, and 1,234 others watch it run. "
PAGES = {
    "1 Mpixel": ("L", 1000, 1),
    "100 Mpixel, gray": ("L", 10000, 10),
    "100 Mpixel, colour": ("RGB", 10000, 10),
    "100 Mpixel, gray, ten columns of small print": ("L", 10000, 1),
}
"""The mode, the width and height, and the enlargement of the text."""
READ = (
    "import sys; from bitocr import Reader;"
    "page = Reader(sys.argv[2], max_pixels=200_000_000).read(sys.argv[1]);"
    "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'));"
    "print(len(page.lines), int(peak.split()[1]) * 1024)"
)
"""Reads VmHWM, not ru_maxrss, which a process inherits from its parent."""
MB = 1_000_000


def page(mode: str, side: int, scale: int) -> Image.Image:
    """Lines of text in columns, `scale` times 20 pixels high."""
    column = Image.new("L", (1000, 1000), 255)
    pen = ImageDraw.Draw(column)
    for row in range(30):
        pen.text((20, 20 + 32 * row), TEXT, 0, ImageFont.load_default(22))
    column = column.resize((1000 * scale, 1000 * scale), Image.Resampling.BICUBIC)
    out = Image.new("L", (side, side), 255)
    for top in range(0, side, column.height):
        for left in range(0, side, column.width):
            out.paste(column, (left, top))
    return out.convert(mode)


def limit(mode: str, pixels: int) -> float:
    if pixels <= MB:
        return 120
    return 400 if mode == "L" else 2 * 3 * pixels / MB + 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="english")
    model = parser.parse_args().model
    print("| page | lines | peak, MB | limit, MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (mode, side, scale) in PAGES.items():
            path = Path(folder) / "page.png"
            page(mode, side, scale).save(path, compress_level=1)
            done = subprocess.run([sys.executable, "-c", READ, path, model], capture_output=True, text=True, check=True)
            lines, peak = map(int, done.stdout.split())
            print(f"| {name} | {lines} | {peak / MB:.0f} | {limit(mode, side * side):.0f} |", flush=True)


if __name__ == "__main__":
    main()
