"""An HTML page of misread images, worst first: image, truth, reading with what differs marked, confidence."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from pathlib import Path

from PIL import Image

from bitocr.errors import ImageError
from bitocr.io.images import load

MAX_ROWS = 1000
_MAX_SIZE = (900, 96)  # of an image on the page, in pixels
_HANZI = re.compile("[\u3400-\u9fff]")

_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1c1d21, #e8e8ea); --soft: light-dark(#6d7078, #989ba3);
  --page: light-dark(#f6f6f4, #17181b); --card: light-dark(#fff, #212328); --line: light-dark(#e4e4e0, #33363c);
  --missed: light-dark(#dcefdc, #24452c); --wrong: light-dark(#fbdad7, #5c2723); }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 62rem; color: var(--ink); background: var(--page);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.35rem; }
p { margin: .3rem 0 1.4rem; color: var(--soft); }
figure { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: .5rem 1.5rem; align-items: center;
  margin: 0 0 .6rem; padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; }
img { height: 3.2rem; max-width: 100%; object-fit: contain; object-position: left; border-radius: .2rem; }
dl { display: grid; grid-template-columns: 4.2rem 1fr; gap: .1rem .6rem; margin: 0; }
dt, small { color: var(--soft); font-size: .8rem; line-height: 1.7rem; }
dd { margin: 0; font: 1.05rem/1.7rem ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
dd:lang(zh) { font: 1.25rem/1.7rem system-ui, sans-serif; }
mark { color: inherit; border-radius: .2rem; padding: .1rem 0; }
.truth mark { background: var(--missed); } .read mark { background: var(--wrong); }
@media (max-width: 40rem) { figure { grid-template-columns: 1fr; } }
"""


@dataclass(frozen=True)
class Misread:
    """An image that was read wrongly; `error_rate` is its edit distance over the length of its truth."""

    path: Path
    name: str
    truth: str
    reading: str
    confidence: float
    error_rate: float
    error: str = ""


def contact_sheet(misread: Sequence[Misread], title: str, summary: str, normalise: Callable[[str], str]) -> str:
    """The page, which needs no other file. Characters are compared as the protocol's `normalise` sees them."""
    worst_first = sorted(misread, key=lambda m: (-m.error_rate, -m.confidence, m.name))[:MAX_ROWS]
    if len(misread) > len(worst_first):
        summary += f" Shown are the worst {len(worst_first)} of {len(misread)} misread images."
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n<p>{escape(summary)}</p>\n"
        + "\n".join(_figure(m, normalise) for m in worst_first)
        + "\n</html>\n"
    )


def _figure(m: Misread, normalise: Callable[[str], str]) -> str:
    truth, reading = mark_differences(m.truth, m.reading, normalise)
    chinese = ' lang="zh-Hans"' if _HANZI.search(m.truth + m.reading) else ""  # else browsers may choose Japanese forms
    note = escape(m.error) if m.error else f"{m.confidence:.0%} confident"
    return (
        f"<figure>{_picture(m.path)}<dl>"
        f'<dt>truth</dt><dd class="truth"{chinese}>{truth}</dd>'
        f'<dt>read</dt><dd class="read"{chinese}>{reading or "&nbsp;"}</dd>'
        f"</dl><small>{escape(m.name)}</small><small>{note}</small></figure>"
    )


def _picture(path: Path) -> str:
    """The image inside the page, shrunk if it is large."""
    try:
        image = Image.fromarray(load(path))
    except ImageError:
        return "<span></span>"
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    image.thumbnail(_MAX_SIZE)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=88)
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}">'


def mark_differences(truth: str, reading: str, normalise: Callable[[str], str]) -> tuple[str, str]:
    """Both texts as HTML, with <mark> around the characters that differ once normalised."""
    a, b = ([(n, i) for i, c in enumerate(text) for n in normalise(c)] for text in (truth, reading))
    wrong_a, wrong_b = {i for _, i in a}, {i for _, i in b}
    matcher = SequenceMatcher(None, [n for n, _ in a], [n for n, _ in b], autojunk=False)
    for block in matcher.get_matching_blocks():
        wrong_a -= {i for _, i in a[block.a : block.a + block.size]}
        wrong_b -= {i for _, i in b[block.b : block.b + block.size]}
    return _marked(truth, wrong_a), _marked(reading, wrong_b)


def _marked(text: str, wrong: set[int]) -> str:
    safe = [escape(c, quote=False) for c in text]
    html = "".join(f"<mark>{c}</mark>" if i in wrong else c for i, c in enumerate(safe))
    return html.replace("</mark><mark>", "")
