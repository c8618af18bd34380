#!/usr/bin/env python3
"""Mutation testing: do the tests notice when one line of the code is wrong?

    python tools/mutants.py [--list] [--only PATTERN]

`mutants.yaml` beside this file holds the mutants: one-line changes, each with the tests that must fail. Each change is
made in a temporary copy of the working tree. If the file is C, the engine is rebuilt. Then the named tests run:

    killed      a test failed, crashed or took longer than LIMIT: the tests notice this mistake
    survived    all tests passed: a test is missing
    error       the change or its tests do not fit the tree, or it does not compile

Exit codes: 0 at least 95 % are killed; 1 fewer are; 2 the tests fail without any change, or wrong usage; 130
interrupted.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".yaml")
REQUIRED = 0.95
"""The share of mutants that must be killed."""
LIMIT = 300
"""The time limit for the tests of one mutant, in seconds."""
LEFT_OUT = "weights/"
"""Folders that are not copied: they are large, and no test reads them."""

# An editable install finds its modules before PYTHONPATH: turn it off for processes of the copy.
SITE = 'import sys\nsys.meta_path[:] = [f for f in sys.meta_path if "editable" not in getattr(f, "__module__", "")]\n'


class Mutant(NamedTuple):
    """A one-line change: `old`, which occurs once in `file`, becomes `new`. `tests` are pytest node ids."""

    id: str
    file: str
    old: str
    new: str
    tests: list[str]


class MutantError(Exception):
    """A one-line reason why the tool or a mutant cannot run."""


def load_mutants(table: Path) -> list[Mutant]:
    """All mutants of a table, in order. Raises MutantError."""
    mutants = []
    for number, entry in enumerate(yaml.safe_load(table.read_text("utf-8")), 1):
        if not isinstance(entry, dict) or set(entry) != set(Mutant._fields) or not entry["tests"]:
            raise MutantError(f"{table.name}: mutant {number} is no mapping of {', '.join(Mutant._fields)}")
        mutants.append(Mutant(**entry))
    return mutants


def problem_of(mutant: Mutant, root: Path) -> str | None:
    """Why the mutant does not fit the tree at `root`, in one line; None if it fits."""
    path = root / mutant.file
    if not path.is_file():
        return f"{mutant.file}: no such file"
    count = path.read_text("utf-8").count(mutant.old)
    if count != 1:
        return f"{mutant.file}: the old text occurs {count} times, not once: {mutant.old!r}"
    if mutant.new == mutant.old or "\n" in mutant.old + mutant.new:
        return "old and new are different texts of one line each"
    return next((f"no test {test}" for test in mutant.tests if not is_test(test, root)), None)


def is_test(node: str, root: Path) -> bool:
    """Whether a node id names a file, or a function in it. Parameters in [...] are not checked."""
    file, _, rest = node.partition("::")
    function = rest.partition("[")[0]
    if not (root / file).is_file():
        return False
    return not rest or re.search(rf"^def {re.escape(function)}\(", (root / file).read_text("utf-8"), re.M) is not None


class Copy:
    """A copy of the working tree with its own engine, to change and test."""

    def __init__(self, folder: Path) -> None:
        self.root, self.log = folder / "tree", folder / "log.txt"
        site = folder / "site"
        site.mkdir()
        (site / "sitecustomize.py").write_text(SITE)
        own = {"PYTHONPATH": f"{site}{os.pathsep}{self.root / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"}
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("BITOCR_")} | own
        self._copy()
        ninja = ["-G", "Ninja"] if shutil.which("ninja") else []
        self._build(["cmake", "-B", "build", "-DBITOCR_PYTHON=ON", *ninja])
        self._build(["cmake", "--build", "build"])
        self.is_built = True

    def _copy(self) -> None:
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError):
            raise MutantError(f"{ROOT} is no working tree of git, from which it could be copied") from None
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file() and not name.startswith(LEFT_OUT):
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)

    def _run(self, command: Sequence[str], limit: float | None = None) -> int:
        """The exit code, below 0 if a signal or the time limit ended the command. Its output goes into the log."""
        try:
            with self.log.open("w") as log:
                where: dict[str, Any] = {"cwd": self.root, "env": self.env, "stdout": log, "stderr": subprocess.STDOUT}
                return subprocess.run(command, **where, timeout=limit).returncode
        except FileNotFoundError:
            raise MutantError(f"{command[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            return -9

    def _build(self, command: Sequence[str]) -> None:
        if self._run(command):
            raise MutantError(self._logged("error", "the engine cannot be built"))

    def _logged(self, word: str, otherwise: str) -> str:
        """The first line of the log that contains a word."""
        lines = self.log.read_text(errors="replace").splitlines()
        return next((line for line in lines if word in line), otherwise)

    def test(self, tests: Sequence[str], limit: float | None = None) -> int:
        """pytest's exit code for these tests, up to the first failure."""
        if not self.is_built:
            self._build(["cmake", "--build", "build"])
            self.is_built = True
        return self._run([sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests], limit)

    def check(self, tests: Sequence[str]) -> None:
        """Raises MutantError if the tests fail without any change, or would not test the copy."""
        imported = "import bitocr, sys; sys.exit(not bitocr.__file__.startswith(sys.argv[1]))"
        if self._run([sys.executable, "-c", imported, str(self.root)]):
            raise MutantError("the tests would import another bitocr than the copy's")
        if self.test(tests):
            raise MutantError(f"the tests fail without any change: {self._logged('FAILED', 'run them by pytest')}")

    @contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """Applies the mutant's change to the copy within the `with`."""
        path = self.root / mutant.file
        text = path.read_text("utf-8")
        is_c = path.suffix in (".c", ".h")
        path.write_text(text.replace(mutant.old, mutant.new), "utf-8")
        self.is_built = self.is_built and not is_c
        try:
            yield
        finally:
            path.write_text(text, "utf-8")
            self.is_built = self.is_built and not is_c


