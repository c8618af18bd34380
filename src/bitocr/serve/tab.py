"""The page that reads in a browser's tab, at `/`: files that `make web` builds, and the models that are here anyway.

If it was not built, as in an installation from source, or was built for other models, the form takes its place.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from starlette.responses import FileResponse

from bitocr.io import shipped

FOLDER = Path(__file__).with_name("page")
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


def files() -> dict[str, Path]:
    """The page's files by their paths, the page itself as `/`. Empty: it cannot be shown."""
    if not (FOLDER / "index.html").is_file() or not _suits():
        return {}
    built = {f"/{path.relative_to(FOLDER).as_posix()}": path for path in sorted(FOLDER.rglob("*")) if path.is_file()}
    models = {f"/models/{path.name}": path for path in sorted(shipped.FOLDER.iterdir()) if path.is_file()}
    return {"/": built.pop("/index.html"), **built, **models}


def _suits() -> bool:
    """Whether the models are those that the page was built for: it takes no others."""
    try:
        expected = json.loads((FOLDER / "models.json").read_text("utf-8"))
        return all(_integrity(shipped.FOLDER / name) == file["integrity"] for name, file in expected.items())
    except OSError:
        return False


def _integrity(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def answer(name: str, path: Path) -> FileResponse:
    """A file of the page; scripts that run beside it are held to its policy, too."""
    media_type = _TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=media_type, headers=_headers(name))


def _headers(name: str) -> Mapping[str, str]:
    found = _POLICY.search((FOLDER / "index.html").read_text("utf-8"))
    policy = found[1] if found else "default-src 'none'"
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        # The name of this folder changes with what is in it; of all else the browser asks whether it has.
        "Cache-Control": "max-age=31536000, immutable" if name.startswith("/assets-") else "no-cache",
    }
