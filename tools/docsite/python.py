"""The reference of the Python API, generated from signatures and docstrings."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, ForwardRef

MODULES = {
    "bitocr": ["Reader", "Line", "Char", "clean", "BitocrError", "ImageError", "ModelError", "UsageError"],
    "bitocr.page": ["Page", "Block", "Line", "Word", "Char"],
    "bitocr.formats": None,
    "bitocr.batch": None,
    "bitocr.serve": None,
    "bitocr.pytesseract": None,
}
"""Public modules, each with its public names; None: those of its `__all__`."""
HEAD = "# Python API\n\nThis page is generated from the docstrings.\n"


def page() -> str:
    """All public names, as Markdown."""
    return "\n".join([HEAD, *(_module(name, names) for name, names in MODULES.items())])


def _module(name: str, names: list[str] | None) -> str:
    module = importlib.import_module(name)
    parts = [f"## {name}\n", _docstring(module), ""]
    for each in names or module.__all__:
        parts.append(_entry(f"{name}.{each}", each, getattr(module, each)))
    return "\n".join(parts)


def _entry(path: str, name: str, thing: Any) -> str:
    title = f"### {path}\n"
    if isinstance(thing, dict):
        return f"{title}\nA mapping with the keys {', '.join(f'`{key}`' for key in thing)}.\n"
    if not callable(thing):
        return f"{title}\n`{name} = {thing!r}`\n"
    parts = [title, f"```python\n{_signature(name, thing)}\n```\n", _docstring(thing), ""]
    if inspect.isclass(thing):
        parts += [_member(name, member, value) for member, value in _members(thing)]
    return "\n".join(parts)


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that the class itself defines, in their order."""
    for name, value in vars(cls).items():
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            yield name, value


def _member(owner: str, name: str, value: Any) -> str:
    if isinstance(value, property):
        return f"#### {owner}.{name}\n\n{_docstring(value)}\n"
    return f"#### {owner}.{name}\n\n```python\n{_signature(name, value)}\n```\n\n{_docstring(value)}\n"


def _signature(name: str, thing: Any) -> str:
    """The call, with one parameter per line if it is long."""
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return f"class {name}({thing.__bases__[0].__name__})"
    signature = inspect.signature(thing)
    parameters = [each for key, each in signature.parameters.items() if key != "self"]
    parts = [_parameter(each) for each in parameters]
    keyword_only = [each.kind is each.KEYWORD_ONLY for each in parameters]
    if any(keyword_only):
        parts.insert(keyword_only.index(True), "*")
    has_result = not inspect.isclass(thing) and signature.return_annotation is not signature.empty
    result = f" -> {_annotation(signature.return_annotation)}" if has_result else ""
    flat = f"{name}({', '.join(parts)}){result}"
    if len(flat) <= 100:
        return flat
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){result}"


def _parameter(each: inspect.Parameter) -> str:
    text = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(each.kind.name, "") + each.name
    if each.annotation is not each.empty:
        text += f": {_annotation(each.annotation)}"
    if each.default is not each.empty:
        text += f" = {each.default!r}" if "<" not in repr(each.default) else " = ..."
    return text


def _annotation(annotation: Any) -> str:
    if isinstance(annotation, ForwardRef):  # of a NamedTuple
        annotation = annotation.__forward_arg__
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _docstring(thing: Any) -> str:
    """The docstring as Markdown: sections and `name: text` paragraphs become lists."""
    text = inspect.getdoc(thing) or ""
    lines = []
    for line in text.split("\n"):
        heading = re.fullmatch(r"(Args|Returns|Raises|Yields|Attributes):", line)
        if heading:
            lines += ["", f"**{heading[1]}**", ""]
        elif item := re.match(r"(?:    )?(\**\w+(?:, \**\w+)*): (\S.*)", line):
            lines.append(f"- `{item[1]}`: {_escaped(item[2])}")
        elif line.startswith(">>>"):
            lines.append(f"    {line}")
        else:
            lines.append(_escaped(line.strip()) if not line.startswith("        ") else "  " + _escaped(line.strip()))
    return "\n".join(_spaced(lines)) + "\n"


def _spaced(lines: list[str]) -> Iterator[str]:
    """Adds the empty lines that Markdown needs before and after a list."""
    before = ""
    in_list = False
    for line in lines:
        starts = line.startswith("- ")
        if starts and not in_list and before:
            yield ""
        in_list = starts or (in_list and bool(line))
        yield f"  {line}" if in_list and not starts and not line.startswith("  ") else line
        before = line


def _escaped(text: str) -> str:
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*_\[\]<>])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)
