"""Turns plain values into settings. An error takes one line, which says where the value is and what it should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect
from msgspec.inspect import Type

from bitocr.errors import UsageError
from bitocr.lab.config.phrases import keys_of, phrase, shown
from bitocr.lab.config.settings import Settings, SettingsError

T = TypeVar("T")

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>.*)`)?", re.DOTALL)
"""Matches msgspec's errors: "Expected `int`, got `str` - at `$.stages[0].images`"."""
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_FIELD = re.compile(r"Object (?:contains unknown|missing required) field `(.*)`", re.DOTALL)
_LISTS = (inspect.ListType, inspect.VarTupleType, inspect.TupleType)


def convert(given: Any, kind: type[T], file: str | Path = "", at: str = "") -> T:
    """Makes settings from plain values.

    Args:
        given: mappings, lists, texts and numbers, as parsed from YAML or JSON.
        kind: a settings class, or a union of them.
        file: the file that the values come from; messages begin with it.
        at: the path to the values in the file, with dots.

    Raises:
        UsageError: a key is unknown, or a value is wrong.
    """
    info = inspect.type_info(kind)
    values = written_out(given, info)
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        message = " ".join(explain(error, values, info, at).split())
    raise UsageError(f"{file}: {message}" if file else message)


def written_out(value: Any, info: Type) -> Any:
    """The value with short forms written out: 2e3 as an integer, a number as a text, and those of settings classes."""
    if isinstance(info, inspect.Metadata):
        return value if isinstance(info.type, inspect.IntType | inspect.StrType) else written_out(value, info.type)
    info = chosen(value, info)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(info, inspect.IntType) and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(info, inspect.StrType) and is_number:
        return str(value)
    if isinstance(info, inspect.StructType) and issubclass(info.cls, Settings):
        value = info.cls.written_out(value)
        info = chosen(value, info)
        if isinstance(value, dict) and isinstance(info, inspect.StructType):
            types = field_types(info)
            return {key: written_out(each, types[key]) if key in types else each for key, each in value.items()}
    if isinstance(info, inspect.DictType) and isinstance(value, dict):
        return {key: written_out(each, info.value_type) for key, each in value.items()}
    if isinstance(info, _LISTS) and isinstance(value, list):
        return [written_out(each, item_type(info, index)) for index, each in enumerate(value)]
    return value


def chosen(value: Any, info: Type) -> Type:
    """The member of a union that the value is meant for. Returns any other type unchanged."""
    if not isinstance(info, inspect.UnionType):
        return info
    for each in info.types:
        if isinstance(each, inspect.StructType) and isinstance(value, dict) and each.tag_field is not None:
            if value.get(each.tag_field) == each.tag:
                return each
        elif isinstance(value, _PYTHON.get(type(each), ())) and not isinstance(value, bool):
            return each
    structs = [each for each in info.types if isinstance(each, inspect.StructType)]
    return structs[0] if structs and value is not None else info


_PYTHON: dict[type[Type], tuple[type, ...]] = {
    inspect.StructType: (dict,),
    inspect.IntType: (int,),
    inspect.FloatType: (int, float),
    inspect.StrType: (str,),
    inspect.ListType: (list,),
    inspect.VarTupleType: (list,),
    inspect.NoneType: (type(None),),
}


def field_types(info: inspect.StructType) -> dict[Any, Type]:
    return {field.encode_name: field.type for field in info.fields}


def tags_of(info: Type, key: Any) -> tuple[Any, ...]:
    """The values of a key that selects a class of a union; empty for other keys."""
    structs = [each for each in getattr(info, "types", ()) if isinstance(each, inspect.StructType)]
    return tuple(each.tag for each in structs if each.tag_field is not None and each.tag_field == key)


def item_type(info: Type, index: int) -> Type:
    """The type of a list's entry. If a tuple has too many entries, the type of its last one."""
    if isinstance(info, inspect.TupleType):
        return info.item_types[min(index, len(info.item_types) - 1)]
    return cast(inspect.ListType, info).item_type


def explain(error: msgspec.ValidationError, values: Any, info: Type, at: str) -> str:
    """Turns an error of msgspec into one sentence."""
    found = cast(re.Match[str], _MESSAGE.fullmatch(str(error)))
    steps = [int(index) if index.isdigit() else name or index for name, index in _STEP.findall(found["path"] or "")]
    reached = list(walk(values, info, steps))
    if isinstance(error.__cause__, SettingsError):
        path = dotted(at, *(step for step, _, _ in reached), *filter(None, [error.__cause__.key]))
        return f"{path} {error.__cause__.what}"
    described = [i for i, (_, _, each) in enumerate(reached) if isinstance(each, inspect.Metadata)]
    reached = reached[: described[0] + 1] if described else reached
    path = dotted(at, *(step for step, _, _ in reached))
    _, value, info = reached[-1] if reached else (None, values, info)
    info = chosen(value, info)
    if isinstance(info, inspect.StructType) and isinstance(value, dict):
        return explain_key(found["what"], path, value, info)
    return f"{path or 'it'} is {phrase(info)}, not {shown(value)}"


def explain_key(what: str, path: str, values: dict[Any, Any], info: inspect.StructType) -> str:
    """The sentence for a key that is unknown, missing, or the tag of a union."""
    field = _FIELD.fullmatch(what)
    if field and what.startswith("Object missing"):
        kind = next(each.type for each in info.fields if each.encode_name == field[1])
        return f"{dotted(path, field[1])} is missing: it is {phrase(kind)}"
    unknown = field[1] if field else next((str(key) for key in values if not isinstance(key, str)), "")
    return f"unknown key {dotted(path, unknown)}; {keys_of(info)}"


def walk(value: Any, info: Type, steps: list[Any]) -> Iterator[tuple[Any, Any, Type]]:
    """Each step of the path, with the value that it leads to and the type that this should have."""
    for step in steps:
        info = info.type if isinstance(info, inspect.Metadata) else info
        if isinstance(info, inspect.DictType):  # msgspec does not name the key
            if not isinstance(info.value_type, inspect.StructType):
                return
            step, info = failing_key(value, info.value_type.cls), info.value_type
            value = value[step]
            yield step, value, info
            continue
        tags = tags_of(info, step)
        info = chosen(value, info)
        if tags:
            info = inspect.LiteralType(tags)
        elif isinstance(info, inspect.StructType):
            types = {key: each.type for key, each in enumerate(info.fields)} if info.array_like else field_types(info)
            info = types[step]
        else:
            info = item_type(info, step)
        value = value[step]
        yield step, value, info


def failing_key(values: dict[str, Any], kind: type) -> str:
    """The first key whose value cannot be converted to `kind`."""

    def fails(value: Any) -> bool:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return True
        return False

    return next(key for key, value in values.items() if fails(value))


def dotted(*steps: Any) -> str:
    """A path such as stages.0.lr."""
    return ".".join(str(step) for step in steps if step != "")
