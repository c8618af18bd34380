"""Measures all figures of the README and docs/ in one run, writes them to figures.json, and puts them into the pages.

    make figures DATA=DIR [LIMIT=N] [PARTS="lines pages"] [FRESH=1]
    python benchmarks/figures.py fill          only puts figures.json into the pages

DIR has eval/, with the sets of `make bench-peers`, and pages/, with those of `make bench-pages`. Parts whose data or
programs are missing are left out, and their old figures stay. Two parts run at a time, each on one thread; parts that
are timed by the clock run alone at the end. Finished parts are kept in build/figures, so a stopped run resumes. A part
is measured again if models, engine or limit have changed, or with --fresh.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from docs_pages import replace_between
from figure_tables import TABLES, Figures, language_of, marks_in

from bitocr.errors import BitocrError, UsageError
from bitocr.inspect.speed import cpu_name
from bitocr.io import shipped
from bitocr.io.files import write_atomic
from bitocr.native.library import lib

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "benchmarks/figures.json"
KEPT = ROOT / "build/figures"
PACKAGES = ("bitocr", "numpy", "onnxruntime", "torch", "ocrmypdf")
PAGES = ("README.md", "README.zh-CN.md", "docs/*.md")


@dataclass(frozen=True)
class Part:
    """A benchmark: its script or verb with arguments, into which {data} and {limit} are filled."""

    command: str
    limit: int | None = None
    """The most images or pages per set, unless LIMIT is less; None: the benchmark has no limit."""
    needs: str = ""
    """The subfolder of the data; None: it needs none."""
    by_peers: bool = False
    """Whether it runs in the environment of the other readers."""
    alone: bool = False
    """Whether nothing else may run meanwhile."""


PARTS = {
    "pages": Part("pages.py {data}/pages --limit {limit}", 12, "pages", by_peers=True),
    "lines": Part("peers.py {data}/eval --language en --limit {limit}", 1000, "eval", by_peers=True),
    "chinese": Part("peers.py {data}/eval --language zh --limit {limit}", 400, "eval", by_peers=True),
    "decoding": Part("decoding.py {data}/eval --limit {limit}", 1000, "eval"),
    "confidence": Part("reliability.py {data}/eval --limit {limit}", 1000, "eval"),
    "one_bit": Part("stages.py weights/english weights/mobilenet --data {data}/eval --limit {limit}", 300, "eval"),
    "constraints": Part("constraints.py {data}/eval", None, "eval"),
    "ocrmypdf": Part("searchable_pdf.py {data}/pages --books {limit} --forms {limit}", 12, "pages"),
    "memory": Part("page_memory.py"),
    "batch": Part(
        "batch.py {data}/eval/iiit5k_words/images overhead kills hostile memory --lines 6000 --kills 3", None, "eval"
    ),
    "service": Part("service.py overhead ready crowd memory end --requests 2000"),
    "sizes": Part("sizes.py", by_peers=True),
    "engine": Part("bench --json --seconds 0.3", alone=True),
}


SAID = re.compile(r"(\w[\w ]*?)(?:: |  +)(.+)")


def sayings_in(text: str) -> dict[str, Any]:
    """The lines that a benchmark prints, as a table of names and texts."""
    rows = [list(match.groups()) for line in text.splitlines() if (match := SAID.fullmatch(line.strip()))]
    return {"columns": ["", "measured"], "rows": rows}


def tables_in(text: str) -> list[dict[str, Any]]:
    """The Markdown tables in a text, each with its columns and rows."""
    found: list[dict[str, Any]] = []
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif rows:
            found.append({"columns": rows[0], "rows": rows[2:]})
            rows = []
    return found


def command_of(part: Part, data: Path, limit: int | None) -> list[str]:
    words = [word.format(data=data, limit=limit) for word in part.command.split()]
    python = ROOT / ".venv-peers/bin/python" if part.by_peers else Path(sys.executable)
    if words[0].endswith(".py"):
        return [str(python), str(ROOT / "benchmarks" / words[0]), *words[1:]]
    return [str(python), "-m", "bitocr", *words]


def state(limit: int | None) -> str:
    """A hash of everything that a part's figures depend on, except its command."""
    files = [Path(lib._name), *sorted(shipped.FOLDER.glob("*.*"))]
    digest = hashlib.sha256(str(limit).encode())
    for path in files:
        if path.is_file() and path.suffix != ".py":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    found = {"Python": ".".join(map(str, sys.version_info[:3]))}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def measured(part: Part, data: Path, most: int | None) -> dict[str, Any] | None:
    """Measures a part. If it fails, prints a line on standard error and returns None."""
    limit = part.limit if most is None or part.limit is None else min(part.limit, most)
    before, start = os.getloadavg()[0], time.time()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
    run = subprocess.run(
        command_of(part, data, limit), capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"figures: {part.command.split()[0]} is left out: {last}", file=sys.stderr)
        return None
    made: dict[str, Any] = {
        "date": date.today().isoformat(),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "load": [round(before, 1), round(os.getloadavg()[0], 1)],
        "versions": versions(),
        "limit": limit,
        "seconds": round(time.time() - start),
    }
    is_json = run.stdout.lstrip().startswith("{")
    if is_json:
        return {**made, "data": json.loads(run.stdout)}
    return {**made, "tables": tables_in(run.stdout) or [sayings_in(run.stdout)]}


