"""How wide ranges must be to cover what they claim, told by the errors of past forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from needs.forecast.backtest import Past
from needs.forecast.shape import Forecast, Part

__all__ = ["ASIS", "Trust", "Widths", "calibrate", "stretch", "stretches"]


@dataclass(frozen=True)
class Trust:
    """Origins at which what the past asks for and what was expected count alike.

    Few are asked for before ranges are made wider than expected, many before they are made
    narrower: what was too narrow in the past misleads who trusts it, what is too wide only says
    less.

    Parameters
    ----------
    wider, narrower : float
    """

    wider: float
    narrower: float

    def drawn(self, asked: float, expected: float, origins: int) -> float:
        """Return a width between what so many origins ask for and what was expected."""
        share = origins / (origins + (self.wider if asked > expected else self.narrower))
        return float(asked**share * expected ** (1 - share))


OF_ALL = Trust(wider=6.0, narrower=20.0)
"""In the width of the total, and in that of all placement types, against
:data:`PRIOR_WIDTH`."""

OF_ONE = Trust(wider=3.0, narrower=20.0)
"""In a placement type's own width, against that of all types."""

PRIOR_WIDTH = 0.85
"""What covers four times in five on synthetic authorities of known truth
(``tests/support/truth_histories.py``): draws of methods that disagree, put together, lie wider
apart than their errors (Gneiting and Ranjan 2013, *Electronic Journal of Statistics* 7,
1747-1782)."""

WIDEST = 4.0
NARROWEST = 0.6
"""No range is made more than so many times as wide; none narrower than this share: few past
errors prove little about a range that seems too wide."""

TARGET = 0.8
ENOUGH = 20.0
"""Fewest children, on every day looked at, for a placement type to be calibrated by itself."""

FARTHEST = 50.0
"""No draw of a type is moved as if it lay further than so many times from the middle."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Widths:
    """How many times as wide as the methods claim ranges are made.

    Parameters
    ----------
    total : float
        Of the total.
    others : float
        Of a placement type that is not named.
    types : mapping of str to float
        Placement type -> width of its own.
    """

    total: float = 1.0
    others: float = 1.0
    types: Mapping[str, float] = field(default_factory=dict)

    def of(self, group: str) -> float:
        """Return the width of a placement type."""
        return self.types.get(group, self.others)


ASIS = Widths()


def stretches(past: Sequence[Past], target: float = TARGET) -> Widths:
    """Return how many times as wide ranges must be to cover what they claim.

    Parameters
    ----------
    past : sequence of Past
        Of one method.
    target : float
        Share that the central range is to cover.

    Notes
    -----
    Of the total by its own errors; of the types by the errors of all types that have had
    enough children, each drawn from there to its own.
    """
    if not past:
        return ASIS
    groups = past[0].forecast.groups
    least = np.min([np.vstack([p.base, p.outcome]).min(axis=0) for p in past], axis=0)
    large = [i for i, n in enumerate(least) if n >= ENOUGH]
    origins = len({p.forecast.origin for p in past})
    total = stretch([_in_widths(p, None, target) for p in past], target)
    of_types = {groups[i]: [_in_widths(p, i, target) for p in past] for i in large}
    every = [np.concatenate(e) for e in zip(*of_types.values(), strict=True)]
    others = stretch(every, target)
    own = {g: float(np.clip(_asked(e, target), NARROWEST, WIDEST)) for g, e in of_types.items()}
    return Widths(total, others, {g: OF_ONE.drawn(w, others, origins) for g, w in own.items()})


def stretch(errors: Sequence[Floats], target: float = TARGET) -> float:
    """Return the width that past errors ask for.

    Parameters
    ----------
    errors : sequence of ndarray
        One an origin: errors as a share of half the range that was claimed.
    target : float

    Returns
    -------
    float
        Between :data:`NARROWEST` and :data:`WIDEST`; one where nothing is known.

    Notes
    -----
    Conformal: the errors of past forecasts in widths of their own ranges; their quantile is
    the width that would have covered (Romano, Patterson and Candes 2019, *Advances in Neural
    Information Processing Systems* 32). Forecasts of one origin are not exchangeable with each
    other, and they are few: the width is drawn to :data:`PRIOR_WIDTH`, the more the fewer the
    origins.
    """
    if not errors:
        return 1.0
    width = OF_ALL.drawn(_asked(errors, target), PRIOR_WIDTH, len(errors))
    return float(np.clip(width, NARROWEST, WIDEST))


def _asked(errors: Sequence[Floats], target: float) -> float:
    """Return the width that would have covered."""
    scores = np.concatenate(errors)
    rank = min(int(np.ceil((len(scores) + 1) * target)), len(scores))
    return max(float(np.sort(scores)[rank - 1]), 1e-3)


def _in_widths(past: Past, group: int | None, target: float) -> Floats:
    """Return the errors of one past forecast, of the total or a type, in widths of its range."""
    draws = past.forecast.total() if group is None else past.forecast.draws[:, :, group]
    outcome = past.outcome.sum(axis=1) if group is None else past.outcome[:, group]
    middle = np.median(draws, axis=0)
    low, high = np.quantile(draws, [(1 - target) / 2, (1 + target) / 2], axis=0)
    half = np.where(outcome < middle, middle - low, high - middle)
    return np.asarray(np.abs(outcome - middle) / np.maximum(half, 0.5), dtype=float)


def calibrate(forecast: Forecast, widths: Widths) -> Forecast:
    """Return a forecast whose ranges are so many times as wide, with parts that add up.

    Parameters
    ----------
    forecast : Forecast
    widths : Widths
        From :func:`stretches`; each above nought.

    Returns
    -------
    Forecast
        In each draw, placement types are moved from or to their medians, then set back to the
        draw's total; then the total is moved in the same way, and types and other stocks are
        multiplied by the same number. The rule keeps the order of totals and stays above
        nought. Flows are left as they are.
    """
    typed = _types_moved(forecast, widths)
    total = forecast.total().astype(float)
    scale = _moved(total, widths.total)[:, :, None].astype(np.float32)
    parts = {
        name: p if p.flow else Part(p.groups, p.draws * scale) for name, p in forecast.parts.items()
    }
    return replace(
        forecast,
        draws=typed * scale,
        parts=parts,
        settings={**forecast.settings, "width": widths.total, "width_of_types": widths.others},
    )


def _types_moved(forecast: Forecast, widths: Widths) -> npt.NDArray[np.float32]:
    factors = np.array([widths.of(g) for g in forecast.groups])
    if (factors == 1).all():
        return forecast.draws
    draws = forecast.draws.astype(float)
    moved = draws * _moved(draws, factors)
    summed = moved.sum(axis=2, keepdims=True)
    total = draws.sum(axis=2, keepdims=True)
    back = np.divide(total, summed, out=np.ones_like(total), where=summed > 0)
    return np.asarray(moved * back, dtype=np.float32)


def _moved(draws: Floats, factor: float | Floats) -> Floats:
    """Return what draws are multiplied by to lie so many times as far from their middle."""
    middle = np.median(draws, axis=0, keepdims=True)
    # On the log scale a stretch cannot pass nought.
    far = np.clip(draws / np.maximum(middle, 1e-9), 1 / FARTHEST, FARTHEST)
    return np.where((draws > 0) & (middle > 0), far ** (np.asarray(factor) - 1), 1.0)
