#!/usr/bin/env python3
"""Counts the instructions of the kernels for 64-bit ARM under qemu-user, with the same result on any machine.

These are not times: the engine has never run on such a processor.

    python tools/ports/instructions.py                a line with each model, and a page; with each kernel
    python tools/ports/instructions.py --functions 5  also the functions with the most instructions
    python tools/ports/instructions.py --cycles       llvm-mca's estimate for the loop of convolutions

A line is 32 x 320 pixels; the page is tests/data/pages/receipt.gif, read with english.bit. Both go from pixels to
text, without n-grams. The exit code is 1 if a count is over its limit. Missing packages are installed as in run.py.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import run as ports
from readings import DATA, MODELS, packed

PAGE = DATA / "pages" / "receipt.gif"
KERNELS = ("neon_dot", "neon", "generic")
#: What is counted, and the limit of each kernel: millions of instructions, or a share of generic's.
LIMITS: dict[str, dict[str, float]] = {
    "english": {"neon_dot": 34, "neon": 38},
    "english-tiny": {"neon_dot": 14, "neon": 15.5},
    "chinese": {"neon_dot": 55, "neon": 68},
    "page": {"neon_dot": 0.2, "neon": 0.21},
}
PRODUCTS_OF_A_COUNT = 128  # of signs, in one CNT: 16 output channels and 8 input channels
#: The least number of products per cycle, by LLVM's name of the processor.
LEAST_PRODUCTS = {"cortex-a55": 0, "neoverse-n1": 75, "neoverse-v1": 0}


@functools.cache
def plugin() -> Path:
    """Builds the plugin for qemu; returns its path."""
    path = ports.BUILD / "count.so"
    ports.BUILD.mkdir(parents=True, exist_ok=True)
    ports.output(["gcc", "-shared", "-fPIC", "-O2", "-o", str(path), str(ports.TOOLS / "count.c")])
    return path


def count(command: list[str]) -> tuple[Counter[str], str]:
    """The instructions of a run by function, and its output."""
    done = subprocess.run(
        ["qemu-aarch64", "-plugin", str(plugin()), *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ports.PortError(done.stderr.strip() or f"{command[0]}: exit code {done.returncode}")
    lines = re.findall(r"^instructions (\d+) (.*)$", done.stderr, re.MULTILINE)
    return Counter({name: int(value) for value, name in lines}), done.stdout


def count_once(work: Path, model: str, kernel: str, page: list[str]) -> tuple[Counter[str], str]:
    """The instructions of a second line, or of a first page, without those before it, and the reading."""
    rounds = ("0", "1") if page else ("1", "2")
    (before, _), (with_it, text) = (count([str(work), model, kernel, number, *page]) for number in rounds)
    return Counter({name: number - before[name] for name, number in with_it.items()}), text


def loops(assembly: str) -> Iterator[list[str]]:
    """The innermost loops in objdump's output: runs of instructions that end with a jump to their first."""
    lines = re.findall(r"^ *([0-9a-f]+):\t(.*)$", assembly, re.MULTILINE)
    places = {address: i for i, (address, _) in enumerate(lines)}
    start = 0
    for i, (_, text) in enumerate(lines):
        target = re.match(r"(?:b\.\w+|cbn?z|tbn?z)\t.*?\b([0-9a-f]{3,})\b(?: <.*>)?$", text)
        first = places.get(target[1], len(lines)) if target else len(lines)
        if start <= first <= i:
            yield [instruction for _, instruction in lines[first:i]]
        if first <= i:
            start = i + 1


def check_cycles(programs: Path) -> bool:
    """Prints the products per cycle of the loop of convolutions on a few processors. Returns whether they suffice."""
    install_one("llvm-mca-19", "llvm-19")
    assembly = ports.output(["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", str(programs / "kernels")])
    loop = max(loops(assembly), key=counts_bits)
    products, rounds, is_fine = PRODUCTS_OF_A_COUNT * counts_bits(loop), 100, True
    # Remove objdump's comments and the targets of jumps.
    body = "\n".join(re.sub(r"\s*//.*|\b[0-9a-f]+ <.*>", "", text) for text in loop[:-1])
    print(f"the loop of convolutions: {len(loop)} instructions for {products} products")
    for cpu, least in LEAST_PRODUCTS.items():
        command = ["llvm-mca-19", "-mtriple=aarch64", f"-mcpu={cpu}", f"-iterations={rounds}"]
        done = subprocess.run(command, input=body, capture_output=True, text=True, check=False)
        cycles = re.search(r"Total Cycles: +(\d+)", done.stdout)
        if not cycles:
            raise ports.PortError(f"llvm-mca: {done.stderr.strip()}")
        rate = products * rounds / int(cycles[1])
        print(f"  {cpu}: {rate:.1f} products a cycle" + (f", at least {least}" if least else ""))
        is_fine &= rate >= least
    return is_fine


def counts_bits(loop: list[str]) -> int:
    return sum(text.startswith("cnt\t") for text in loop)


def install_one(program: str, package: str) -> None:
    if not shutil.which(program):
        ports.install([ports.Target(package, packages=(package,))])


def check_counts(programs: Path, top: int) -> bool:
    """Counts and prints what LIMITS names. Returns whether all is within the limits."""
    with tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder) / "page.raw"
        pixels.write_bytes(packed([PAGE]))
        page = [str(MODELS / "page.bit"), str(pixels)]
        checked = [check_count(programs / "work", what, page if what == "page" else [], top) for what in LIMITS]
    return all(checked)


def check_count(work: Path, what: str, page: list[str], top: int) -> bool:
    """Prints one line: a model's line of text, or a page, with all kernels."""
    model = "english" if page else what
    millions: dict[str, float] = {}
    texts = set()
    for kernel in KERNELS:
        counts, text = count_once(work, str(MODELS / f"{model}.bit"), kernel, page)
        millions[kernel] = counts.total() / 1e6
        texts.add(text)
        for name, number in counts.most_common(top):
            print(f"    {what}, {kernel}, {name}: {number / 1e6:.2f} M")
    said = ", ".join(f"{kernel} {number:.1f} M" for kernel, number in millions.items())
    print(f"{what}: {said}; {millions[KERNELS[0]] / millions['generic']:.3f} of generic", flush=True)
    wrong = [
        f"{kernel} takes more than {most}"
        for kernel, most in LIMITS[what].items()
        if millions[kernel] > (most if most > 1 else most * millions["generic"])
    ]
    if len(texts) > 1:
        wrong.append("the kernels do not read the same")
    for fault in wrong:
        print(f"FAILED: {what}: {fault}")
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--functions", type=int, default=0, metavar="N", help="print the N functions that take the most"
    )
    parser.add_argument("--cycles", action="store_true", help="run llvm-mca alone, without counting")
    options = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    target = ports.targets()["aarch64"]
    try:
        ports.install([target])
        programs = ports.build(target)
        is_fine = check_cycles(programs) if options.cycles else check_counts(programs, options.functions)
    except ports.PortError as error:
        print(f"FAILED: {error}")
        return 1
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
