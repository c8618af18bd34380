"""Lists the faces that fontconfig knows: for Latin text, and with Han characters, which are for Chinese only."""

from __future__ import annotations

import shutil
import subprocess

_FORMAT = "%{file}\t%{index}\t%{family[0]}\t%{style[0]}\t%{fontformat}\n"
_HAN = ":charset=7684"  # the most frequent Chinese character
_LATIN_PART = "-latin-"  # a Latin web font that `webfonts` unpacked


def latin_faces() -> str:
    """One line per face, separated by tabs: file, index, family, style and format. Empty without fc-list."""
    return _without_doubles(set(_fc_list(":")) - set(_with_han()))


def han_faces() -> str:
    """The same for faces with Chinese characters."""
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
