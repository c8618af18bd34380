"""Helpers for tables of figures: names in English and Chinese, rows, Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Figures = dict[str, dict[str, Any]]
Rows = list[list[str]]

MARK = re.compile(r"<!-- figures:(\w+) -->")
SETS = {
    "iiit5k_words": ("IIIT5K words", "IIIT5K 单词"),
    "ic03_words": ("IC03 words", "IC03 单词"),
    "sroie_lines": ("SROIE receipt lines", "SROIE 小票行"),
    "funsd_lines": ("FUNSD form lines", "FUNSD 表单行"),
    "oldbooks_lines": ("old book lines", "旧书行"),
    "zh_screens_lines": ("screenshot lines", "截图里的行"),
    "zh_photos_lines": ("signs, labels, posters", "招牌、标签、海报"),
    "zh_mtwi_lines": ("shop images", "网店图片"),
    "sroie": ("receipts", "小票"),
    "funsd": ("forms", "表单"),
    "ic03": ("street photos", "街景照片"),
    "oldbooks": ("book pages", "书页"),
    "zh_photos": ("Chinese photos", "中文照片"),
    "zh_screens": ("Chinese screens", "中文截图"),
}
"""The name of each set, in English and in Chinese."""
READERS = {
    "rapidocr 3": "RapidOCR 3 (PP-OCRv6 small)",
    "RapidOCR 3": "RapidOCR 3 (PP-OCRv6 small)",
    "RapidOCR 1": "RapidOCR 1.4.4 (PP-OCRv4 mobile)",
    "Tesseract": "Tesseract 5 (fast)",
}
TEXTS = {
    "time": ("time", "时间"),
    "memory": ("memory, MB", "内存，MB"),
    "models": ("models, MB", "模型，MB"),
    "bytes": ("bytes", "字节"),
    "reader": ("reader", "程序"),
    "set": ("set", "数据集"),
    "images": ("images", "图片数"),
    "pages": ("pages", "页数"),
    "protocol": ("protocol, %", "协议，%"),
    "exact": ("exact, %", "逐字，%"),
    "with": ("with language model, rereading", "带语言模型和重读"),
    "greedy": ("greedy, read once", "逐字贪心，只读一遍"),
    "tiny": ("english-tiny, with both", "english-tiny，两者都带"),
}


def language_of(page: Path) -> int:
    """The index of a page's language in the texts here: 0 for English, 1 for Chinese."""
    return int(page.name.endswith(".zh-CN.md"))


def marks_in(text: str) -> list[str]:
    """The names of the tables that a page has marks for."""
    return MARK.findall(text)


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(columns), ["---"] * len(columns), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def rows_of(figures: Figures, part: str, table: int = 0) -> Rows:
    """The rows of a part's table; empty if it was not measured."""
    tables = figures.get(part, {}).get("tables", [])
    return tables[table]["rows"] if table < len(tables) else []


def plain(part: str, first: dict[str, str] | None = None) -> Callable[[Figures, int], str]:
    """A table as the benchmark printed it, with its first column renamed."""

    def table(figures: Figures, language: int) -> str:
        if not (rows := rows_of(figures, part)):
            return ""
        names = first or {key: value[language] for key, value in SETS.items()}
        columns = figures[part]["tables"][0]["columns"]
        return markdown(columns, [[renamed(row[0], names), *row[1:]] for row in rows])

    return table


def renamed(cell: str, names: dict[str, str]) -> str:
    """The cell with the name before its comma replaced."""
    name, comma, rest = cell.partition(",")
    return f"{names.get(name, name)}{comma}{rest}"


def bold_best(rows: Rows, column: int, best: Callable[[Iterable[float]], float]) -> None:
    """Makes the best number of a column bold. Cells that are not numbers do not count."""
    numbers = {index: float(row[column]) for index, row in enumerate(rows) if re.fullmatch(r"[\d.]+", row[column])}
    for index, number in numbers.items():
        if number == best(numbers.values()):
            rows[index][column] = f"**{rows[index][column]}**"


def reader_name(name: str, language: int) -> str:
    for start, shown in READERS.items():
        if name.startswith(start):
            return shown.replace("3 (", f"{name.split()[1].rsplit('.', 1)[0]} (") if start.endswith("3") else shown
    kind = "greedy" if name.endswith("greedy") else "tiny" if "tiny" in name else "with"
    return f"**bitocr**{'，' if language else ', '}{TEXTS[kind][language]}"


def ratio(times: Sequence[float], base: Sequence[float]) -> str:
    """The range of time ratios over all sets, such as "7–23"; "1" for the base itself."""
    found = [one / other for one, other in zip(times, base, strict=True)]
    low, high = min(found), max(found)
    shown = [f"{value:.1f}" if value < 3 else f"{value:.0f}" for value in (low, high)]
    return shown[0].removesuffix(".0") if shown[0] == shown[1] else "–".join(shown)
