"""Collections of any size: pictures in, files of rows out. You can stop and resume at any moment.

>>> from bitocr import batch
>>> batch.run(["scans/"], "out")
>>> batch.status("out")
"""

from __future__ import annotations

from bitocr.batch.formats import FORMATS
from bitocr.batch.job import Summary, run
from bitocr.batch.status import Status, status

__all__ = ["FORMATS", "Status", "Summary", "run", "status"]
