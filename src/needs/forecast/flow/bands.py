"""Cells of the flow model: placement type, age, time since entry, and who is unaccompanied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import block_diag

__all__ = ["ADULT", "AGE_EDGES", "AGE_GROUPS", "DURATION_EDGES", "MONTH", "YEAR", "Cells"]

MONTH, YEAR = 30.4375, 365.25
"""Days in a month and in a year, on average."""

AGE_EDGES = (0, 1, 5, 10, 13, 16, 17)
"""First ages, in years, of the bands in which rates are constant; the last ends at 18."""

DURATION_EDGES = (0, 1, 3, 6, 12, 24, 48)
"""First months since entry of the bands in which rates are constant; the last has no end."""

LATE = DURATION_EDGES.index(24)
YOUNG = AGE_EDGES.index(10)
SMALL = 0.5
"""How large an effect of both type and duration is held to be, beside those of each."""
ADULT = 18
AGE_GROUPS = {"age_0": (0, 1), "age_1_4": (1, 5), "age_5_9": (5, 10)} | {
    "age_10_15": (10, 16),
    "age_16_17": (16, 18),
}
"""Bands that a forecast is told in: the DfE's, in completed years."""

Ints = npt.NDArray[np.int64]
__all__ += ["A", "D"]
A, D = len(AGE_EDGES), len(DURATION_EDGES)


@dataclass(frozen=True)
class Cells:
    """The grid of cells: (unaccompanied or not) x place x age x duration, in this order.

    Parameters
    ----------
    places : int
        Number of placement types.
    """

    places: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Axes: unaccompanied, place, age band, duration band."""
        return (2, self.places, A, D)

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(np.prod(self.shape))

    def index(self, uasc: Ints, place: Ints, age: Ints, duration: Ints) -> Ints:
        """Return the number of the cell of each row."""
        cell: Ints = ((uasc * self.places + place) * A + age) * D + duration
        return cell

    def design(self, *, late: bool = False) -> npt.NDArray[np.float64]:
        """Return effects of every cell, shape (cells, effects): level, then dummies.

        Parameters
        ----------
        late : bool
            With effects of type, and of children under 10, that hold from two years in care on.
            Who moves is found most in types that are entered by a move: the more so, the
            longer ago a child came into care.
        """
        u, p, a, d = (x.ravel() for x in np.indices(self.shape))
        columns = [np.ones(self.size), u == 1]
        columns += [p == i for i in range(1, self.places)]
        columns += [a == i for i in range(1, A)]
        columns += [d == i for i in range(1, D)]
        if late:
            long_ago, young = d >= LATE, a < YOUNG
            columns += [SMALL * ((p == i) & long_ago) for i in range(1, self.places)]
            columns += [SMALL * (young & long_ago)]
        return np.stack(columns, axis=1).astype(float)

    def alike(self, *, late: bool = False) -> npt.NDArray[np.float64]:
        """Return how effects are held together, shape (effects, effects): their precision.

        Types are alike to begin with, as are ages and durations. Each effect is told as a
        difference from that of the first, so the first is in all of them: held to nothing one
        by one, they would draw the first towards the others, and it alone.

        Parameters
        ----------
        late : bool
            As for :meth:`design`.
        """
        differences = [np.eye(1), *(_from_first(n) for n in (self.places, A, D))]
        if late:
            differences += [_from_first(self.places), np.eye(1)]
        told = block_diag(*differences)
        if late:
            # What holds long after entry of the first type is told as one of durations.
            ends = 1 + (self.places - 1) + (A - 1) + (D - 1)
            first = 1 + self.places + A + D
            told[ends - (D - LATE) : ends, first] = SMALL
        precision = np.zeros((len(told) + 1,) * 2)
        precision[1:, 1:] = np.linalg.inv(told @ told.T)
        return precision


def _from_first(n: int) -> npt.NDArray[np.float64]:
    """Return what makes differences from the first of some numbers, shape (n - 1, n)."""
    return np.column_stack([-np.ones(n - 1), np.eye(n - 1)])
