"""
Render jobs beside the event loop: each job once at a time, and no more at once than there are processors.

Workers are daemon threads, so a process that ends does not wait for them; what they leave undone, the next poll
begins again. What rendering means is not known here.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable

from storyreel.sandbox.api.records import Job

TRIES = 3
"""How often a job that breaks is tried before it is said to have failed."""


class WorkerPool:
    """
    The workers of one app.

    Args:
        work: Brings a job to its end.
        give_up: Records the end of a job that broke `TRIES` times.
    """

    def __init__(self, work: Callable[[Job], object], give_up: Callable[[Job, Exception], object]) -> None:
        self._work = work
        self._give_up = give_up
        self._free = threading.Semaphore(os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._broken: Counter[str] = Counter()

    def begin(self, job: Job) -> None:
        """Begin a job, unless it is being worked on."""
        with self._lock:
            if job.request_id in self._busy:
                return
            self._busy.add(job.request_id)
        threading.Thread(target=self._do, args=(job,), name=f"sandbox {job.request_id}", daemon=True).start()

    def _do(self, job: Job) -> None:
        try:
            with self._free:
                self._work(job)
        except Exception as error:
            # Whatever broke, a clip that never comes would leave its client waiting for ever.
            self._broken[job.request_id] += 1
            if self._broken[job.request_id] >= TRIES:
                self._give_up(job, error)
        finally:
            with self._lock:
                self._busy.discard(job.request_id)
