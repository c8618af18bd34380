"""The parser of a verb: argparse with errors in one line, arguments in any order, and defaults in the help."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from math import inf, nan
from typing import Any, NoReturn

from bitocr.errors import UsageError

WIDEST = 100  # columns of a help text


class Formatter(argparse.HelpFormatter):
    """Help in paragraphs (indented ones stay as they are), with each option's default at its end."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=min(terminal_columns(), WIDEST))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        paragraphs = text.split("\n\n")
        return "\n\n".join(each if each.startswith(" ") else fill(each, width, indent) for each in paragraphs)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        said, default = action.help or "", action.default
        silent = default is None or default is False or default in ("", argparse.SUPPRESS) or action.required
        return said if silent or "(default" in said else f"{said.rstrip('.')} (default: {default})."

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class Parser(argparse.ArgumentParser):
    """Raises UsageError if argparse would print the usage and exit."""

    def __init__(self, prog: str, description: str, **details: Any) -> None:
        self._take_a_value: set[str] = set()
        super().__init__(
            prog, description=description, formatter_class=Formatter, allow_abbrev=False, add_help=False, **details
        )
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", action="help", help="Show this help.")

    def add_argument(self, *names: Any, **details: Any) -> argparse.Action:
        action = super().add_argument(*names, **details)
        if action.nargs is None:
            self._take_a_value.update(action.option_strings)
        return action

    def parse(self, argv: list[str]) -> argparse.Namespace:
        """Parses a command line. Raises UsageError, and SystemExit after --help."""
        return self.parse_args(self._options_first(argv))

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")

    def _options_first(self, argv: list[str]) -> list[str]:
        """The same command line in an order that argparse can read: it takes arguments from one place only.

        Options and their values are joined with "=", so that a value may begin with "-".
        """
        options: list[str] = []
        arguments: list[str] = []
        words = iter(argv)
        for word in words:
            if word == "--":
                arguments += words
            elif word in self._take_a_value:
                value = next(words, None)
                options.append(word if value is None else f"{word}={value}")
            else:
                (options if word.startswith("-") and word != "-" else arguments).append(word)
        return [*options, "--", *arguments] if arguments else options


def terminal_columns() -> int:
    """The width of help texts: $COLUMNS or the terminal's."""
    try:
        return int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
    except (ValueError, OSError):
        return WIDEST


def whole(least: float = -inf, most: float = inf) -> Callable[[str], int]:
    """The type of an option that is a whole number within limits."""
    return _within(int, "a whole number", least, most)


def number(least: float = -inf, most: float = inf) -> Callable[[str], float]:
    """The type of an option that is a number within limits."""
    return _within(float, "a number", least, most)


def _within(kind: Callable[[str], Any], what: str, least: float, most: float) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = nan
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}{limits(least, most)}")
        return value

    return convert


def limits(least: float, most: float) -> str:
    """The limits in words, as " from 0 to 1"; empty if they are infinite."""
    if most < inf:
        return f" from {least:,} to {most:,}"
    return f" of {least:,} or more" if least > -inf else ""
