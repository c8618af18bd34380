"""The faces that fontconfig knows: those for Latin text, and those with Han characters, which are for Chinese only."""

from __future__ import annotations

import shutil
import subprocess

_FORMAT = "%{file}\t%{index}\t%{family[0]}\t%{style[0]}\t%{fontformat}\n"
_HAN = ":charset=7684"  # the most frequent character of Chinese
_LATIN_PART = "-latin-"  # a file of the web's fonts that `webfonts` unpacked for its Latin letters


def latin_faces() -> str:
    """A line for each face: file, index, family, style and format, with tabs between. Empty without fc-list."""
    return _without_doubles(set(_fc_list(":")) - set(_with_han()))


def han_faces() -> str:
    """The same of faces that have Chinese characters."""
    return _without_doubles(set(_with_han()))


def _with_han() -> list[str]:
    return [line for line in _fc_list(_HAN) if _LATIN_PART not in line.partition("\t")[0]]


def _without_doubles(lines: set[str]) -> str:
    return "\n".join(sorted(lines))


def _fc_list(pattern: str) -> list[str]:
    program = shutil.which("fc-list")
    if program is None:
        return []
    command = [program, pattern, "-f", _FORMAT]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.stdout.splitlines()
