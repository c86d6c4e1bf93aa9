"""The last few files that none but all together can tell: every way to place them is weighed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd

from needs.inputs.ssda903.evidence import CLEAR, TWICE, Evidence
from needs.inputs.ssda903.parts import Part

__all__ = ["place_jointly"]

_MOST_WAYS = 4096
Files = Mapping[str, Sequence[Part]]


def place_jointly(
    files: Files,
    fits: Mapping[str, Mapping[int, float]],
    evidence: Evidence,
    named: Mapping[str, int],
) -> dict[str, int]:
    """Return the years of files that are clear only together; none where they are not.

    Files of one table are weighed together: a child stands in a table of a return once. The
    best way must be clearly better than all that lead to other rows in some return; where
    several lead to the same rows, they are the same, and the one that goes best with the
    years that names tell (``named``) is taken.
    """
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for file in fits:
        groups[tuple(sorted(p.table for p in files[file]))].append(file)
    found: dict[str, int] = {}
    for group in groups.values():
        found |= _place_group(files, group, fits, evidence, named)
    return found


def _place_group(
    files: Files,
    group: Sequence[str],
    fits: Mapping[str, Mapping[int, float]],
    evidence: Evidence,
    named: Mapping[str, int],
) -> dict[str, int]:
    rows = {f: _content(files[f]) for f in group}
    ordered = sorted(group, key=lambda f: rows[f])
    near = [
        [y for y, v in fits[f].items() if max(fits[f].values()) - v < 2 * CLEAR] for f in ordered
    ]
    if math.prod(map(len, near)) > _MOST_WAYS:
        return {}
    twice = {(a, b): evidence.shared(a, b) for a, b in combinations(ordered, 2)}
    weighed: dict[tuple[tuple[int, int], ...], tuple[float, int, tuple[int, ...]]] = {}
    for years in product(*near):
        way = dict(zip(ordered, years, strict=True))
        total = math.fsum(fits[f][y] for f, y in way.items())
        total += TWICE * sum(n for (a, b), n in twice.items() if way[a] == way[b])
        held: dict[int, int] = defaultdict(int)
        for f, y in way.items():
            held[y] = (held[y] + rows[f]) % 2**64
        key = tuple(sorted(held.items()))
        # Rounded, so that sums of the same numbers in another order are the same.
        found = (round(total, 6), sum(named.get(f) == y for f, y in way.items()), years)
        weighed[key] = max(weighed.get(key, found), found)
    best, *rest = sorted(weighed.values(), reverse=True)
    if rest and best[0] - rest[0][0] < CLEAR:
        return {}
    return dict(zip(ordered, best[2], strict=True))


def _content(parts: Sequence[Part]) -> int:
    """Return a number that the same rows give, in whatever files and order they stand."""
    total = 0
    for part in parts:
        plain = part.frame.drop(columns="row").astype("string")
        rows = pd.util.hash_pandas_object(plain, index=False).to_numpy(np.uint64)
        total += int((rows ^ part.child_hashes).sum(dtype=np.uint64))
    return total % 2**64
