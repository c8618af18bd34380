"""The shapes of answers, as JSON Schema, for openapi.json."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_WHOLE = {"type": "integer", "minimum": 0}
_PAGE_NUMBER = {"type": "integer", "minimum": 1}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_LINE = {"text": _TEXT, "confidence": _SHARE, "quad": ref("Quad")}
_PAGE = {
    "page": _PAGE_NUMBER,
    "width": _WHOLE,
    "height": _WHOLE,
    "angle": _NUMBER,
    "scale": _NUMBER,
    "model": _TEXT,
    "text": _TEXT,
    "confidence": _SHARE,
    "blocks": _list(ref("Block")),
}
_ONE_LINE = {
    "page": _PAGE_NUMBER,
    "text": _TEXT,
    "confidence": _SHARE,
    "angle": {"type": "integer", "enum": [0, 90, 180, 270]},
    "chars": _list(_object(char=_TEXT, score=_SHARE, x=_NUMBER)),
}
_FILE = {"file": _PAGE_NUMBER, "name": _TEXT}
SCHEMAS: dict[str, Any] = {
    "Quad": {
        "description": "Corners [x, y] in pixels: the text's own top left, then clockwise.",
        "type": "array",
        "items": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
        "minItems": 4,
        "maxItems": 4,
    },
    "Char": _object(char=_TEXT, score=_SHARE, quad=ref("Quad")),
    "Word": _object(**_LINE, chars=_list(ref("Char"))),
    "Line": _object(**_LINE, words=_list(ref("Word"))),
    "Block": _object(quad=ref("Quad"), lines=_list(ref("Line"))),
    "Page": _object(**_PAGE),
    "OneLine": {**_object(**_ONE_LINE), "description": "What line=1 reads; x is a character's middle in pixels."},
    "Reading": {
        "oneOf": [
            _object(schema={"const": 1}, pages=_list(ref("Page"))),
            _object(schema={"const": 1}, lines=_list(ref("OneLine"))),
        ]
    },
    "BatchLine": {
        "oneOf": [_object(**_FILE, **_PAGE), _object(**_FILE, **_ONE_LINE), _object(**_FILE, error=_TEXT)],
        "description": "file: its place in the request, from 1.",
    },
    "Models": _object(
        models=_list(
            _object(
                name=_TEXT,
                bytes=_WHOLE,
                languages=_list(_TEXT),
                licence=_TEXT,
                accuracy={"type": "object"},
                default={"type": "boolean"},
            )
        )
    ),
    "Health": _object(status={"enum": ["live", "ready"]}, version=_TEXT),
    "Error": _object(error={"type": "string", "description": "One line: what is wrong."}),
}
