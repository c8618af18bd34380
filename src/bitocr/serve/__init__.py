"""`bitocr serve`: reading over HTTP, in one process (docs/service.md). It needs the extra `serve`.

A request passes through these modules in this order: `guard` (token, errors, metrics), `routes`, `body` and
`multipart` (bytes and parameters), `parameters` (their meaning), `admission` (whether there is room), `reading` (the
work, in a thread of the pool), `answers` (bytes again). `app` puts them together, and `server` listens.
"""

from __future__ import annotations

from bitocr.serve.app import create_app
from bitocr.serve.settings import Settings

__all__ = ["Settings", "create_app"]
