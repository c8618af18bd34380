"""Numbers about the service in Prometheus' text format."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import accumulate
from pathlib import Path

from bitocr.serve.admission import Admission

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counts requests and pages. All of it belongs to the event loop's thread."""

    def __init__(self, admission: Admission, version: str) -> None:
        self._admission, self._version = admission, version
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[tuple[str, int]] = Counter()  # of each bucket without those before it
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._totals: Counter[str] = Counter()
        self.pages = self.failed_files = self.bytes = 0

    def request(self, path: str, status: int, seconds: float) -> None:
        """Counts an answer. path: one of the service's own, so that there are few."""
        self._requests[path, status] += 1
        self._totals[path] += 1
        self._seconds[path] += seconds
        self._buckets[path, bisect_left(_BUCKETS, seconds)] += 1

    def text(self) -> str:
        lines = [f'# TYPE bitocr_info gauge\nbitocr_info{{version="{self._version}"}} 1']
        lines += self._counters()
        lines += self._gauges()
        lines += self._histogram()
        return "\n".join(lines) + "\n"

    def _counters(self) -> list[str]:
        lines = _head("bitocr_requests_total", "counter", "Requests answered.")
        lines += [
            f'bitocr_requests_total{{path="{path}",status="{status}"}} {count}'
            for (path, status), count in sorted(self._requests.items())
        ]
        for name, value, about in (
            ("pages_total", self.pages, "Pages and lines read."),
            ("failed_files_total", self.failed_files, "Files that could not be read."),
            ("received_bytes_total", self.bytes, "Bytes of requests' bodies."),
        ):
            lines += [*_head(f"bitocr_{name}", "counter", about), f"bitocr_{name} {value}"]
        name = "process_cpu_seconds_total"
        return [*lines, *_head(name, "counter", "CPU time."), f"{name} {time.process_time():.3f}"]

    def _gauges(self) -> list[str]:
        lines = []
        for name, value, about in (
            ("bitocr_places_taken", self._admission.taken, "Requests that are read or wait."),
            ("bitocr_places", self._admission.places, "Requests that may be read or wait."),
            ("bitocr_pixels_in_flight", self._admission.pixels, "Pixels of pictures that are decoded now."),
            ("bitocr_bytes_held", self._admission.held, "Bytes of requests that are held now."),
            ("process_resident_memory_bytes", resident_bytes(), "Memory in use."),
        ):
            lines += [*_head(name, "gauge", about), f"{name} {value}"]
        return lines

    def _histogram(self) -> list[str]:
        name = "bitocr_request_seconds"
        lines = _head(name, "histogram", "From a request's head to the end of its answer.")
        for path, total in sorted(self._totals.items()):
            counts = accumulate(self._buckets[path, number] for number in range(len(_BUCKETS)))
            lines += [
                f'{name}_bucket{{path="{path}",le="{bucket}"}} {count}'
                for bucket, count in zip(_BUCKETS, counts, strict=True)
            ]
            lines.append(f'{name}_bucket{{path="{path}",le="+Inf"}} {total}')
            lines.append(f'{name}_sum{{path="{path}"}} {self._seconds[path]:.6f}')
            lines.append(f'{name}_count{{path="{path}"}} {total}')
        return lines


def _head(name: str, kind: str, about: str) -> list[str]:
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]


def resident_bytes() -> int:
    """The current memory of this process; 0 if the system has no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
