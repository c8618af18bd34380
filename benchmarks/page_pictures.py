"""Makes pictures for the docs: a sign, a receipt, a form and a screen, with what is found in them.

    python benchmarks/page_pictures.py OUT [--backgrounds /usr/share/backgrounds]

Renders them in the Liberation faces on photographs of Debian's lomiri-wallpapers-16.04, writes each as OUT/NAME.jpg and
with its boxes as OUT/NAME-read.jpg, and prints what is read.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from bitocr import Reader
from bitocr.draw import draw

PHOTO, TABLE = "picosdeeuropa_by_Aitzol_Berasategi.jpg", "Picture_0B_by_freespace.jpg"
Corners = tuple[tuple[float, float], ...]
RECEIPT = """\
       GREEN VALLEY
      FOOD & GARDEN
   14 Mill Lane, Oakham
     Tel 01632 960441

Date 12/09/2025   14:07
-----------------------
Sourdough loaf     3.80
Oat milk 1L x2     3.90
Tomatoes 0.740 kg  2.22
Olive oil 500ml    7.45
Basil in a pot     1.60
-----------------------
SUBTOTAL          18.97
VAT 5%             0.95
TOTAL             19.92
CARD              19.92

   THANK YOU, CALL AGAIN"""
FIELDS = [
    [("Family name", "Okonkwo"), ("First name", "Adaeze"), ("Date of birth", "03/11/1984")],
    [("Street", "27 Harbour View"), ("Town", "Port Ellen"), ("Postcode", "PA42 7DE")],
    [("Telephone", "01632 960 118"), ("E-mail", "adaeze@example.org"), ("Member no.", "4417-0923")],
]
MENU = ["Overview", "Messages", "Invoices", "Customers", "Reports", "Settings"]
TABLE_ROWS = [
    ("Invoice", "Customer", "Due", "Amount"),
    ("#2041", "Brightwater Ltd", "14 Oct", "$1,250.00"),
    ("#2042", "Nordic Timber", "18 Oct", "$860.40"),
    ("#2043", "Studio Amaro", "21 Oct", "$2,315.75"),
    ("#2044", "Hillside Farm", "30 Oct", "$98.20"),
]


def face(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(f"Liberation{name}.ttf", size)


def laid(ground: Image.Image, sheet: Image.Image, corners: Corners) -> Image.Image:
    """Lays the sheet on the ground with its corners at `corners`, clockwise from the top left."""
    width, height = sheet.size
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    matrix = np.linalg.solve(np.array(rows, float), np.array(values, float)).tolist()
    how = Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC
    mask = Image.new("L", sheet.size, 255).transform(ground.size, *how)
    shadow = mask.filter(ImageFilter.GaussianBlur(9)).point(lambda level: level // 3)
    ground.paste((20, 20, 20), (6, 8), shadow)
    ground.paste(sheet.transform(ground.size, *how), (0, 0), mask)
    return ground


def photo(folder: Path) -> Image.Image:
    """A signpost in the mountains."""
    ground = Image.open(folder / PHOTO).convert("RGB").resize((900, 675))
    ImageDraw.Draw(ground).rectangle((612, 150, 630, 675), (96, 74, 52))
    boards = [("VEGA DE URRIELLU", "2 h 45 min", 170), ("REFUGIO 1960 m", "50 min", 262), ("FUENTE DE", "4.2 km", 354)]
    for number, (place, way, y) in enumerate(boards):
        board = Image.new("RGB", (430, 74), (235, 190, 40))
        pen = ImageDraw.Draw(board)
        pen.rectangle((3, 3, 426, 70), outline=(60, 45, 10), width=3)
        pen.text((18, 10), place, (40, 30, 8), face("Sans-Bold", 30))
        pen.text((18, 43), way, (40, 30, 8), face("Sans-Regular", 21))
        lean = (-14, 10, -6)[number]
        laid(ground, board, ((420, y - lean), (820, y + lean), (818, y + 68 + lean), (424, y + 74 - lean)))
    return ground.resize((720, 540), Image.Resampling.LANCZOS)


def receipt(folder: Path) -> Image.Image:
    """A slightly turned receipt on concrete."""
    ground = Image.open(folder / TABLE).convert("RGB").crop((0, 700, 780, 1740)).resize((600, 800))
    paper = Image.new("RGB", (420, 640), (244, 242, 236))
    ImageDraw.Draw(paper).multiline_text((34, 34), RECEIPT, (58, 56, 62), face("Mono-Regular", 24), spacing=5)
    paper = ImageEnhance.Contrast(paper.filter(ImageFilter.GaussianBlur(0.4))).enhance(0.95)
    return laid(ground, paper, ((96, 78), (500, 50), (528, 716), (84, 738)))


def form(folder: Path) -> Image.Image:
    del folder
    image = Image.new("RGB", (820, 560), (252, 251, 247))
    pen = ImageDraw.Draw(image)
    pen.text((40, 28), "Membership application", (20, 40, 80), face("Serif-Bold", 30))
    pen.text((40, 74), "Please write in capital letters and sign below.", (60, 60, 60), face("Sans-Italic", 15))
    for row, fields in enumerate(FIELDS):
        for column, (label, value) in enumerate(fields):
            x, y = 40 + 250 * column, 112 + 96 * row
            pen.rectangle((x, y, x + 238, y + 80), outline=(40, 60, 100), width=2)
            pen.text((x + 10, y + 8), label, (40, 60, 100), face("Sans-Regular", 14))
            pen.text((x + 12, y + 38), value, (25, 25, 25), face("Mono-Regular", 20))
    pen.text((40, 416), "I have read the rules of the club and agree to them.", (30, 30, 30), face("Sans-Regular", 17))
    pen.line((40, 510, 300, 510), (40, 60, 100), 2)
    pen.line((500, 510, 780, 510), (40, 60, 100), 2)
    pen.text((40, 516), "Place, date", (40, 60, 100), face("Sans-Regular", 14))
    pen.text((500, 516), "Signature", (40, 60, 100), face("Sans-Regular", 14))
    pen.text((48, 480), "Port Ellen, 02/10/2025", (25, 25, 25), face("Mono-Regular", 18))
    return image


def screen(folder: Path) -> Image.Image:
    del folder
    image = Image.new("RGB", (860, 480), (246, 247, 250))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 180, 480), (31, 37, 51))
    pen.text((24, 24), "Ledger", (255, 255, 255), face("Sans-Bold", 24))
    for row, name in enumerate(MENU):
        pen.text((28, 84 + 44 * row), name, (190, 198, 214), face("Sans-Regular", 17))
    pen.text((212, 26), "Open invoices", (30, 34, 44), face("Sans-Bold", 26))
    pen.rounded_rectangle((690, 24, 830, 60), 8, (46, 108, 246))
    pen.text((712, 33), "New invoice", (255, 255, 255), face("Sans-Bold", 16))
    for row, cells in enumerate(TABLE_ROWS):
        y = 92 + 56 * row
        pen.rectangle((212, y, 830, y + 50), (255, 255, 255) if row else (229, 233, 242))
        for x, cell in zip((228, 350, 560, 690), cells, strict=True):
            pen.text((x, y + 14), cell, (45, 50, 62), face("Sans-Regular" if row else "Sans-Bold", 17))
    pen.text((212, 420), "4 invoices, $4,524.35 in all", (90, 96, 110), face("Sans-Regular", 16))
    return image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--backgrounds", type=Path, default=Path("/usr/share/backgrounds"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    reader = Reader()
    for make in (photo, receipt, form, screen):
        path = arguments.out / f"{make.__name__}.jpg"
        make(arguments.backgrounds).save(path, quality=80, optimize=True)
        page = reader.read(path)
        draw(path, page).save(path.with_stem(f"{path.stem}-read"), quality=74, optimize=True)
        print(f"==> {path} <==\n{page.text}\n")


if __name__ == "__main__":
    main()
