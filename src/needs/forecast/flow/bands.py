"""Cells of the flow model: placement type, age, time since entry, and who is unaccompanied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["ADULT", "AGE_EDGES", "AGE_GROUPS", "DURATION_EDGES", "MONTH", "YEAR", "Cells"]

MONTH, YEAR = 30.4375, 365.25
"""Days in a month and in a year, on average."""

AGE_EDGES = (0, 1, 5, 10, 13, 16, 17)
"""First ages, in years, of the bands in which rates are constant; the last ends at 18."""

DURATION_EDGES = (0, 1, 3, 6, 12, 24, 48)
"""First months since entry of the bands in which rates are constant; the last has no end."""

LATE = DURATION_EDGES.index(24)
GROUPS = (AGE_EDGES.index(10), AGE_EDGES.index(16))
"""First bands of ages that take other routes than younger children."""
SMALL = 0.5
"""How large an effect of two things at a time is held to be, beside those of each."""
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

    def design(self, *, moves: bool = False) -> npt.NDArray[np.float64]:
        """Return effects of every cell, shape (cells, effects): level, then dummies.

        Every type, age and duration has an effect of its own, the first as well: they are alike
        to begin with, and which is named first makes no difference.

        Parameters
        ----------
        moves : bool
            With smaller effects of two things at a time, which tell who moves. From two years in
            care on, of types and of children under 10: who moves is found most in types that are
            entered by a move, the more so the longer ago a child came into care. And of types in
            each group of ages that has routes of its own: where more of the places on offer are
            of the type that a child is in, fewer moves leave the type.
        """
        u, p, a, d = (x.ravel() for x in np.indices(self.shape))
        late, group = d >= LATE, np.searchsorted(GROUPS, a, side="right")
        columns = [np.ones(self.size), u == 1]
        columns += [p == i for i in range(self.places)]
        columns += [a == i for i in range(A)]
        columns += [d == i for i in range(D)]
        if moves:
            columns += [SMALL * (late & (p == i)) for i in range(self.places)]
            columns += [SMALL * (late & (group == 0))]
            columns += [
                SMALL * ((p == i) & (group == g))
                for i in range(self.places)
                for g in range(len(GROUPS) + 1)
            ]
        return np.stack(columns, axis=1).astype(float)
