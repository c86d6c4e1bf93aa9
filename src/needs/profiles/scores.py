"""Scores of children and of groups of them: needs, specialist needs, ranks of domains.

A sum over domains is not known where a domain was not scored. Complete cases are shown beside
gaps filled in many ways (:mod:`needs.profiles.missing`); the two differ where the children with
gaps differ.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.profiles.missing import Filled, combined
from needs.vocabulary.results import ALL
from needs.vocabulary.study_sections import Assessment

__all__ = [
    "MEASURES",
    "change",
    "child_scores",
    "coverage",
    "domain_ranks",
    "group_scores",
    "thresholds",
]

Floats = npt.NDArray[np.float64]

MEASURES = ("needs_mean", "specialist_children_share", "specialist_needs_share", "total_mean")
"""Average number of needs; share of children with a specialist need; share of needs that are
specialist; average total. The second and third are what a heading and the text of document 002
say of the same column: both are worked out, and named."""


def thresholds(tool: Assessment) -> tuple[float, float]:
    """Return the levels, counted from nought, from which there is a need and a specialist one."""
    if tool.higher_is == "more_need":
        return tool.need_from - tool.scale_min, tool.specialist_from - tool.scale_min
    return tool.scale_max - tool.need_from, tool.scale_max - tool.specialist_from


def child_scores(
    levels: pd.DataFrame, tool: Assessment, weights: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return each child's own scores.

    Parameters
    ----------
    levels : pandas.DataFrame
        As from :func:`needs.profiles.score_table.score_table`.
    tool : Assessment
        Where needs and specialist needs begin.
    weights : mapping of str to float, optional
        Weight of each domain; one where it is not named.

    Returns
    -------
    pandas.DataFrame
        Index ``child``. ``scored_n`` (domains scored); ``needs_n``, ``total``, ``weighted`` (NaN
        unless every domain was scored); ``specialist`` (1 any specialist need, 0 none, NaN not
        known: none seen and a domain missing).
    """
    need, special = thresholds(tool)
    whole = levels.notna().all(axis=1)
    by = np.array([(weights or {}).get(d, 1.0) for d in levels.columns])
    any_special = (levels >= special).any(axis=1)
    return pd.DataFrame(
        {
            "scored_n": levels.notna().sum(axis=1),
            "needs_n": (levels >= need).sum(axis=1).where(whole),
            "total": levels.sum(axis=1).where(whole),
            "weighted": (levels * by).sum(axis=1).where(whole),
            "specialist": any_special.astype(float).where(whole | any_special),
        }
    )


def _estimates(x: Floats, tool: Assessment) -> dict[str, tuple[float, float]]:
    """Return each measure and its sampling variance, from scores without gaps."""
    need, special = thresholds(tool)
    n = len(x)
    needs, specials = (x >= need).sum(axis=1), (x >= special).sum(axis=1)
    share = float(needs.sum() and specials.sum() / needs.sum())
    off = (specials - share * needs) / max(needs.mean(), 1e-12)  # linearised ratio
    spread = max(n - 1, 1) * n
    found = {
        "needs_mean": needs,
        "specialist_children_share": (specials > 0).astype(float),
        "total_mean": x.sum(axis=1),
    }
    out = {
        k: (float(v.mean()), float(((v - v.mean()) ** 2).sum() / spread)) for k, v in found.items()
    }
    out["specialist_needs_share"] = share, float((off**2).sum() / spread)
    return out


