"""One run of a report at a time.

The lock is the operating system's lock on an open file, so that it ends with the process
that holds it, even one that was killed. The file's text only says who held it last.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from needs.vocabulary.errors import BusyError, EnvironmentFault

__all__ = ["locked"]


def _try_lock(handle: int) -> bool:
    """Take the system's lock without waiting; False where somebody else holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the lock of the report at ``target``.

    Raises
    ------
    BusyError
        When another process holds it; the message names the process where it is known.
    EnvironmentFault
        When the folder cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        path = target.parent / f".lock-{target.name}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as e:
        raise EnvironmentFault(
            f"the folder for the report '{target.name}' cannot be written ({e.strerror}); "
            "give another with --out"
        ) from None
    try:
        if not _try_lock(handle):
            os.lseek(handle, 1, os.SEEK_SET)
            holder = os.read(handle, 32).decode("ascii", "replace").strip()
            who = f" (process {holder})" if holder.isdigit() else ""
            raise BusyError(
                f"another run is writing the report '{target.name}'{who}; wait until it ends"
            )
        os.ftruncate(handle, 0)
        # Windows locks the first byte against reading, so the number stands after it.
        os.write(handle, f" {os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)
