"""Describes types and values in messages."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from msgspec import inspect
from msgspec.inspect import Type


def phrase(info: Type) -> str:
    """Describes the values of a type: "a whole number from 1 to 9"."""
    if isinstance(info, inspect.Metadata):
        return str((info.extra_json_schema or {}).get("description") or phrase(info.type))
    if isinstance(info, inspect.UnionType):
        return " or ".join(phrase(each) for each in info.types)
    if isinstance(info, inspect.IntType | inspect.FloatType):
        return ("a whole number" if isinstance(info, inspect.IntType) else "a number") + limits(info)
    if isinstance(info, inspect.LiteralType):
        return f"one of {', '.join(map(str, info.values))}"
    if isinstance(info, inspect.StructType):
        return str(getattr(info.cls, "form", "a mapping of keys to values"))
    if isinstance(info, inspect.ListType | inspect.VarTupleType | inspect.TupleType):
        return "a list that is not empty" if getattr(info, "min_length", None) else "a list"
    words = {inspect.BoolType: "true or false", inspect.StrType: "a text", inspect.NoneType: "null"}
    return words.get(type(info), "a mapping of keys to values")


def limits(info: inspect.IntType | inspect.FloatType) -> str:
    """Describes the limits of a number: " from 0 to 100", " above 0 and at most 1"."""
    if info.ge is not None and info.le is not None:
        return f" from {info.ge:g} to {info.le:g}"
    words = {"above": info.gt, "from": info.ge, "below": info.lt, "at most": info.le}
    told = [f"{word} {limit:g}" for word, limit in words.items() if limit is not None]
    return f" {' and '.join(told)}" if told else ""


def keys_of(info: inspect.StructType) -> str:
    """The keys of a settings class, for messages."""
    tags = [info.tag_field] if info.tag_field is not None else []
    keys = ", ".join([*tags, *(field.encode_name for field in info.fields)])
    return f"{getattr(info.cls, 'called', 'it')} has {keys}"


def shown(value: Any) -> str:
    """A value as given, shortened if it is long."""
    return shorten(repr(value), 100, placeholder=" ...")
