"""The reference of the command line, generated from the parsers of argparse."""

from __future__ import annotations

import argparse
import re

from bitocr.cli import EXIT_CODES, VERBS, parser_for

HEAD = """\
# Command line

`bitocr VERB ...` runs one verb; `bitocr PATH ...` is short for `bitocr read PATH ...`. This page is generated from the
program: `bitocr VERB --help` prints the same.

## Exit codes

| code | meaning |
|---|---|
"""


def page() -> str:
    """All verbs with their arguments and options, as Markdown."""
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    return HEAD + codes + "\n\n" + "\n".join(_verb(verb) for verb in VERBS)


def _verb(verb: str) -> str:
    parser = parser_for(verb)
    positionals = [action for action in parser._actions if not action.option_strings]
    options = [action for action in parser._actions if action.option_strings and "--help" not in action.option_strings]
    parts = [f"## {verb}\n", _text(parser.description or "") + "\n", f"```\n{_usage(verb, positionals)}\n```\n"]
    formatter = parser._get_formatter()
    for title, actions in (("argument", positionals), ("option", options)):
        if actions:
            parts.append(f"| {title} | |\n|---|---|")
            parts += [f"| {_name(action)} | {_help(action, formatter)} |" for action in actions]
            parts.append("")
    return "\n".join(parts)


def _usage(verb: str, positionals: list[argparse.Action]) -> str:
    names = [str(action.metavar or action.dest) for action in positionals]
    ends = {"*": "[{} ...]", "+": "{} ...", "?": "[{}]"}
    repeated = [ends.get(str(a.nargs), "{}").format(n) for n, a in zip(names, positionals, strict=True)]
    return " ".join(["bitocr", verb, "[OPTIONS]", *repeated])


def _name(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{action.metavar or action.dest}`"
    value = "" if action.nargs == 0 else f" {_value(action)}"
    return "`" + ", ".join(action.option_strings) + value.replace("|", "\\|") + "`"


def _value(action: argparse.Action) -> str:
    if action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


def _help(action: argparse.Action, formatter: argparse.HelpFormatter) -> str:
    return _text(formatter._get_help_string(action) or "").replace("\n", " ").replace("|", "\\|")


def _text(text: str) -> str:
    """Plain text as Markdown: options become code, and signs that Markdown takes for markup are escaped."""
    parts = re.split(r"((?<![\w-])--[a-z][a-z-]*)", text)
    parts[::2] = [re.sub(r"([\\*_\[\]<>])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [f"`{part}`" for part in parts[1::2]]
    return "".join(parts)
