"""The reference of the C API, generated from bitocr.h."""

from __future__ import annotations

import re
from collections.abc import Iterator

HEAD = """\
# C API

This page is generated from `bitocr.h`. [From C](../c.md) shows a whole program.

"""


def page(header: str) -> str:
    """The header's sections, each declaration under its comment, as Markdown."""
    opening, _, rest = header.partition("#ifndef BITOCR_H")
    return HEAD + _prose(opening) + "\n\n## Basics\n\n" + "\n".join(_blocks(rest))


def _blocks(text: str) -> Iterator[str]:
    body = text[text.index("typedef enum") : text.index("#ifdef __cplusplus", text.index("typedef enum"))]
    body = body.replace("BITOCR_API ", "")
    for paragraph in re.split(r"\n\s*\n", body):
        if section := re.fullmatch(r"/\* ---- (.*) ---- \*/\s*", paragraph.strip()):
            yield f"## {section[1].capitalize()}\n"
            continue
        comment, code = _leading_comment(paragraph.strip())
        if name := _name(code):
            yield f"### {name}\n"
        if comment:
            yield f"{_prose(comment)}\n"
        if code:
            yield f"```c\n{code}\n```\n"


def _leading_comment(text: str) -> tuple[str, str]:
    if not text.startswith("/*"):
        return "", text
    end = text.index("*/") + 2
    return text[:end], text[end:].strip()


def _name(code: str) -> str:
    """The name that the first declaration declares."""
    if struct := re.match(r"typedef (?:struct|enum) \{.*?\} (\w+);", code, re.DOTALL):
        return struct[1]
    if handle := re.match(r"typedef struct \w+ (\w+);", code):
        return handle[1]
    if function := re.match(r"[\w *]*?\b(bitocr_\w+)\(", code):
        return function[1]
    return ""


def _prose(comment: str) -> str:
    lines = [re.sub(r"^ \* ?", "", line) for line in comment.strip()[2:].removesuffix("*/").split("\n")]
    return re.sub(r"([*_\[\]<>])", r"\\\1", "\n".join(line.strip() for line in lines).strip())
