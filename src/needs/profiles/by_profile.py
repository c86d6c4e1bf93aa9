"""Where children of each profile live, and what a forecast by type of placement is by profile.

A child belongs to every profile with a probability; nobody is put into one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["LEAST_LIKE", "chance_by_profile", "demand_by_profile", "shares_by_profile"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEAST_LIKE = 20.0
"""Expected children of a profile below which its shares are not given."""


def shares_by_profile(
    member: Floats, setting: Sequence[str], settings: Sequence[str], level: float = 0.95
) -> pd.DataFrame:
    """Return where children of each profile live.

    Parameters
    ----------
    member : numpy.ndarray, shape (children, profiles)
        Membership probabilities.
    setting : sequence of str, length children
        Where each child lives.
    settings : sequence of str
        Settings to tell of, in order.
    level : float
        Share of intervals that hold the truth.

    Returns
    -------
    pandas.DataFrame
        One row a profile and setting: ``profile`` (position), ``setting``, ``expected_n``
        (expected children of the profile), ``share``, ``lower``, ``upper`` (Wilson, Journal of the
        American Statistical Association 1927, with as many children as memberships are worth:
        Kish, *Survey Sampling*, 1965, section 11.7), ``usual`` (bool: more of the profile live
        there than anywhere else), ``mostly`` (bool: and the whole interval lies above a half).
    """
    from scipy.stats import norm  # noqa: PLC0415 - slow

    z, where = float(norm.ppf(0.5 + level / 2)), np.asarray(setting, dtype=object)
    rows: list[tuple[object, ...]] = []
    for k, m in enumerate(member.T):
        whole = float(m.sum())
        worth = whole**2 / max(float((m**2).sum()), 1e-12)
        shares = [float(m[where == s].sum()) / max(whole, 1e-12) for s in settings]
        for s, p in zip(settings, shares, strict=True):
            middle = (p + z**2 / (2 * worth)) / (1 + z**2 / worth)
            half = z * np.sqrt(p * (1 - p) / worth + z**2 / (4 * worth**2)) / (1 + z**2 / worth)
            usual = p == max(shares)
            mostly = usual and middle - half > 0.5
            rows.append(
                (k, s, whole, p, max(middle - half, 0.0), min(middle + half, 1.0), usual, mostly)
            )
    names = ["profile", "setting", "expected_n", "share", "lower", "upper", "usual", "mostly"]
    return pd.DataFrame(rows, columns=names)


def chance_by_profile(member: Floats, home: Bools) -> Floats:
    """Return each child's chance of a home by its profile alone, the child itself left out.

    Parameters
    ----------
    member : numpy.ndarray, shape (children, profiles)
        Membership probabilities of children in homes and in foster care.
    home : numpy.ndarray of bool, shape (children,)
        Whether the child lives in a home.
    """
    others = member.sum(axis=0) - member
    at_home = (member * home[:, None]).sum(axis=0) - member * home[:, None]
    base = (home.sum() - home) / max(len(home) - 1, 1)
    share = np.where(others > 1e-9, at_home / np.maximum(others, 1e-9), base[:, None])
    out: Floats = (member * share).sum(axis=1)
    return out


def demand_by_profile(
    expected: Floats, draws: Floats, rng: np.random.Generator, level: float = 0.95
) -> pd.DataFrame:
    """Return a forecast by type of placement as one by profile.

    The mix of profiles within a type is taken to stay as it is. How little is known of it where
    few children were assessed widens the range (Dirichlet posterior; the prior of each type is
    the mix of all of them, worth one child).

    Parameters
    ----------
    expected : numpy.ndarray, shape (types, profiles)
        Expected children of each profile among those assessed, by type: sums of membership
        probabilities. A type in which nobody was assessed has the mix of all.
    draws : numpy.ndarray, shape (draws, days, types)
        Children forecast, one row a draw.
    rng : numpy.random.Generator
        Source of chance, made from the study's seed.
    level : float
        Share of ranges that hold the truth.

    Returns
    -------
    pandas.DataFrame
        One row a day and profile: ``day`` (position), ``profile`` (position), ``mean``, ``lower``,
        ``upper`` children. Means of a day add up to the mean of all types.

    Raises
    ------
    ValueError
        When shapes do not fit, or nobody was assessed.
    """
    if draws.ndim != 3 or expected.ndim != 2 or draws.shape[2] != expected.shape[0]:
        raise ValueError("draws need one column for each type of placement")
    if not expected.sum() > 0:
        raise ValueError("nobody was assessed, so that demand cannot be told by profile")
    prior = expected.sum(axis=0) / expected.sum()
    shape = np.broadcast_to(expected + prior, (len(draws), *expected.shape))
    mix = rng.standard_gamma(shape)
    mix = mix / mix.sum(axis=2, keepdims=True)
    by = np.einsum("ndt,ntk->ndk", draws, mix)
    low, high = np.quantile(by, [(1 - level) / 2, (1 + level) / 2], axis=0)
    days, profiles = by.shape[1:]
    return pd.DataFrame(
        {
            "day": np.repeat(np.arange(days), profiles),
            "profile": np.tile(np.arange(profiles), days),
            "mean": by.mean(axis=0).ravel(),
            "lower": low.ravel(),
            "upper": high.ravel(),
        }
    )
