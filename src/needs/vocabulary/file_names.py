"""File names as a terminal may show them: a file may be called after a child."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "shown_name"]

HIDDEN = "[not shown]"
"""Stands for a part of a name that looks like a child's identifier."""

_TOKEN = re.compile(
    r"(?<![^\W_])(?=[^\W_]*\d{5})[^\W_]+|\bchild(?:[ _-]?(?:id|no))?[ _-]?\d+", re.I
)
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DATE = re.compile(rf"20\d\d(?:\d\d|{_MONTH}{_DAY})|{_DAY}{_MONTH}20\d\d|20\d\d20\d\d")


def shown_name(file: str) -> str:
    """Return a file's name without what looks like an identifier of the returns.

    Parameters
    ----------
    file : str
        Path relative to the study folder, or a bare name.

    Notes
    -----
    Hidden is a run of letters and digits with five digits one after another, as identifiers of
    children and pupils have them, and a number behind the word child. Dates and years stay:
    ``20230331``, ``31032023``, ``202223``, ``20222023``.

    Examples
    --------
    >>> shown_name("inputs/S1000003 assessments.csv"), shown_name("inputs/episodes_20230331.csv")
    ('inputs/[not shown] assessments.csv', 'inputs/episodes_20230331.csv')
    """
    return _TOKEN.sub(lambda m: m[0] if _DATE.fullmatch(m[0]) else HIDDEN, file)
