"""Compares bitocr in WebAssembly with tesseract.js, in headless Chromium, and with the native engine with AVX2.

    make bench-web [DATA=DIR] [LIMIT=N]

DIR holds sets of English lines, each a folder with a labels.tsv, and of pages, each with a pages.json; by default some
of each are rendered. All contenders read the same pictures in one run, one contender after the other in each round.
Ratios are of processor seconds of all of Chromium, which other work on the machine hardly changes.

Times beside tesseract.js begin with the bytes of the file, in one worker each. bitocr reads there with the defaults of
createReader: with n-grams and words, and with rereading. Times beside the native engine begin with decoded pixels, in
the page itself. Prints the sizes of the files that a browser fetches, and whether each limit holds; the exit code is 1
if one does not.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from pictures import render

from bitocr import Reader
from bitocr.inspect.metrics import score
from bitocr.inspect.pages.score import is_ignored, score_pages
from bitocr.inspect.pages.truth import read_truth
from bitocr.inspect.speed import cpu_name
from bitocr.io.images import load
from bitocr.io.labels import read_labels

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "src" / "bitocr" / "models"
WORK = ROOT / "build" / "bench-web"
MODEL = "english"
#: The limits of ratios, and of megabytes over the wire.
LIMITS = {"native": 2.8, "line": 0.2, "page": 0.5, "english": 0.75, "with n-grams and words": 1.4}
ENGLISH = ("page.bit", "english.bit")
LANGUAGE = ("english.ngram", "english.words")


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process started, and those that they started."""
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            yield child
            yield from descendants(child)


def processor_seconds(pid: int) -> dict[int, float]:
    """The processor seconds so far of each of a process's descendants, to the nanosecond, by clock_getcpuclockid(3).

    /proc/PID/stat counts in hundredths of a second, while a pass over forty lines takes fifteen.
    """
    found: dict[int, float] = {}
    for each in descendants(pid):
        with suppress(OSError):  # it has ended
            found[each] = time.clock_gettime((~each << 3) | 2)
    return found


class Browser:
    """Chromium with page.ts; `call` runs one of its functions."""

    def __init__(self, work: Path, images: Path) -> None:
        command = ["node", str(Path(__file__).with_name("browser.mjs")), str(work), str(images)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = self._answer()["result"]

    def call(self, name: str, *arguments: Any) -> tuple[Any, float]:
        """The result, and the processor seconds that all of Chromium took for it."""
        assert self._process.stdin
        before = processor_seconds(self._process.pid)
        print(json.dumps([name, *arguments]), file=self._process.stdin, flush=True)
        answer = self._answer()
        after = processor_seconds(self._process.pid)
        return answer["result"], sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the browser did not start"}
        if "error" in answer:
            sys.exit(f"bench-web: {answer['error']}")
        return answer


@dataclass
class Result:
    """The processor seconds of each round of a contender, and the fastest wall time and the text of each picture."""

    seconds: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, texts: list[str], milliseconds: list[float], seconds: float) -> None:
        self.seconds.append(seconds)
        self.wall = [min(pair) for pair in zip(self.wall or milliseconds, milliseconds, strict=True)]
        self.texts = texts

    def beside(self, other: Result) -> float:
        """The median over the rounds of the ratio of processor seconds: in each, one runs shortly after the other."""
        return median(own / others for own, others in zip(self.seconds, other.seconds, strict=True))


def rounds(contenders: dict[str, Callable[[], tuple[list[str], list[float], float]]], count: int) -> dict[str, Result]:
    """Runs two warm-up rounds first: browsers recompile functions, for more speed, after they have run for a while."""
    results = {name: Result() for name in contenders}
    for _ in range(2):
        for run in contenders.values():
            run()
    for _ in range(count):
        for name, run in contenders.items():
            results[name].add(*run())
    return results


def in_browser(browser: Browser, how: str) -> Callable[[], tuple[list[str], list[float], float]]:
    def run() -> tuple[list[str], list[float], float]:
        made, seconds = browser.call("pass", how)
        return made["texts"], made["milliseconds"], seconds

    return run


def native(paths: list[Path], **options: Any) -> Callable[[], tuple[list[str], list[float], float]]:
    """The native engine with AVX2 on one thread, from decoded pixels."""
    engine = Reader(MODEL, kernel="avx2", **options)._engines[0]
    arrays = [load(path) for path in paths]

    def run() -> tuple[list[str], list[float], float]:
        texts, milliseconds, before = [], [], time.process_time()
        for array in arrays:
            start = time.perf_counter()
            texts.append(engine.read([array])[0]["text"])
            milliseconds.append(1000 * (time.perf_counter() - start))
        return texts, milliseconds, time.process_time() - before

    return run


def heading(title: str, *accuracy: str) -> str:
    columns = ("reader", "ms, processor", "ms, fastest", *accuracy)
    return f"\n{title}\n\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|"


def shown(name: str, result: Result, accuracy: str) -> str:
    count = len(result.texts)
    return f"| {name} | {1000 * min(result.seconds) / count:.1f} | {sum(result.wall) / count:.1f} | {accuracy} |"


