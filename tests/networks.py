"""Configs of networks, as cards have them."""

from __future__ import annotations

from typing import Any

from bitocr.lab.config.network import open_network


def complete(config: dict[str, Any]) -> dict[str, Any]:
    """The config with its missing keys set to their defaults."""
    return open_network(config).plain()
