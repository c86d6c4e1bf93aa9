"""What a file's name says about which other files belong with it: a hint, never a fact.

A year in a name may be the year in which the return starts or the one in which it ends,
so it is used only to put files together, not to date them.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

__all__ = ["bundles"]

_TABLE_WORDS = re.compile(
    r"placed[ _-]*(?:for[ _-]*)?adoption|previous[ _-]*permanence|prev[ _-]*perm(?:anence)?"
    r"|sw[ _-]*episodes?|episodes?|headers?|reviews?|uasc|oc2|oc3|ad1|missing|permanence|dolo"
)
_PART = re.compile(r"(?:part|pt|file)[ _-]*\d{1,2}(?!\d)")
_YEARS = re.compile(r"(?<!\d)20\d\d(?:[ _./-]?(?:20)?\d\d(?!\d))?|(?<!\d)\d\d[-_/]\d\d(?!\d)")


def bundles(file: str) -> tuple[str, ...]:
    """Return keys that files of one return share by their names, the surest first.

    Examples
    --------
    >>> set(bundles("2017-header.csv")) & set(bundles("2017-episodes.csv")) != set()
    True
    """
    path = PurePosixPath(file.lower())
    folder = path.parent.as_posix()
    years = "/".join(_YEARS.findall(path.stem)) or "/".join(_YEARS.findall(folder))
    rest = re.sub(r"[\W_]+", " ", _PART.sub(" ", _TABLE_WORDS.sub(" ", path.stem))).strip()
    keys = []
    if years:
        keys.append(f"folder {folder} years {years}")
    if rest:
        keys.append(f"folder {folder} name {rest}")
    if years:
        keys.append(f"years {years}")
    if folder != ".":
        keys.append(f"folder {folder}")
    return tuple(keys)