def make(name: str, data: Path, most: int | None, fresh: bool) -> dict[str, Any] | None:
    """The figures of a part, from build/figures if they are up to date."""
    part, kept, key = PARTS[name], KEPT / f"{name}.json", state(most)
    if part.needs and not (data / part.needs).is_dir():
        print(f"figures: {name} is left out: {data / part.needs} is not there", file=sys.stderr)
        return None
    if kept.is_file() and not fresh:
        old = json.loads(kept.read_text("utf-8"))
        if old["key"] == key:
            found: dict[str, Any] = old["figures"]
            return found
    made = measured(part, data, most)
    if made is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(kept, json.dumps({"key": key, "figures": made}).encode())
        print(f"{name}: {made['seconds']} s", flush=True)
    return made


def load() -> Figures:
    """The contents of figures.json, by part."""
    found: Figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {}
    return found


def measure_all(names: list[str], data: Path, most: int | None, fresh: bool) -> None:
    """Measures parts and writes figures.json. The figures of other parts stay."""
    together = [name for name in names if not PARTS[name].alone]
    figures = load()
    with ThreadPoolExecutor(2) as pool:
        made = dict(zip(together, pool.map(lambda name: make(name, data, most, fresh), together), strict=True))
    for name in names:
        found = make(name, data, most, fresh) if PARTS[name].alone else made[name]
        if found is not None:
            figures[name] = found
    ordered = {name: figures[name] for name in PARTS if name in figures}
    write_atomic(FIGURES, (json.dumps(ordered, indent=1, ensure_ascii=False) + "\n").encode())


def fill() -> None:
    """Puts the tables into all pages with their marks."""
    figures = load()
    for page in (page for pattern in PAGES for page in ROOT.glob(pattern)):
        for name in marks_in(page.read_text("utf-8")):
            begin, end = f"<!-- figures:{name} -->", f"<!-- /figures:{name} -->"
            replace_between(begin, end, page, TABLES[name](figures, language_of(page)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "fill"))
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--limit", type=int, help="Images or pages of each set, at most.")
    parser.add_argument("--part", action="append", choices=PARTS, help="This part alone; may be given several times.")
    parser.add_argument("--fresh", action="store_true", help="Measure parts again that are done.")
    arguments = parser.parse_args()
    if arguments.what == "run":
        if arguments.limit is not None and arguments.limit < 2:
            raise UsageError("--limit is 2 or more")
        measure_all(arguments.part or list(PARTS), arguments.data.absolute(), arguments.limit, arguments.fresh)
    fill()


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"figures: {error}")
