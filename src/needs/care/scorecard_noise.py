"""Whether a change is more than chance: exact tests of counts, many at once.

Counts of an authority are small, so that they move from year to year though nothing has
changed. Each change is tested exactly, and over all indicators of a scorecard the share of
false flags is held down (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["FALSE_SHARE", "RULE", "Tally", "beyond_noise", "chance_of"]

FALSE_SHARE = 0.05
"""Share of the flags that may be false, on average over many scorecards."""

RULE = (
    "A change is beyond noise where chance alone would seldom make one as large: a count is "
    "tested as Poisson numbers are, by the exact binomial test of the two years; a share by "
    "Fisher's exact test of both counts and bases. Over all changes tested the share of false "
    "flags is controlled by the method of Benjamini and Hochberg. Children who are counted in "
    "both years make the tests cautious: they say noise more often than they need."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """The count behind a figure.

    Parameters
    ----------
    n : int
        What was counted.
    of : float or None
        What it is a part of (``share``) or is counted on (``rate``); None for a count alone.
    kind : {"count", "rate", "share"}
    """

    n: int
    of: float | None = None
    kind: Literal["count", "rate", "share"] = "count"

    @property
    def sound(self) -> bool:
        """Whether it can be tested: no negative count, no part greater than the whole."""
        if self.n < 0 or (self.kind != "count" and not self.of):
            return False
        return self.kind != "share" or self.n <= round(self.of or 0)


def chance_of(now: Tally, before: Tally) -> float | None:
    """Return the probability of a change at least as unlikely, were there none.

    Parameters
    ----------
    now, before : Tally
        Of the same kind.

    Returns
    -------
    float or None
        Two-sided p-value in (0, 1]; None where the tallies cannot be tested.

    Notes
    -----
    Given the sum of two Poisson counts, one of them is binomial, with the share of the exposures
    as probability (Przyborowski and Wilenski 1940). Two shares are tested by Fisher's exact test.

    Examples
    --------
    >>> chance_of(Tally(30), Tally(30))
    1.0
    """
    from scipy.stats import binomtest, fisher_exact  # noqa: PLC0415 - slow

    if now.kind != before.kind or not (now.sound and before.sound):
        return None
    if now.kind == "share":
        rest = [round(t.of or 0) - t.n for t in (now, before)]
        table = np.array([[now.n, rest[0]], [before.n, rest[1]]])
        return float(fisher_exact(table).pvalue)
    if now.n + before.n == 0:
        return 1.0
    a, b = (1.0, 1.0) if now.kind == "count" else (float(now.of or 0), float(before.of or 0))
    return float(binomtest(now.n, now.n + before.n, a / (a + b)).pvalue)


def beyond_noise(
    chances: Sequence[float | None], false_share: float = FALSE_SHARE
) -> npt.NDArray[np.bool_]:
    """Return which changes are beyond noise, with the share of false flags under control.

    Parameters
    ----------
    chances : sequence of float or None
        p-values; None is not tested and never flagged.
    false_share : float
        Greatest expected share of false flags among all.

    Notes
    -----
    Benjamini and Hochberg (1995), *Journal of the Royal Statistical Society B* 57, 289-300.
    """
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow

    flagged = np.zeros(len(chances), dtype=bool)
    tested = [i for i, p in enumerate(chances) if p is not None]
    if tested:
        p = [float(chances[i] or 0.0) for i in tested]
        flagged[tested] = multipletests(p, alpha=false_share, method="fdr_bh")[0]
    return flagged
