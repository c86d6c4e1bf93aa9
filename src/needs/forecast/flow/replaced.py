"""Placement types that others take the place of, as where a code of the return is replaced.

Who used to come into the one comes into the other. Learnt apart, the new type would seem hardly
used, and children would be forecast in a type that is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import YEAR, Cells
from needs.forecast.flow.hazards import Rates
from needs.forecast.history import History

__all__ = ["carried", "joined", "replaced"]

MISSED = 8.0
"""Children who would have come into a type since the last did: by chance so many hardly miss."""
BEFORE, AFTER = 365, 92
"""Days before and after the last start in the old type in which the new one comes into use."""

Floats = npt.NDArray[np.float64]
Pairs = Sequence[tuple[int, int]]
"""Old and new type, as numbers."""


def replaced(history: History) -> list[tuple[int, int]]:
    """Return which types nobody comes into any more, and which came into use in their place.

    Parameters
    ----------
    history : History
    """
    place, start = (history.stays[k].to_numpy() for k in ("place", "start"))
    types = range(len(history.places))
    first = [int(start[place == p].min(initial=history.until + 1)) for p in types]
    pairs = []
    for old in types:
        known = start[(place == old) & (start >= history.since)]
        if not len(known):
            continue
        last = int(known.max())
        a_day = len(known) / (last - history.since + 1)
        if last < history.since + YEAR or a_day * (history.until - last) < MISSED:
            continue
        new = [
            p
            for p in types
            if history.since + YEAR < first[p] <= history.until
            and last - BEFORE <= first[p] <= last + AFTER
        ]
        if new:
            pairs.append((old, max(new, key=lambda p: int((place == p).sum()))))
    # A type that was replaced in its turn takes nobody's place.
    closed = {old for old, _ in pairs}
    return [(old, new) for old, new in pairs if new not in closed]


def joined(history: History, pairs: Pairs) -> History:
    """Return a history in which old types are the new ones, and no move between them is told."""
    if not pairs:
        return history
    stays = history.stays.copy()
    for old, new in pairs:
        stays.loc[stays["place"] == old, "place"] = new
    period, place = stays["period"].to_numpy(), stays["place"].to_numpy()
    start, stop = stays["start"].to_numpy(), stays["stop"].to_numpy()
    goes_on = (period[1:] == period[:-1]) & (place[1:] == place[:-1]) & (start[1:] == stop[:-1])
    begins = np.append(True, ~goes_on)
    whole = stays[begins].reset_index(drop=True)
    whole["stop"] = stop[np.append(np.flatnonzero(begins)[1:], len(stays)) - 1]
    return replace(history, stays=whole)


def carried(rates: Rates, cells: Cells, pairs: Pairs) -> Rates:
    """Return rates of which those of new types hold for whoever is still in the old ones."""
    if not pairs:
        return rates
    shape = cells.shape
    events, at_risk = (x.reshape(shape).copy() for x in (rates.events, rates.at_risk))
    design = rates.design.reshape(*shape, -1).copy()
    for old, new in pairs:
        for x in (events, at_risk, design):
            x[:, old] = x[:, new]
    return replace(
        rates,
        events=events.ravel(),
        at_risk=at_risk.ravel(),
        design=design.reshape(cells.size, -1),
    )
