"""The report's figures as rows of text: one table, in HTML and in markdown."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bitocr.lab.markdown import table
from bitocr.lab.report.variant import Variant

Rows = list[list[str]]


def header(variants: Sequence[Variant]) -> list[str]:
    first = variants[0]
    sets = [column for name in first.accuracy for column in (f"{name}, %", "CER, %")]
    times = [f"ms, 32 x {width}" for width in first.ms]
    return ["", "file", "runs in", "bytes", "M mult-adds", *sets, *times, "memory, MB"]


def rows(variants: Sequence[Variant]) -> Rows:
    return [row(number, variant) for number, variant in enumerate(variants, 1)]


def row(number: int, v: Variant) -> list[str]:
    adds = "" if v.multiply_adds is None else f"{v.multiply_adds / 1e6:,.0f}"
    read = [f"{100 * value:.1f}" for name in v.accuracy for value in (v.accuracy[name], v.cer[name])]
    times = [f"{value:.2f}" for value in v.ms.values()]
    return [str(number), v.name, v.runs_in, f"{v.bytes:,}", adds, *read, *times, f"{v.memory_mb:.0f}"]


def markdown(variants: Sequence[Variant]) -> str:
    columns = header(variants)
    numbers = [index for index in range(len(columns)) if index not in (1, 2)]
    return "\n".join(table(columns, rows(variants), right=numbers))


def html(variants: Sequence[Variant]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in header(variants))
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in line) + "</tr>" for line in rows(variants))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
