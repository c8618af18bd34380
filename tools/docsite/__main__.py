"""Builds the documentation's site: make docs, or PYTHONPATH=tools python -m docsite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from docsite.build import assemble

ROOT = Path(__file__).parents[2]


def address(name: str) -> str:
    """The address with this name in pyproject.toml, the only file that has addresses of the project."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{name} = ")).split('"')[1]


def configured() -> Path:
    """The site's configuration with the project's addresses, written to the folder `build`."""
    # Not as repo_url: with that, every page asks the repository's host for its stars.
    link = f"{{icon: lucide/code, name: Repository, link: {address('Repository')}}}"
    addresses = f"site_url: {address('Documentation')}\nextra: {{social: [{link}]}}\n"
    file = ROOT / "build/mkdocs.yml"
    file.write_text(addresses + (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), encoding="utf-8")
    return file


def main() -> int:
    assemble(ROOT, ROOT / "build/site-pages", f"{address('Repository')}/blob/main")
    zensical = Path(sys.executable).with_name("zensical")
    command = [str(zensical), "build", "--clean", "--strict", "--config-file", str(configured())]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
