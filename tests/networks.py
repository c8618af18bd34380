"""Configs of networks, as cards have them."""

from __future__ import annotations

from typing import Any

from bitocr.lab.config.network import open_network


def complete(config: dict[str, Any]) -> dict[str, Any]:
    """The config with every key that it leaves out at its default."""
    return open_network(config).plain()
