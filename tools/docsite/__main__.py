"""Builds the documentation's site: make docs, or PYTHONPATH=tools python -m docsite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from docsite.build import assemble

ROOT = Path(__file__).parents[2]


def repository() -> str:
    """The address of the repository, as pyproject.toml has it."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("Repository = ")).split('"')[1]


def main() -> int:
    assemble(ROOT, ROOT / "build/site-pages", f"{repository()}/blob/main")
    zensical = Path(sys.executable).with_name("zensical")
    command = [str(zensical), "build", "--clean", "--strict", "--config-file", str(ROOT / "mkdocs.yml")]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
