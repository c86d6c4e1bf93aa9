"""Chapter 30: where children of each profile live, against where most of them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.rows import unavailable
from needs.profiles.by_profile import LEAST_LIKE, chance_by_profile, shares_by_profile
from needs.profiles.groups import group_names, groups_of
from needs.profiles.homes import judged
from needs.profiles.needs_basis import GROUPS, Needs
from needs.profiles.placed import FOSTER, HOME, SETTINGS, alike_today
from needs.profiles.withheld import on_coverage, withheld
from needs.profiles.words import described
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id
from needs.vocabulary.wording import inside

if TYPE_CHECKING:  # sklearn is slow to import
    from needs.profiles.latent_class import OrdinalLatentClass

__all__ = ["BY_PROFILE", "homes_by_profile", "partnered"]

BY_PROFILE = "homes_by_profile"
KEYS = ["group", "by", "period"]
_SHARE = Measure("share_pct", "Share", "percent", "children of the profile")
_NONE = "The scores show no groups of children, so that no profile can be told apart."


def homes_by_profile(data: StudyData) -> Result:
    """Return where children of each profile live (``homes_by_profile``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and assessments.

    Returns
    -------
    Result
        ``group`` profile, ``by`` kind of placement: share of the profile's children, expected by
        membership probabilities, with 95% intervals. No count stands beside the shares.
    """
    needs = Needs.of(data)
    title = "Where children of each profile live"
    subtitle = needs.subtitle("Assessed children, by profile of need")
    choice = groups_of(data)
    if choice.estimator is None:
        none = unavailable(needs.care, BY_PROFILE, title, subtitle, _SHARE, _NONE)
        return on_coverage(none, needs)
    model = choice.estimator
    member = model.predict_proba(needs.levels.to_numpy(dtype=float))
    names = group_names(member.shape[1])
    where = needs.of_assessed("group").fillna("other").to_numpy(dtype=object)
    there = [s for s in SETTINGS if (where == s).any()]
    found = shares_by_profile(member, where.tolist(), there)
    found = found[found["expected_n"] >= LEAST_LIKE]
    found["group"] = [list(names)[k] for k in found["profile"]]
    words = dict(
        zip(names, described(model, list(needs.tool.labels), needs.tool.labels), strict=True)
    )
    made = Result(
        name=BY_PROFILE,
        title=title,
        subtitle=subtitle,
        table=partnered(withheld(_frame(found, needs), KEYS, needs, ("share_pct",))),
        measures=(_SHARE,),
        labels={**names, **{k: GROUPS[k] for k in there}, **needs.labels, "group": "Profile",
                "by": "Live in"},
        source=needs.source,
        layout=Layout(
            rows=("group", "by"), columns=("measure",),
            measures=("share_pct", "share_pct_lower_95", "share_pct_upper_95"),
        ),
        text=(*_said(found, names, needs, words), _alone(data, needs, model)),
        charts=_picture(subtitle, names, there),
        notes=(
            "A child belongs to every profile with a probability, and counts to each with it. "
            "Intervals are 95% (Wilson), of as many children as those memberships are worth.",
            "Shares that few children make are withheld, and where one would come back from the "
            "others of its row, one more with it.",
            "Profiles were learned from the scores alone: where a child lives had no part in it. "
            f"Those of fewer than {LEAST_LIKE:g} expected children are left out.",
        ),
        settings={**needs.settings, "least_like": LEAST_LIKE},
    )  # fmt: skip
    return on_coverage(made, needs)


def _frame(found: pd.DataFrame, needs: Needs) -> pd.DataFrame:
    """Return shares in per cent as wide rows, with what withholds those of few."""
    return pd.DataFrame(
        {
            "group": found["group"],
            "by": found["setting"],
            "period": needs.period,
            "assessed_n": found["expected_n"],
            "share_pct": 100 * found["share"],
            "share_pct_lower": 100 * found["lower"],
            "share_pct_upper": 100 * found["upper"],
        }
    )


def partnered(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of shares in which no profile has a single one withheld.

    Shares of a profile make up a hundred: one that is withheld alone would come back. The smallest
    that is above nought is withheld with it.
    """
    out = table.copy()
    numbers = ["value", *(c for c in out if str(c).startswith(("lower_", "upper_")))]
    for _, mine in table.groupby(["group", "period"], sort=False):
        if (mine["marker"] == "c").sum() != 1:
            continue
        others = mine[(mine["marker"] == "") & (mine["value"] > 0)]
        if len(others):
            at = others["value"].idxmin()
            out.loc[at, numbers] = np.nan
            out.loc[at, "marker"] = "c"
    return out


def _said(
    found: pd.DataFrame, names: dict[str, str], needs: Needs, sets_apart: dict[str, str]
) -> list[Sentence]:
    """Return what sets each profile apart, and where most of it live, if any place has most."""
    out = []
    for row in found[found["usual"]].drop_duplicates("profile").itertuples():
        ends = {"share": "share_pct", "low": "share_pct_lower_95", "high": "share_pct_upper_95"}
        refs = {
            k: figure_id(BY_PROFILE, m, str(row.group), needs.period, str(row.setting))
            for k, m in ends.items()
        }
        line = (
            "{profile}: {apart} Most live in “{place}”, {share} ({low} to {high})."
            if row.mostly
            else "{profile}: {apart} No kind of place surely has most of them; “{place}” has "
            "{share} ({low} to {high})."
        )
        words = {"profile": names[str(row.group)], "place": GROUPS[str(row.setting)]}
        apart = sets_apart[str(row.group)]
        words["apart"] = inside(apart)
        out.append(Sentence(line, refs, words))
    return out


def _alone(data: StudyData, needs: Needs, model: OrdinalLatentClass) -> Sentence:
    """Return in words how much of where a child lives the profile alone tells."""
    two = needs.of_assessed("group").isin([FOSTER, HOME]).to_numpy()
    alike = alike_today(data)
    if not alike.enough:
        return Sentence("Too few live in homes or in foster care to compare profiles with needs.")
    member = model.predict_proba(needs.levels[two].to_numpy(dtype=float))
    gain: npt.NDArray[np.float64] = np.array([
        judged(chance_by_profile(member, alike.home), alike.home).gain,
        judged(alike.chance, alike.home).gain,
    ])  # fmt: skip
    if gain[0] >= gain[1]:
        return Sentence(
            "The profile alone tells whether a child lives in a home as well as single needs, age "
            "and sex do."
        )
    return Sentence(
        "The profile alone tells less of whether a child lives in a home than single needs, age "
        "and sex do: the counts below rest on those."
    )


def _picture(subtitle: str, names: dict[str, str], there: list[str]) -> tuple[Chart, ...]:
    return (
        Chart(
            key="shares",
            kind="stacked_bar",
            measure="share_pct",
            title="Where children of each profile live",
            subtitle=subtitle,
            alt="Stacked bars, one for each profile, of shares by kind of placement.",
            x="group",
            series="by",
            include={"group": tuple(names), "by": tuple(there)},
        ),
    )
