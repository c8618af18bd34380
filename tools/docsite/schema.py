"""The reference of the JSON that bitocr writes, generated from its JSON Schema."""

from __future__ import annotations

import json
from typing import Any

HEAD = """\
# JSON

`bitocr read --json`, `--format json`, `Page.as_dict()` and the service's `pages` have this form, schema {version}. The
JSON Schema itself is `bitocr/formats/page.schema.json` in the package.

"""


def page(text: str) -> str:
    """The schema's objects with their properties, as Markdown."""
    schema = json.loads(text)
    version = schema["properties"]["schema"]["const"]
    parts = [HEAD.format(version=version), _table("page", schema)]
    for name, each in schema["$defs"].items():
        if each.get("type") == "object":
            parts.append(_table(name, each))
        else:
            parts.append(f"## {name}\n\n{_kind(each)}. {each.get('description', '')}".rstrip() + "\n")
    return "\n".join(parts)


def _table(name: str, schema: dict[str, Any]) -> str:
    needed = set(schema.get("required", ()))
    rows = [
        f"| `{key}` | {_kind(value)} | {'' if key in needed else 'optional. '}{value.get('description', '')} |"
        for key, value in schema["properties"].items()
    ]
    return f"## {name}\n\n| key | type | |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "any")
    if kind == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    low, high = schema.get("minimum"), schema.get("maximum")
    return kind if low is None or high is None else f"{kind} from {low:g} to {high:g}"
