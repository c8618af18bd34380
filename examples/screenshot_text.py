"""Gets the text of a screenshot from a running `bitocr serve`, with Python's standard library alone.

bitocr serve &
python examples/screenshot_text.py screen.png [http://127.0.0.1:8000]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def text_of(picture: bytes, service: str = "http://127.0.0.1:8000", token: str | None = None) -> str:
    """The picture's text in reading order. Raises RuntimeError with the service's own words where it refuses."""
    request = Request(f"{service}/v1/ocr?format=text", picture)
    request.add_header("Content-Type", "application/octet-stream")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        raise RuntimeError(json.load(error)["error"]) from None


if __name__ == "__main__":
    print(text_of(Path(sys.argv[1]).read_bytes(), *sys.argv[2:3], token=os.environ.get("BITOCR_TOKEN")), end="")