def verdict(copy: Copy, mutant: Mutant) -> tuple[str, str]:
    """ "killed", "survived" or "error", and an explanation."""
    problem = problem_of(mutant, copy.root)
    if problem:
        return "error", problem
    try:
        with copy.changed(mutant):
            code = copy.test(mutant.tests, LIMIT)
    except MutantError as error:
        return "error", str(error)
    if code == 0:
        return "survived", f"{mutant.file}: {mutant.old!r} -> {mutant.new!r}"
    return ("killed", "") if code == 1 or code < 0 else ("error", f"pytest ends with {code}: its tests do not run")


def run_all(copy: Copy, mutants: Sequence[Mutant]) -> Counter[str]:
    """Runs all mutants, printing a line for each. Returns the number of each verdict."""
    counts: Counter[str] = Counter()
    width = max(len(mutant.id) for mutant in mutants)
    for number, mutant in enumerate(mutants, 1):
        before = f"[{number:{len(str(len(mutants)))}}/{len(mutants)}]"
        if sys.stdout.isatty():
            print(f"{before} {'...':8}  {mutant.id}", end="\r", flush=True)
        start = time.perf_counter()
        result, about = verdict(copy, mutant)
        seconds = time.perf_counter() - start
        counts[result] += 1
        print(f"{before} {result:8}  {mutant.id:{width}}  {seconds:5.1f} s  {about}".rstrip(), flush=True)
    return counts


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="show the mutants and their files, and run none")
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="those whose id or file has this in it; * matches"
    )
    arguments = parser.parse_args(argv)
    wanted = f"*{arguments.only}*"
    try:
        mutants = [m for m in load_mutants(TABLE) if fnmatch(m.id, wanted) or fnmatch(m.file, wanted)]
        if not mutants:
            raise MutantError(f"no mutant has {arguments.only!r} in its id or file: see --list")
        if arguments.list:
            print("\n".join(f"{mutant.id}\t{mutant.file}" for mutant in mutants))
            return 0
        with tempfile.TemporaryDirectory(prefix="bitocr-mutants-") as folder:
            copy = Copy(Path(folder))
            tests = sorted({test for mutant in mutants for test in mutant.tests if is_test(test, copy.root)})
            print(f"running {len(tests)} tests and files without any change first", flush=True)
            copy.check(tests)
            counts = run_all(copy, mutants)
    except MutantError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    share = counts["killed"] / len(mutants)
    rest = f"survived: {counts['survived']}, error: {counts['error']}"
    print(f"killed: {counts['killed']} of {len(mutants)} = {share:.1%} (at least {REQUIRED:.0%} must be), {rest}")
    return 0 if share >= REQUIRED else 1


if __name__ == "__main__":
    sys.exit(main())
