"""The page at `/form`: a form that shows the text and the boxes that the service reads in a picture."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path


@cache
def page() -> bytes:
    return Path(__file__).with_name("form.html").read_bytes()


def _hash(tag: str) -> str:
    """Of the page's only element of this kind, for its policy."""
    found = re.search(f"<{tag}>(.*?)</{tag}>", page().decode(), re.DOTALL)
    digest = hashlib.sha256(found.group(1).encode() if found else b"").digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def headers() -> dict[str, str]:
    """The page may talk only to its own host, and no other page may embed it."""
    policy = (
        f"default-src 'none'; script-src {_hash('script')}; style-src {_hash('style')}; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
