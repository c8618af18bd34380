"""A small Chinese font for tests, so that they need no fonts of the machine."""

from __future__ import annotations

from pathlib import Path

from bitocr.lab.data.charset import Charset, open_charset
from bitocr.lab.data.synth.chinese.atlas import Atlas, draw_atlas
from bitocr.lab.data.synth.chinese.faces import HanFace, drawable

FONT = Path(__file__).parent / "data" / "hanzi.otf"
LISTING = f"{FONT}\t0\tNoto Sans CJK SC\tRegular\tCFF"
PLACES = {character: place for place, character in enumerate(drawable(""))}
ATLAS = Atlas(PLACES, *draw_atlas(str(FONT), 0, "".join(PLACES)))
FACE = HanFace(str(FONT), 0, "Noto Sans CJK SC", "Regular", atlas=ATLAS)
CHARSET = Charset("".join(c for c in open_charset("chinese").characters if ATLAS.covers(c)))
