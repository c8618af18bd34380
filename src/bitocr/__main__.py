"""`python -m bitocr` is the command line."""

from __future__ import annotations

from bitocr.cli import main

main()
