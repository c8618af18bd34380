"""Settings of a service, and the limits that it never exceeds."""

from __future__ import annotations

from dataclasses import dataclass

from bitocr.defaults import MAX_PIXELS
from bitocr.io import shipped

MAX_BATCH_FILES = 1000


@dataclass(frozen=True)
class Settings:
    """Settings and limits of a service.

    models: names or paths. The first one reads if a request names none.
    threads: how many pictures are read at once; 0 uses every core.
    queue: how many more requests may wait.
    max_body: the most bytes of a request.
    max_pixels: the most pixels of a picture or page.
    pixel_budget: the most pixels of all pictures that are decoded at the same time.
    max_pages: the most pages of a document.
    timeout: seconds for a request to wait and be read.
    client_timeout: seconds for a client to send a head, then a body, and to take the answer.
    token: the token that clients must send, or None.
    """

    models: tuple[str, ...] = tuple(sorted(shipped.names(), key=lambda name: name != "english"))
    threads: int = 0
    queue: int = 16
    max_body: int = 32 << 20
    max_pixels: int = MAX_PIXELS
    pixel_budget: int = 60_000_000
    max_pages: int = 100
    timeout: float = 60.0
    client_timeout: float = 30.0
    token: str | None = None

    @property
    def body_budget(self) -> int:
        """The most bytes of all requests that are held at the same time."""
        return 8 * self.max_body
