"""What reading one file may cost, whatever is in it: work, memory, and text that comes out.

The reader's process holds itself to the memory and the work; whoever has
started it watches over both, and over the programs that the reader starts.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable

from kb.errors import DamagedDocument

# Seconds of a processor's work. A PDF of 619 pages takes 5, a .docx of 872 pages 9.
SECONDS = 20.0
# A busy machine takes longer than the work: so many seconds may pass for each of them. It only stops what
# waits for something and does no work.
PATIENCE = 10.0
# Bytes for a reader and what it starts; 1.5 GB with the program itself. A .docx of 872 pages takes 473 MiB,
# text recognition 600 MiB, and half a GiB more that it reserves and never fills.
MEMORY = 2**30
RESERVED = 2**29
# Pages of a file that text recognition reads; each has all the seconds for itself, and a full one takes 7.
MOST_SCANS = 500
# Bytes that a file may have and, if it is an archive, that it may unpack to.
MAX_BYTES, MAX_UNPACKED_BYTES = 512 * 2**20, 2**30
# Letters of text: some 8,000 pages.
MAX_LETTERS = 2**24
# Letters of headings and lead-ins, counted for each block that they stand over: passages repeat them.
MAX_REPEATED = 8 * MAX_LETTERS
# An answer's letters: text in JSON has up to six for each of its own.
MAX_ANSWER = 6 * MAX_LETTERS


class Work:
    """What reading a file may still take: seconds of work, anew for each of the pages that are recognised.

    With `ocr` MOST_SCANS pages may be recognised; `told` is called before each of them.
    """

    def __init__(
        self, seconds: float = SECONDS, ocr: bool = True, told: Callable[[], None] = lambda: None
    ) -> None:
        self.seconds, self.ocr = seconds, ocr
        self._scans, self._told = MOST_SCANS if ocr else 0, told
        self._until = time.process_time() + seconds

    def check(self, name: str, page: int, pages: int) -> None:
        """Raise DamagedDocument if the seconds are over before a page is begun."""
        if time.process_time() > self._until:
            raise DamagedDocument(
                f"{name} takes too long to read (page {page} of {pages}); split it into parts."
            )

    def may_recognise(self) -> bool:
        """Tell whether one page more may be recognised, and begin the seconds anew for it."""
        if self._scans <= 0:
            return False
        self._scans -= 1
        self._told()
        self._until = time.process_time() + self.seconds
        return True


def limit_memory(limit: int, more: int = 0) -> None:
    """Let this process, and each that it starts, hold no more than `limit` bytes, where the system can.

    It may set itself a limit of up to `more` bytes more later.
    """
    if sys.platform == "linux":
        import resource

        # What is written to, rather than the address space, of which pandoc reserves a terabyte.
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        highest = limit + more if most == resource.RLIM_INFINITY else min(limit + more, most)
        resource.setrlimit(resource.RLIMIT_DATA, (min(limit, highest), highest))


def limit_work(seconds: float) -> None:
    """Let this process, and each that it starts, work no longer than `seconds` from now.

    It ends at that, even if nobody watches over it any more, where the system can.
    """
    if sys.platform == "linux":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        limit = math.ceil(used.ru_utime + used.ru_stime + seconds)
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, most))
