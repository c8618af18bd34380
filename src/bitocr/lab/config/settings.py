"""The base of all settings classes, and the types of their fields."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from msgspec import Meta

from bitocr.errors import UsageError

MANY = 10**12
"""An upper limit that no sensible number reaches."""

AnySettings = TypeVar("AnySettings", bound="Settings")

# Messages use a description in place of the type. Numbers and texts that have one are taken as given. Of the others,
# 2e3 counts as a whole number, and a number as a text.
Count = Annotated[int, Meta(ge=1, le=MANY)]
CountOrNone = Annotated[int, Meta(ge=0, le=MANY)]
Weight = Annotated[float, Meta(ge=0, le=MANY)]
"""The weight of a term in a sum; 0 leaves it out."""
Share = Annotated[float, Meta(gt=0, le=1)]
Rate = Annotated[float, Meta(ge=0, le=100)]
"""A learning rate or weight decay."""


class SettingsError(UsageError, ValueError):
    """Settings that contradict each other. `convert` puts the path to them in front.

    Args:
        what: the rest of the sentence, after the path and the key.
        key: the field, perhaps with dots; None if the settings as a whole are wrong.
    """

    def __init__(self, what: str, key: str = "") -> None:
        super().__init__(f"{key} {what}".strip())
        self.key, self.what = key, what


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all settings classes. If fields contradict each other, `__post_init__` raises `SettingsError`."""

    called: ClassVar[str]
    """The name with its article, for messages: "a stage"."""
    form: ClassVar[str] = "a mapping of keys to values"
    """Its form in YAML, for messages."""

    @classmethod
    def written_out(cls, given: Any) -> Any:
        """The given value with its short forms written out. It is not yet checked."""
        return given

    @classmethod
    def within_reach(cls, given: dict[str, Any]) -> dict[str, Any]:
        """The values of a file, plus defaults that overrides can change even if the file does not mention them."""
        return given

    def plain(self) -> dict[str, Any]:
        """The settings as mappings, lists, texts and numbers, which `convert` turns back into the same settings."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    def replace(self: AnySettings, **changes: Any) -> AnySettings:
        """The same settings with some fields changed. The new values are not converted."""
        return msgspec.structs.replace(self, **changes)
