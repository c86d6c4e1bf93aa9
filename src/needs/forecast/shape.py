"""The one shape of every forecast: children by day and group, in many draws."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.errors import Fault, ModelError

__all__ = ["LEVELS", "TOTAL", "Forecast", "Part"]

LEVELS = (50, 80, 95)
"""Central intervals that every forecast states, in per cent."""

TOTAL = "all"
"""Key of the total in :meth:`Forecast.table`."""

Draws = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Part:
    """Another division of the same draws, such as ages, or what flows in and out.

    Parameters
    ----------
    groups : tuple of str
        Keys.
    draws : ndarray of float32, shape (draws, days, groups)
        Children on the day (a stock), or from the day before it in ``Forecast.days`` up to it
        (a flow).
    flow : bool
        Whether it is a flow. A stock adds up to the total in every draw.
    """

    groups: tuple[str, ...]
    draws: Draws
    flow: bool = False


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a method gives.

    Parameters
    ----------
    method : str
        Key of the method, such as ``last_value``.
    label : str
        Words for it.
    origin : datetime.date
        Last day of which the method knew anything.
    days : tuple of datetime.date
        Days ahead, ascending, all after the origin.
    groups : tuple of str
        Keys of the placement types, apart from each other; ``("all",)`` where only totals
        are forecast.
    draws : ndarray of float32, shape (draws, days, groups)
        Children looked after; not below nought. The sum over groups is the total.
    parts : mapping of str to Part
        ``ages`` (stock, bands), ``entries`` and ``exits`` (flows) where a method has them.
    settings : mapping
        What it was made with, for the manifest and the notes.
    notes : tuple of str
        What a reader must know; words without numbers.

    Raises
    ------
    ModelError
        If shapes do not fit, a count is missing or below nought, a day is not after the
        origin, or a part that is a stock does not add up to the total in every draw.
    """

    method: str
    label: str
    origin: dt.date
    days: tuple[dt.date, ...]
    groups: tuple[str, ...]
    draws: Draws = field(repr=False)
    parts: Mapping[str, Part] = field(default_factory=dict, repr=False)
    settings: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no forecast."""
        rules = []
        if self.draws.ndim != 3 or self.draws.shape[1:] != (len(self.days), len(self.groups)):
            rules.append("its draws do not have one column a day and group")
        elif not (np.isfinite(self.draws).all() and (self.draws >= 0).all()):
            rules.append("a count is missing or below nought")
        if any(b <= a for a, b in zip((self.origin, *self.days), self.days, strict=False)):
            rules.append("its days do not follow the origin and each other")
        rules += [] if rules else self._parts_that_do_not_fit()
        if rules:
            faults = [Fault("forecast", rule, "correct the method") for rule in rules]
            raise ModelError(f"method {self.method} gave no forecast", faults)

    def _parts_that_do_not_fit(self) -> list[str]:
        rules = []
        for name, part in self.parts.items():
            shape = (*self.draws.shape[:2], len(part.groups))
            if part.draws.shape != shape or not (part.draws >= 0).all():
                rules.append(f"part {name} does not have its draws, or has counts below nought")
            elif not part.flow and not np.allclose(part.draws.sum(2), self.total(), atol=1e-2):
                rules.append(f"part {name} does not add up to the total in every draw")
        return rules

    def total(self) -> Draws:
        """Return the total of all groups, shape (draws, days)."""
        total: Draws = self.draws.sum(axis=2, dtype=np.float32)
        return total

    def of(self, groups: Sequence[str]) -> Draws:
        """Return the sum of some groups, shape (draws, days).

        Raises
        ------
        KeyError
            If a group is not one of the forecast's.
        """
        missing = set(groups) - set(self.groups)
        if missing:
            raise KeyError(f"no group {sorted(missing)}")
        at = [self.groups.index(g) for g in groups]
        some: Draws = self.draws[:, :, at].sum(axis=2, dtype=np.float32)
        return some

    def on(self, days: Sequence[dt.date]) -> Forecast:
        """Return the forecast on some of its days; flows are added up between them."""
        at = [self.days.index(d) for d in days]
        begins = [0, *(i + 1 for i in at[:-1])]

        def picked(part: Part) -> Part:
            if not part.flow:
                return Part(part.groups, part.draws[:, at])
            upto = part.draws[:, : at[-1] + 1]
            return Part(part.groups, np.add.reduceat(upto, begins, axis=1), flow=True)

        parts = {name: picked(p) for name, p in self.parts.items()}
        return Forecast(
            self.method,
            self.label,
            self.origin,
            tuple(days),
            self.groups,
            self.draws[:, at],
            parts,
            self.settings,
            self.notes,
        )

    def table(self, groups: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
        """Return means and intervals, one row a day and group.

        Parameters
        ----------
        groups : mapping of str to sequence of str, optional
            Key -> groups added up for it. The total and each group where not given.

        Returns
        -------
        DataFrame
            ``origin``, ``period`` (ISO dates), ``group``, ``value`` (mean), ``median`` and
            ``lower_50`` to ``upper_95`` (equal-tailed), in children.
        """
        if groups is None:
            groups = {TOTAL: self.groups} | {g: (g,) for g in self.groups if g != TOTAL}
        tails = [p for level in LEVELS for p in (50 - level / 2, 50 + level / 2)]
        names = [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]
        frames = []
        for key, members in groups.items():
            draws = self.of(members)
            cuts = np.percentile(draws, [50.0, *tails], axis=0)
            frames.append(
                pd.DataFrame(
                    {
                        "origin": self.origin.isoformat(),
                        "period": [d.isoformat() for d in self.days],
                        "group": key,
                        "value": draws.mean(axis=0, dtype=np.float64),
                        **dict(zip(["median", *names], cuts, strict=True)),
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)
