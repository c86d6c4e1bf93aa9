"""Put a finished report in the place of the old one, in one step.

A report is staged beside its target, so that both lie on one file system. Linux and macOS
can exchange two folders in a single call; whoever looks, at any moment, finds the old report
or the new one. Elsewhere two renames do it, and the next start mends what a kill between
them left behind.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from needs.report.lock import locked
from needs.report.manifest import MANIFEST

__all__ = ["install", "recover", "replacing", "staging_folder"]

_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS are the same number
_UNABLE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}


def staging_folder(target: Path) -> Path:
    """Return an empty folder beside ``target``, named after this process."""
    folder = target.parent / f".staging-{target.name}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _previous(target: Path) -> Path:
    return target.parent / f".previous-{target.name}"


@cache
def _exchange_call() -> Callable[[bytes, bytes], int] | None:
    """Return the system's call that exchanges two names, where it has one."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            linux = library.renameat2
            return lambda a, b: int(linux(_AT_FDCWD, a, _AT_FDCWD, b, _EXCHANGE))
        if sys.platform == "darwin":
            mac = library.renamex_np
            return lambda a, b: int(mac(a, b, _EXCHANGE))
    except (OSError, AttributeError, TypeError):
        return None
    return None


def _exchange(a: Path, b: Path) -> bool:
    """Exchange two folders in one step; False where the system or file system cannot."""
    call = _exchange_call()
    if call is None:
        return False
    if call(os.fsencode(a), os.fsencode(b)) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNABLE:
        return False
    raise OSError(code, os.strerror(code), str(b))


def install(staging: Path, target: Path) -> None:
    """Make ``staging`` the report at ``target``; the old report is removed afterwards.

    Parameters
    ----------
    staging : Path
        A complete report, beside ``target``.
    target : Path
        Where the report lies; may not exist yet.
    """
    if not target.exists():
        staging.rename(target)
    elif _exchange(staging, target):
        shutil.rmtree(staging)
    else:
        old = _previous(target)
        target.rename(old)
        staging.rename(target)
        shutil.rmtree(old)


def recover(target: Path, mark: str = MANIFEST) -> None:
    """Mend what a killed run left: put back an old report, remove stale staging.

    Call it with the study's lock held: then whatever staging lies here belongs to nobody.

    Parameters
    ----------
    target : Path
    mark : str
        File that a finished folder holds.
    """
    old = _previous(target)
    if (target / mark).is_file():
        shutil.rmtree(old, ignore_errors=True)
    elif (old / mark).is_file():
        old.rename(target)
    name = re.compile(rf"\.staging-{re.escape(target.name)}-\d+")
    for folder in target.parent.glob(".staging-*"):
        if name.fullmatch(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def replacing(target: Path, mark: str) -> Iterator[Path]:
    """Yield an empty folder that takes a folder's place in one step if all goes well.

    Parameters
    ----------
    target : Path
        Folder to be replaced; may not exist yet. Whoever calls knows that it may go.
    mark : str
        File that a finished folder holds.

    Raises
    ------
    BusyError
        When another process is writing it.
    """
    with locked(target):
        recover(target, mark)
        staging = staging_folder(target)
        try:
            yield staging
            install(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
