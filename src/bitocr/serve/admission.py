"""Limits of what is in flight: requests, decoded pixels, and bytes.

All of it belongs to the event loop's thread, so that nothing needs a lock.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

import anyio

from bitocr.serve.errors import busy, out_of_time, too_large, unread


class Admission:
    """Counts what is in flight. places: requests. pixels: of decoded pictures. held: bytes of requests."""

    def __init__(self, places: int, pixel_budget: int, body_budget: int) -> None:
        self.places, self.pixel_budget, self.body_budget = places, pixel_budget, body_budget
        self.taken = self.pixels = self.held = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def check_room(self) -> None:
        """Raises RequestError (503) if no place is left."""
        if self.taken >= self.places:
            raise busy("the queue is full")

    def take_pixels(self, count: int) -> bool:
        """Counts these pixels if there is room for them. Raises RequestError (413) if there never will be."""
        if count > self.pixel_budget:
            raise too_large(f"{count:,} pixels, more than the {self.pixel_budget:,} that may be decoded at once")
        if self._waiting or self.pixels + count > self.pixel_budget:
            return False
        self.pixels += count
        return True

    async def wait_for_pixels(self, count: int, deadline: float) -> None:
        """First come, first served. Raises RequestError (503) at the deadline (of `time.monotonic`)."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((count, turn))
        try:
            with anyio.fail_after(max(0.0, deadline - time.monotonic())):
                await asyncio.shield(turn)
        except TimeoutError:
            self._forget(count, turn)
            raise out_of_time() from None
        except asyncio.CancelledError:
            self._forget(count, turn)
            raise

    def give_pixels(self, count: int) -> None:
        self.pixels -= count
        self._let_in()

    def _forget(self, count: int, turn: asyncio.Future[None]) -> None:
        """Stops waiting. The turn may have come at the same moment."""
        if turn.done():
            self.give_pixels(count)
        else:
            self._waiting.remove((count, turn))
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self.pixels + self._waiting[0][0] <= self.pixel_budget:
            count, turn = self._waiting.popleft()
            self.pixels += count
            turn.set_result(None)


class Visit:
    """One request, with the bytes and the place that it holds until it is answered and its last job has ended.

    A job may outlive its request if time runs out, because a thread cannot be stopped.
    """

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._held, self._has_place, self._open = 0, False, 1

    def take_place(self) -> None:
        """Raises RequestError (503) if there is none."""
        self._admission.check_room()
        self._admission.taken += 1
        self._has_place = True

    def hold(self, size: int) -> None:
        """Counts bytes of the request. Raises RequestError (503) if too many are held."""
        if self._admission.held + size > self._admission.body_budget:
            raise unread(busy("requests of too many bytes are read"))
        self._admission.held += size
        self._held += size

    @property
    def held(self) -> int:
        return self._held

    def begin_job(self) -> None:
        self._open += 1

    def end(self) -> None:
        """The request, or one of its jobs, has ended."""
        self._open -= 1
        if not self._open:
            self._admission.held -= self._held
            self._admission.taken -= self._has_place
