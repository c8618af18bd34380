"""What all settings classes share, and the types of their fields."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from msgspec import Meta

from bitocr.errors import UsageError

MANY = 10**12
"""More than there ever is of anything."""

AnySettings = TypeVar("AnySettings", bound="Settings")

# A description stands for the type in messages. A number or a text that has one is taken as it is; of others, 2e3 is
# taken for a whole number, and a number for a text.
Count = Annotated[int, Meta(ge=1, le=MANY)]
CountOrNone = Annotated[int, Meta(ge=0, le=MANY)]
Weight = Annotated[float, Meta(ge=0, le=MANY)]
"""Of a term in a sum; 0 leaves it out."""
Share = Annotated[float, Meta(gt=0, le=1)]
Rate = Annotated[float, Meta(ge=0, le=100)]
"""Of learning or decay."""


class SettingsError(UsageError, ValueError):
    """Settings that contradict each other. `convert` puts the path to them in front.

    Args:
        what: the rest of the sentence, after the path and the key.
        key: of a field, perhaps with dots; None if the settings as a whole are wrong.
    """

    def __init__(self, what: str, key: str = "") -> None:
        super().__init__(f"{key} {what}".strip())
        self.key, self.what = key, what


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all settings classes; where two fields must fit together, `__post_init__` raises `SettingsError`."""

    called: ClassVar[str]
    """With its article, for messages: "a stage"."""
    form: ClassVar[str] = "a mapping of keys to values"
    """How it is written in YAML."""

    @classmethod
    def written_out(cls, given: Any) -> Any:
        """The given value with its short forms written out, not yet checked."""
        return given

    @classmethod
    def within_reach(cls, given: dict[str, Any]) -> dict[str, Any]:
        """What a file gives, plus the defaults that overrides can change if the file does not mention them."""
        return given

    def plain(self) -> dict[str, Any]:
        """The settings as mappings, lists, texts and numbers. `convert` turns these back into the same settings."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    def replace(self: AnySettings, **changes: Any) -> AnySettings:
        """The same settings with other values of some fields, which are not converted."""
        return msgspec.structs.replace(self, **changes)
