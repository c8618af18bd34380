"""Builds phrases.txt: `python -m bitocr.lab.data.synth.chinese.build_phrases FILE... > phrases.txt`.

The FILEs are translations of programs into Simplified Chinese, all under permissive licences, from these packages:

    typescript 5.9.3 (npm, Apache-2.0)                          lib/zh-cn/diagnosticMessages.generated.json
    jupyterlab-language-pack-zh-CN 4.5.post3 (PyPI, BSD-3)      locale/zh_CN/LC_MESSAGES/*.mo and *.json
    spyder 6.1.8 (PyPI, MIT)                                    spyder/locale/zh_CN/LC_MESSAGES/spyder.mo
    wagtail 8.0.1 (PyPI, BSD-3)                                 wagtail/**/locale/zh_Hans/LC_MESSAGES/*.mo

It keeps sentences and labels of 2 to 60 characters, mostly hanzi, without placeholders.
"""

from __future__ import annotations

import gettext
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_MARKUP = re.compile(r"<[^>]*>|&\w+;|\x00")
_BREAKS = re.compile(r"[\n\r]|(?<=[。！？；])|(?<=，)(?=.{12})")
_PLACEHOLDERS = re.compile(r"[{}%$\\]")
_HANZI = re.compile("[\u4e00-\u9fff]")


def texts(path: Path) -> Iterator[str]:
    """The translations in a .mo or a .json file."""
    if path.suffix == ".mo":
        with path.open("rb") as file:
            yield from gettext.GNUTranslations(file)._catalog.values()  # type: ignore[attr-defined]
        return
    for key, value in json.loads(path.read_text(encoding="utf-8")).items():
        text = value[-1] if isinstance(value, list) else value
        if key and isinstance(text, str):
            yield text


def phrases(sources: Iterable[str]) -> set[str]:
    """The sentences and labels of translations."""
    parts = (part for text in sources for part in _BREAKS.split(_MARKUP.sub(" ", text)))
    return {" ".join(part.split()) for part in parts if is_phrase(" ".join(part.split()))}


def is_phrase(text: str) -> bool:
    return (
        2 <= len(text) <= 60 and not _PLACEHOLDERS.search(text) and len(_HANZI.findall(text)) >= max(2, 0.4 * len(text))
    )


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print("\n".join(sorted(phrases(text for name in sys.argv[1:] for text in texts(Path(name))))))