def group_scores(
    levels: pd.DataFrame,
    many: Filled,
    tool: Assessment,
    groups: pd.Series,
    least: int = 2,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return needs and specialist needs by group, with intervals.

    Parameters
    ----------
    levels : pandas.DataFrame
        Scores with their gaps.
    many : numpy.ndarray, shape (draws, children, domains)
        The same with gaps filled in (:func:`needs.profiles.missing.filled`).
    tool : Assessment
        Where needs and specialist needs begin.
    groups : pandas.Series
        Group of each child of ``levels`` (placement type, age band, sex); same index.
    least : int
        Fewest children for whom an interval can be given.
    level : float
        Share of intervals that hold the truth.

    Returns
    -------
    pandas.DataFrame
        ``group`` (``all`` first), ``measure`` (:data:`MEASURES`), ``method`` (``filled``,
        ``complete``), ``children_n``, ``value``, ``lower``, ``upper`` (NaN where fewer than
        ``least``).
    """
    x, by = levels.to_numpy(dtype=float), groups.reindex(levels.index).astype(object)
    whole = ~np.isnan(x).any(axis=1)
    here = {ALL: np.ones(len(x), dtype=bool)}
    here |= {str(g): (by == g).to_numpy() for g in sorted(by.dropna().unique(), key=str)}
    rows: list[tuple[object, ...]] = []
    for group, mine in here.items():
        for method, sets in (("filled", many[:, mine]), ("complete", x[None, mine & whole])):
            n = sets.shape[1]
            each = [_estimates(s, tool) for s in sets] if n >= least else []
            for measure in MEASURES:
                found = (np.nan, np.nan, np.nan)
                if each:
                    pairs = np.array([e[measure] for e in each])
                    found = combined(pairs[:, 0], pairs[:, 1], level)
                rows.append((group, measure, method, n, *_bounded(measure, found)))
    columns = ["group", "measure", "method", "children_n", "value", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def _bounded(measure: str, found: tuple[float, float, float]) -> tuple[float, ...]:
    top = 1.0 if measure.endswith("share") else np.inf
    return tuple(float(np.clip(v, 0, top)) for v in found)


def domain_ranks(
    many: Filled,
    domains: list[str],
    tool: Assessment,
    groups: pd.Series,
    draws: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the rank of each domain by how many children have a need in it, by group.

    Intervals are of ranks when children are drawn again (Goldstein and Spiegelhalter, Journal of
    the Royal Statistical Society A 1996, vol. 159, pages 385-443), each time from another of the
    ways in which gaps were filled in.

    Returns
    -------
    pandas.DataFrame
        ``group``, ``domain``, ``children_n``, ``share`` (of children with a need), ``rank`` (1 is
        the most common; equal shares share the mean of their ranks), ``lower``, ``upper`` (95%).
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - slow

    need, _ = thresholds(tool)
    has = many >= need
    by = groups.astype(object).to_numpy()
    names = [ALL, *sorted({g for g in by if isinstance(g, str)})]
    out = []
    for group in names:
        mine = has[:, np.ones(len(by), dtype=bool) if group == ALL else by == group]
        n = mine.shape[1]
        which = rng.integers(0, n, (draws, n))
        again = np.stack([mine[i % len(mine), w].mean(axis=0) for i, w in enumerate(which)])
        ranks = rankdata(-again, axis=1)
        share = mine.mean(axis=(0, 1))
        low, high = np.percentile(ranks, [2.5, 97.5], axis=0)
        out.append(
            pd.DataFrame(
                {
                    "group": group,
                    "domain": domains,
                    "children_n": n,
                    "share": share,
                    "rank": rankdata(-share),
                    "lower": low,
                    "upper": high,
                }
            )
        )
    return pd.concat(out, ignore_index=True)


def change(
    entry: pd.DataFrame, latest: pd.DataFrame, level: float = 0.95
) -> tuple[int, float, float, float]:
    """Return how levels changed between two days, over domains scored on both.

    Parameters
    ----------
    entry, latest : pandas.DataFrame
        Scores on two days; children in both count, if the days differ for them.

    Returns
    -------
    tuple
        Children, and the mean change of a domain's level with its interval (NaN where fewer than
        two children have both).
    """
    both = entry.index.intersection(latest.index)
    each = (latest.loc[both] - entry.loc[both]).mean(axis=1).dropna().to_numpy(dtype=float)
    if len(each) < 2:
        return len(each), np.nan, np.nan, np.nan
    mean, low, high = combined(each.mean()[None], each.var(ddof=1)[None] / len(each), level)
    return len(each), mean, low, high


def coverage(who: pd.DataFrame, assessed: pd.Index, level: float = 0.95) -> pd.DataFrame:
    """Return how many children have an assessment, and how those without differ.

    Parameters
    ----------
    who : pandas.DataFrame
        Index ``child``; one column a thing known of all of them (placement, age band, sex).
    assessed : pandas.Index
        Children with an assessment.

    Returns
    -------
    pandas.DataFrame
        ``column`` (``all`` first), ``category``, ``children_n``, ``assessed_n``, ``share``,
        ``lower``, ``upper`` (Wilson, Journal of the American Statistical Association 1927),
        ``of_assessed`` and ``of_others`` (share of the category among children with and without
        an assessment; NaN where there are none).
    """
    from scipy.stats import norm  # noqa: PLC0415 - slow

    has = who.index.isin(assessed)
    rows = [(ALL, ALL, np.ones(len(who), dtype=bool))]
    for column in who.columns:
        values = who[column].astype(object)
        kinds = sorted(values.dropna().unique(), key=str)
        rows += [(str(column), str(v), (values == v).to_numpy()) for v in kinds]
    z = float(norm.ppf(0.5 + level / 2))
    out = []
    for column, category, mine in rows:
        n, k = int(mine.sum()), int((mine & has).sum())
        p, wide = k / n, z * np.sqrt(k / n * (1 - k / n) / n + z**2 / (4 * n**2))
        middle, shrink = p + z**2 / (2 * n), 1 + z**2 / n
        out.append((
            column, category, n, k, p, (middle - wide) / shrink, (middle + wide) / shrink,
            mine[has].mean() if has.any() else np.nan,
            mine[~has].mean() if (~has).any() else np.nan,
        ))  # fmt: skip
    names = ["column", "category", "children_n", "assessed_n", "share", "lower", "upper"]
    return pd.DataFrame(out, columns=[*names, "of_assessed", "of_others"])
