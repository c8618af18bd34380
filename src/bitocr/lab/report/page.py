"""The report as a self-contained HTML page, with the same figures as JSON and markdown, and the plots as SVG."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from bitocr.io.files import write_atomic
from bitocr.lab.report import tables
from bitocr.lab.report.plots import bars, trade_off
from bitocr.lab.report.variant import Variant

_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1c1d21, #e8e8ea); --soft: light-dark(#5f626a, #989ba3);
  --page: light-dark(#fff, #17181b); --line: light-dark(#dcdcd8, #33363c); }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 64rem; color: var(--ink); background: var(--page);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.35rem; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.05rem; }
p, li, figcaption { color: var(--soft); } figure { margin: 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); }
th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left; }
th { font-weight: 600; vertical-align: bottom; }
svg { width: 100%; max-width: 48rem; height: auto; color: var(--ink); }
svg text { fill: var(--ink) !important; }
svg path[style*="stroke: #000000"], svg use[style*="stroke: #000000"] { stroke: var(--soft) !important; }
@media print { body { max-width: none; padding: 0; } figure { break-inside: avoid; } }
"""


def write_report(variants: Sequence[Variant], facts: dict[str, Any], out: Path) -> list[Path]:
    """Writes OUT (HTML) and beside it OUT's name with .json, .md, -size.svg and -time.svg. Returns all paths.

    Args:
        variants: at least one, all measured on the same sets and widths.
        facts: where and how it was measured: "cpu", "threads", "rounds", "versions", "sets" with their images;
            optionally "steps", which says how variants were made, by name.
    """
    plots = trade_offs(variants)
    files = {name: out.with_name(f"{out.stem}-{name}.svg") for name in plots}
    images = "".join(f"![Accuracy and {name}]({path.name})\n\n" for name, path in files.items())
    contents = {
        out: page(variants, facts, plots),
        out.with_suffix(".json"): json.dumps({**facts, "variants": [v.as_dict() for v in variants]}, indent=2) + "\n",
        out.with_suffix(".md"): f"{images}{tables.markdown(variants)}\n\n"
        + "".join(f"- {line}\n" for line in told(facts)),
        **{path: plots[name].replace("<svg ", '<svg style="background: white" ', 1) for name, path in files.items()},
    }
    for path, text in contents.items():
        write_atomic(path, text.encode())
    return list(contents)


def told(facts: dict[str, Any]) -> list[str]:
    """How it was measured, in one sentence per fact."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    sets = "; ".join(
        f"{name} ({count} images, protocol {protocol})" for name, (count, protocol) in facts["sets"].items()
    )
    steps = [f"{name}: {step}." for name, step in facts.get("steps", {}).items()]
    return [
        *steps,
        f"Measured on {facts['cpu']}, one thread; {versions}.",
        f"Accuracy: exact matches on {sets}; every file is read greedily, without words or n-grams.",
        f"Time: from prepared pixels to logits, the median of {facts['rounds']} rounds, in each of which every file "
        "has a turn.",
        "Memory: how much a new process grows while it loads the file and reads one line of 32 x 320; "
        "Python and the libraries loaded before do not count.",
    ]


def trade_offs(variants: Sequence[Variant]) -> dict[str, str]:
    """Plots of accuracy on the first set over "size" and over "time", as SVG."""
    width = max(variants[0].ms)
    name = next(iter(variants[0].accuracy))
    return {
        "size": trade_off(variants, [v.bytes / 1000 for v in variants], "kilobytes", name),
        "time": trade_off(variants, [v.ms[width] for v in variants], f"milliseconds, 32 x {width}, one thread", name),
    }


def page(variants: Sequence[Variant], facts: dict[str, Any], plots: dict[str, str]) -> str:
    """The HTML page."""
    width = max(variants[0].ms)
    figures = "".join(
        f"<figure>{plot}<figcaption>Accuracy and {name}.</figcaption></figure>" for name, plot in plots.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>bitocr: compression report</title>'
        f"<style>{_STYLE}</style></head><body><h1>Compression report</h1>"
        f"<p>{len(variants)} variants. Points are numbered like the rows of the table. No other variant beats one on "
        "the line in both figures.</p>"
        f'<div class="plots">{figures}</div><h2>All figures</h2><div class="wide">{tables.html(variants)}</div>'
        f"<h2>Time</h2><figure>{bars(variants, width)}</figure>"
        f"<h2>How it was measured</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in told(facts))}</ul>"
        "</body></html>\n"
    )
