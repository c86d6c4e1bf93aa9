"""How long until something ends, with stays that are still open and stays seen late.

Kaplan and Meier's estimate (1958, JASA 53, 457-481) with delayed entry, over any number of
groups at once. A stay seen only because it was still open on some day (delayed entry, or left
truncation) is at risk from the duration it had then reached; one still open at the end is at
risk up to the duration it has. See Klein and Moeschberger, *Survival Analysis* (2003),
sections 4.2 to 4.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Z_95", "Curves", "kaplan_meier", "mean_within", "median", "remaining_within"]

Z_95 = 1.959963984540054
"""The 97.5% point of the normal distribution."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Curves:
    """Survival curves of several groups, one row an event time, by group and time.

    Attributes
    ----------
    group, time : arrays of int
        Group 0 to ``groups`` - 1, and the duration in days at which stays ended.
    at_risk, ended : arrays of int
        Stays at risk just before, and stays that ended then.
    survival : array of float
        Share still open just after.
    hazard_variance : array of float
        Greenwood's sum of ``ended / (at_risk (at_risk - ended))``; 0 where all at risk ended.
    bounds : array of int, shape (groups + 1,)
        Rows of group ``g`` are ``bounds[g]`` to ``bounds[g + 1]``.
    last : array of int, shape (groups,)
        Longest duration at which anybody was at risk; 0 for an empty group.
    """

    group: Ints
    time: Ints
    at_risk: Ints
    ended: Ints
    survival: Floats
    hazard_variance: Floats
    bounds: Ints
    last: Ints

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.bounds) - 1

    @property
    def standard_error(self) -> Floats:
        """Greenwood's standard error of ``survival`` (1926)."""
        found: Floats = self.survival * np.sqrt(self.hazard_variance)
        return found

    def band(self) -> tuple[Floats, Floats]:
        """Return the 95% interval of ``survival`` on the scale of log(-log)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log_survival = np.log(self.survival)
            spread = np.exp(Z_95 * np.sqrt(self.hazard_variance) / np.abs(log_survival))
            low, high = self.survival**spread, self.survival ** (1.0 / spread)
        fixed = (self.survival <= 0) | (self.survival >= 1)
        return np.where(fixed, self.survival, low), np.where(fixed, self.survival, high)


def kaplan_meier(
    entry: npt.ArrayLike,
    stop: npt.ArrayLike,
    ended: npt.ArrayLike,
    group: npt.ArrayLike | None = None,
    groups: int = 1,
) -> Curves:
    """Return Kaplan and Meier's estimate of each group.

    Parameters
    ----------
    entry : array_like of int
        Duration at which each stay came under observation: 0, or more where it was first
        seen later.
    stop : array_like of int
        Duration at which it ended, or was last seen open.
    ended : array_like of bool
        Whether it ended.
    group : array_like of int, optional
        Group of each stay, from 0; below 0 in none.
    groups : int
        How many groups there are.

    Notes
    -----
    A stay is at risk at time ``t`` if ``entry < t <= stop``: the ends at a time are taken to
    come before the last sight of others at that time. A stay with ``stop <= entry`` is left
    out. Where the number at risk falls to none and rises again, as it may at short durations
    of few late entries, the estimate stays at 0; ask for groups that are large enough.
    """
    of = np.zeros(np.shape(stop), np.int64) if group is None else np.asarray(group, np.int64)
    came, left, end = (np.asarray(a, np.int64) for a in (entry, stop, ended))
    keep = (left > came) & (of >= 0)
    of, came, left, end = of[keep], came[keep], left[keep], end[keep].astype(bool)
    span = int(left.max(initial=0)) + 1
    at, n_ended = np.unique(of[end] * span + left[end], return_counts=True)
    g, t = at // span, at % span
    risk = _up_to(of * span + came, at - 1, g * span) - _up_to(of * span + left, at - 1, g * span)
    survival, variance = np.ones(len(at)), np.zeros(len(at))
    bounds = np.searchsorted(g, np.arange(groups + 1))
    kept = 1.0 - n_ended / np.maximum(risk, 1)
    parts = np.divide(n_ended, risk * (risk - n_ended), out=np.zeros(len(at)), where=risk > n_ended)
    for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        survival[a:b] = np.cumprod(kept[a:b])
        variance[a:b] = np.cumsum(parts[a:b])
    last = np.zeros(groups, np.int64)
    np.maximum.at(last, of, left)
    return Curves(g, t, risk, n_ended, survival, variance, bounds.astype(np.int64), last)


def _up_to(keys: Ints, at: Ints, base: Ints) -> Ints:
    """Return how many keys lie from each base up to and with each ``at``."""
    ordered = np.sort(keys)
    found: Ints = np.searchsorted(ordered, at, side="right") - np.searchsorted(ordered, base)
    return found


def median(curves: Curves) -> tuple[Floats, Floats, Floats]:
    """Return the median of each group and its 95% interval; NaN where not reached.

    Notes
    -----
    The first time at which no more than half are still open. The limits are those at which
    the interval of the curve reaches one half (Brookmeyer and Crowley 1982, Biometrics 38).
    """
    low, high = curves.band()
    middle, lower, upper = (_first_half(curves, s) for s in (curves.survival, low, high))
    return middle, lower, upper


def _first_half(curves: Curves, survival: Floats) -> Floats:
    out = np.full(curves.groups, np.nan)
    reached = np.flatnonzero(survival <= 0.5 + 1e-12)
    group, first = np.unique(curves.group[reached], return_index=True)
    out[group] = curves.time[reached[first]]
    return out


def mean_within(curves: Curves, horizon: int) -> tuple[Floats, Floats]:
    """Return the mean of the duration cut at a horizon, and its standard error.

    Parameters
    ----------
    curves : Curves
    horizon : int
        Days counted at most.

    Returns
    -------
    mean, standard_error : arrays of float, one a group
        Days; NaN where nobody was seen up to the horizon though some were still open.

    Notes
    -----
    The restricted mean is the area under the curve up to the horizon; its variance sums
    the squared area to the right of each event (Klein and Moeschberger 2003, section 4.5).
    """
    mean, error = np.full(curves.groups, np.nan), np.full(curves.groups, np.nan)
    for g in range(curves.groups):
        rows = slice(int(curves.bounds[g]), int(curves.bounds[g + 1]))
        inside = curves.time[rows] <= horizon
        t, s = curves.time[rows][inside], curves.survival[rows][inside]
        if curves.last[g] < horizon and (not len(s) or s[-1] > 0):
            continue
        areas = np.append(1.0, s) * np.diff(np.concatenate([[0], t, [horizon]]))
        mean[g] = areas.sum()
        right = areas[::-1].cumsum()[::-1][1:]
        steps = np.diff(np.append(0.0, curves.hazard_variance[rows][inside]))
        error[g] = np.sqrt((right**2 * steps).sum())
    return mean, error


def remaining_within(curves: Curves, group: Ints, now: Ints, ahead: Ints) -> Floats:
    """Return the days each open stay is expected to last yet, up to a horizon of its own.

    Parameters
    ----------
    curves : Curves
    group, now, ahead : arrays of int
        Group, duration reached, and days ahead counted at most, of each open stay.

    Returns
    -------
    numpy.ndarray of float
        Area under the curve from ``now`` to ``now + ahead``, over the curve at ``now``; NaN
        where the curve is 0 there. Beyond the last event the curve is held.
    """
    out = np.full(len(now), np.nan)
    for g in range(curves.groups):
        rows = slice(int(curves.bounds[g]), int(curves.bounds[g + 1]))
        edges = np.append(0, curves.time[rows])
        s = np.append(1.0, curves.survival[rows])
        area = np.append(0.0, np.cumsum(np.diff(edges) * s[:-1]))
        mine = np.flatnonzero(group == g)
        a, b = now[mine], now[mine] + ahead[mine]
        i, j = (np.searchsorted(edges, x, side="right") - 1 for x in (a, b))
        between = (area[j] + (b - edges[j]) * s[j]) - (area[i] + (a - edges[i]) * s[i])
        out[mine] = np.divide(between, s[i], out=np.full(len(mine), np.nan), where=s[i] > 0)
    return out