def lines(browser: Browser, folder: Path, limit: int | None, count: int) -> dict[str, float]:
    """Prints a table, and returns the ratios."""
    labels = read_labels(folder / "labels.tsv")[:limit]
    paths, truth = [path for path, _ in labels], [text for _, text in labels]
    browser.call("load", [f"/images/{path.relative_to(folder.parent)}" for path in paths])
    ratios = {}
    module, _ = browser.call("openEngine", MODEL, {})
    print(heading(f"{folder.name}: {len(paths)} lines, {module}", "CER %", "right %"))
    for what, options in {"as Python reads": {}, "once, without n-grams and words": {"beam": 0, "reread": 0}}.items():
        browser.call("openEngine", MODEL, options)
        contenders = {"native, AVX2": native(paths, **options), "WebAssembly": in_browser(browser, "line from pixels")}
        if not options:
            contenders["bitocr, from the file"] = in_browser(browser, "line")
            contenders["tesseract.js, from the file"] = in_browser(browser, "tesseract")
            browser.call("openBitocr", MODEL)
            browser.call("openTesseract", False)
        results = rounds(contenders, count)
        for name, result in results.items():
            found = score(zip(truth, result.texts, strict=True), "line")
            print(shown(f"{name}; {what}", result, f"{100 * found.cer:.1f} | {100 * found.accuracy:.1f}"), flush=True)
        if results["WebAssembly"].texts != results["native, AVX2"].texts:
            sys.exit("bench-web: WebAssembly reads something else than the native engine")
        ratios[f"native, {what}"] = results["WebAssembly"].beside(results["native, AVX2"])
        if not options:
            ratios["line"] = results["bitocr, from the file"].beside(results["tesseract.js, from the file"])
    return ratios


def text_of(page: dict[str, Any]) -> str:
    """A page's text: its own, or that of its legible items, one below the other."""
    items = (item for item in page.get("items", []) if not is_ignored(item))
    return page.get("text") or "\n".join(item["text"] for item in items)


def pages(browser: Browser, folder: Path, limit: int | None, count: int) -> dict[str, float]:
    """Prints a table, and returns the ratio."""
    truth = [{"image": page["image"], "text": text_of(page)} for page in read_truth(folder / "pages.json", limit)]
    browser.call("load", [f"/images/{folder.name}/{page['image']}" for page in truth])
    browser.call("openBitocr", MODEL)
    browser.call("openTesseract", True)
    results = rounds(
        {"bitocr": in_browser(browser, "page"), "tesseract.js": in_browser(browser, "tesseract")}, (count + 1) // 2
    )
    print(heading(f"{folder.name}: {len(truth)} pages", "CER %", "alnum F"))
    for name, result in results.items():
        made = {page["image"]: [{"text": text}] for page, text in zip(truth, result.texts, strict=True)}
        found = score_pages(truth, made)
        print(shown(name, result, f"{found['page_cer']['mean']} | {found['alnum']['hmean']}"), flush=True)
    return {"page": results["bitocr"].beside(results["tesseract.js"])}


def compressed(path: Path) -> tuple[int, int]:
    """The bytes of a file, and of its transfer as brotli."""
    script = (
        "const b=require('fs').readFileSync(process.argv[1]);console.log(require('zlib').brotliCompressSync(b).length)"
    )
    return path.stat().st_size, int(subprocess.check_output(["node", "-e", script, str(path)]))


def sizes() -> dict[str, float]:
    """Prints the files that a browser fetches, and returns their megabytes."""
    files = [ROOT / "web" / "engine" / "bitocr-relaxed.wasm", *(MODELS / name for name in (*ENGLISH, *LANGUAGE))]
    counted = {path.name: compressed(path) for path in files}
    print("\n| file | bytes | brotli |\n|---|---|---|")
    for name, (raw, small) in counted.items():
        print(f"| {name} | {raw} | {small} |")
    megabytes = [small / 1e6 for _, small in counted.values()]
    return {"english": sum(megabytes[:3]), "with n-grams and words": sum(megabytes)}


def check(found: dict[str, list[float]]) -> bool:
    """Prints each figure (the largest ratio of several sets) beside its limit. Returns whether all hold."""
    print()
    good = True
    for name, figures in found.items():
        limit = LIMITS[name.partition(",")[0]]
        good &= max(figures) <= limit
        print(f"{name}: {', '.join(f'{figure:.2f}' for figure in figures)} (at most {limit})")
    return good


def versions(browser: Browser) -> str:
    names = ("tesseract.js", "tesseract.js-core")
    modules = Path(WORK, "node_modules")
    peers = [f"{name} {json.loads((modules / name / 'package.json').read_text())['version']}" for name in names]
    machine = f"{cpu_name()}, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    return f"Chromium {browser.version}, {', '.join(peers)}, {machine}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--limit", type=int, default=None, help="pictures of each set")
    parser.add_argument("--rounds", type=int, default=4, help="of which half for pages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = arguments.data or Path(temporary)
        if not arguments.data:
            render(data)
        browser = Browser(WORK, data)
        print(versions(browser))
        found: dict[str, list[float]] = {name: [figure] for name, figure in sizes().items()}
        for pattern, measure in (("labels.tsv", lines), ("pages.json", pages)):
            for file in sorted(data.glob(f"*/{pattern}")):
                if not file.parent.name.startswith("zh"):
                    for name, figure in measure(browser, file.parent, arguments.limit, arguments.rounds).items():
                        found.setdefault(name, []).append(figure)
        browser.close()
    return 0 if check(found) else 1


if __name__ == "__main__":
    sys.exit(main())
