"""Makes the tables that compare readers from the figures in figures.json."""

from __future__ import annotations

from collections.abc import Callable

from figure_names import SETS, TEXTS, Figures, bold_best, markdown, ratio, reader_name, rows_of


def pages(figures: Figures, language: int) -> str:
    """README: whole pages, one row per reader."""
    measured = [row for row in rows_of(figures, "pages") if "true boxes" not in row[2]]
    columns = {"sroie": 4, "funsd": 4, "ic03": 4, "zh_photos": 4, "oldbooks": 5, "zh_screens": 5}
    sets = [name for name in columns if any(row[0] == name for row in measured)]
    if not sets:
        return ""
    found = {(row[0], row[2]): row for row in measured}
    ours = next(row[2] for row in measured if row[2].startswith("bitocr"))
    rows = []
    for reader in dict.fromkeys(row[2] for row in measured):
        cells = [found[name, reader][columns[name]] if (name, reader) in found else "" for name in sets]
        there = [name for name in sets if (name, reader) in found]
        times = [[float(found[name, who][7]) for name in there] for who in (reader, ours)]
        memory = max(int(found[name, reader][8]) for name in there)
        name = "**bitocr**" if reader == ours else reader_name(reader, language)
        rows.append([name, *cells, ratio(*times), str(memory), model_size(figures, reader)])
    for place, name in enumerate(sets, 1):
        bold_best(rows, place, max if columns[name] == 4 else min)
    bold_best(rows, len(sets) + 2, min)
    heads = [SETS[name][language] + (", CER" if columns[name] == 5 else "") for name in sets]
    return markdown(["", *heads, *(TEXTS[key][language] for key in ("time", "memory", "models"))], rows)


def model_size(figures: Figures, reader: str) -> str:
    """The size in MB of all models that the reader loads for English."""
    kind = reader.split(".")[0].lower()
    sizes = {(row[0], row[1]): int(row[2].replace(",", "")) for row in rows_of(figures, "sizes")}
    if kind.startswith("bitocr"):
        total = sum(
            sizes.get(("bitocr", what), 0) for what in ("finding lines", "English", "English n-grams and words")
        )
    else:
        start = kind.split()[0] + (f" {kind.split()[1]}" if kind.startswith("rapidocr") else "")
        total = sum(size for (name, _), size in sizes.items() if name.lower().startswith(start))
    return f"{total / 1e6:.1f}" if total else ""


def pages_all(figures: Figures, language: int) -> str:
    rows = rows_of(figures, "pages")
    if not rows:
        return ""
    base = {row[0]: float(row[7]) for row in rows if row[2].startswith("bitocr") and "true boxes" not in row[2]}
    head = ["set", "pages", "reader", "cells F1", "words F1", "page CER, mean", "median", "time", "memory, MB"]
    shown = [
        [SETS[row[0]][language] if row[0] in SETS else row[0], *row[1:7], f"{float(row[7]) / base[row[0]]:.1f}", row[8]]
        for row in rows
    ]
    return markdown(head, shown)


def lines(figures: Figures, language: int) -> str:
    """README: lines and words, one row per reader: accuracy by the protocol / exact."""
    return _readers(figures, "lines", language)


def chinese(figures: Figures, language: int) -> str:
    return _readers(figures, "chinese", language)


def _readers(figures: Figures, part: str, language: int) -> str:
    measured = rows_of(figures, part)
    sets = list(dict.fromkeys(row[0] for row in measured))
    if not sets:
        return ""
    found = {(row[0], row[2]): row for row in measured}
    names = list(dict.fromkeys(row[2] for row in measured))
    rows = []
    for reader in names:
        cells = []
        for name in sets:
            row = found[name, reader]
            cells += [row[3], row[4] if name != "sroie_lines" else "–"]
        times = [[float(found[name, who][6]) for name in sets] for who in (reader, names[0])]
        rows.append([reader_name(reader, language), *cells, ratio(*times), found[sets[0], reader][7]])
    for place in range(1, 2 * len(sets) + 1):
        bold_best(rows, place, max)
    shown = [
        [
            row[0],
            *(" / ".join(row[place : place + 2]).removesuffix(" / –") for place in range(1, len(row) - 2, 2)),
            *row[-2:],
        ]
        for row in rows
    ]
    heads = [SETS[name][language] for name in sets]
    return markdown(["", *heads, TEXTS["time"][language], TEXTS["bytes"][language]], shown)


def lines_all(part: str) -> Callable[[Figures, int], str]:
    """All readers on all sets, with the character error rate."""

    def table(figures: Figures, language: int) -> str:
        measured = rows_of(figures, part)
        if not measured:
            return ""
        first = measured[0][2]
        base = {row[0]: float(row[6]) for row in measured if row[2] == first}
        rows = []
        for row in measured:
            name = f"{SETS[row[0]][language]}, {row[1]}" if row[2] == first else ""
            exact = "–" if row[0] == "sroie_lines" else row[4]
            rows.append(
                [name, reader_name(row[2], language), row[3], exact, row[5], f"{float(row[6]) / base[row[0]]:.1f}"]
            )
        keys = ("set", "reader", "protocol", "exact")
        return markdown([*(TEXTS[key][language] for key in keys), "CER, %", TEXTS["time"][language]], rows)

    return table
