"""Figures of the README and docs/: all are in figures.json, and the pages show them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import figures
from figure_tables import TABLES, language_of, marks_in

ROOT = Path(__file__).parents[1]
PAGES = [page for pattern in figures.PAGES for page in sorted(ROOT.glob(pattern)) if marks_in(page.read_text())]
MACHINE = {"date": "2026-01-02", "cpu": "Some CPU", "cores": 2, "load": [0.1, 0.2], "versions": {"Python": "3.11"}}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_show_what_was_measured(page: Path) -> None:
    text, found = page.read_text(), figures.load()
    for name in marks_in(text):
        shown = text.partition(f"<!-- figures:{name} -->\n")[2].partition(f"\n<!-- /figures:{name} -->")[0]
        assert shown == TABLES[name](found, language_of(page)), f"{page.name}: run benchmarks/figures.py fill"


def test_every_table_is_on_a_page() -> None:
    assert {name for page in PAGES for name in marks_in(page.read_text())} == set(TABLES)
    assert {"README.md", "README.zh-CN.md", "benchmarks.md"} <= {page.name for page in PAGES}


def test_tables_are_found_in_what_a_benchmark_prints() -> None:
    text = "Some CPU\n\n| set | s |\n|---|---|\n| a | 1 |\n| b | 2 |\n\n| x |\n|---|\n| 3 |\n"
    assert figures.tables_in(text) == [
        {"columns": ["set", "s"], "rows": [["a", "1"], ["b", "2"]]},
        {"columns": ["x"], "rows": [["3"]]},
    ]


def test_what_a_benchmark_says_becomes_a_table() -> None:
    found = figures.sayings_in("overhead: 4.3 % CPU over read_lines\n\n64 clients              {200: 75}\nnothing\n")
    assert found["rows"] == [["overhead", "4.3 % CPU over read_lines"], ["64 clients", "{200: 75}"]]


def pages_part() -> dict[str, object]:
    rows = [
        ["sroie", "2", "bitocr 0.6.0", "98", "95.0", "", "", "0.200", "60"],
        ["sroie", "2", "bitocr 0.6.0 on true boxes", "98", "96.0", "", "", "0.100", "60"],
        ["sroie", "2", "rapidocr 3.10.0", "98", "96.5", "", "", "2.500", "900"],
        ["oldbooks", "2", "bitocr 0.6.0", "98", "99.0", "1.5", "1.0", "0.100", "70"],
        ["oldbooks", "2", "rapidocr 3.10.0", "98", "99.0", "4.5", "4.0", "1.000", "950"],
    ]
    return {**MACHINE, "limit": 2, "tables": [{"columns": ["set"], "rows": rows}]}


def test_the_table_of_pages() -> None:
    made = TABLES["pages"]({"pages": pages_part()}, 0).splitlines()
    assert made[0] == "|  | receipts | book pages, CER | time | memory, MB | models, MB |"
    assert made[2:] == [
        "| **bitocr** | 95.0 | **1.5** | 1 | **70** |  |",
        "| RapidOCR 3.10 (PP-OCRv6 small) | **96.5** | 4.5 | 10–12 | 950 |  |",
    ]
    assert "| **bitocr** | 95.0 |" in TABLES["pages"]({"pages": pages_part()}, 1)
    environment = TABLES["environment"]({"pages": pages_part()}, 0)
    assert "2026-01-02 on Some CPU, 2 cores, load 0.1 to 0.2" in environment
    assert "rapidocr 3.10.0" in environment


def test_a_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []

    def measured(part: figures.Part, data: Path, most: int | None) -> dict[str, object] | None:
        runs.append(part.command.split()[0])
        return None if part.command.startswith("page_memory") else {**MACHINE, "limit": most, "seconds": 1}

    monkeypatch.setattr(figures, "measured", measured)
    monkeypatch.setattr(figures, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(figures, "FIGURES", tmp_path / "figures.json")
    (tmp_path / "figures.json").write_text(json.dumps({"memory": {"old": True}}))
    names = ["sizes", "memory", "engine", "lines"]
    figures.measure_all(names, tmp_path, None, fresh=False)
    assert sorted(runs) == ["bench", "page_memory.py", "sizes.py"]  # lines have no data
    figures.measure_all(names, tmp_path, None, fresh=False)
    assert runs[3:] == ["page_memory.py"]
    figures.measure_all(["sizes"], tmp_path, 5, fresh=False)
    assert runs[4:] == ["sizes.py"]
    found = json.loads((tmp_path / "figures.json").read_text())
    assert list(found) == ["memory", "sizes", "engine"]
    assert found["memory"] == {"old": True}
