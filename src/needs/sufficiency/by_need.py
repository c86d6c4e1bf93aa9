"""Chapter 50: the forecast by placement type, told by profile of need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.rows import unavailable
from needs.forecast.ahead import Ahead
from needs.profiles.by_profile import demand_by_profile
from needs.profiles.groups import group_names, groups_of
from needs.profiles.needs_basis import Needs
from needs.profiles.withheld import on_coverage
from needs.profiles.words import described
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.wording import inside

__all__ = ["demand_by_need"]

NAME, TITLE = "ahead_by_need", "Demand by profile of need"
LEVEL = 0.8
_N = Measure("projected_n", "Children", "children_forecast")
_SHARE = Measure("share_pct", "Share", "percent", "all children forecast")
_NONE = "The scores show no groups of children, so that demand cannot be told by profile of need."
WORDS = "What sets it apart"


@STUDY.followed_by
def demand_by_need(data: StudyData) -> Result:
    """Return the combined forecast by profile of need (``ahead_by_need``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and assessments.

    Returns
    -------
    Result
        By profile (``group``) and 31 March ahead: ``projected_n`` with ``lower_80`` and
        ``upper_80``, and the share of all children.

    Notes
    -----
    Profiles live in types of placement as they do today among children assessed
    (:func:`needs.profiles.by_profile.demand_by_profile`).
    """
    needs, ahead, choice = Needs.of(data), Ahead.of(data), groups_of(data)
    subtitle = f"Children on the day, forecast, {needs.care.study.authority.name}"
    model = choice.estimator
    if model is None:
        none = unavailable(needs.care, NAME, TITLE, subtitle, _N, _NONE)
        return on_coverage(none, needs)
    member = model.predict_proba(needs.levels.to_numpy(dtype=float))
    names = group_names(member.shape[1])
    expected = _expected(member, needs.of_assessed("type"), ahead.forecast.groups)
    rng = np.random.default_rng([data.study.seed, 50, 30])
    draws = ahead.forecast.draws.astype(np.float64)
    found = demand_by_profile(expected, draws, rng, LEVEL)
    periods = ahead.outlook.ahead
    words = described(model, list(needs.levels.columns), needs.tool.labels)
    made = Result(
        name=NAME,
        title=TITLE,
        subtitle=subtitle,
        table=_table(found, list(names), periods),
        measures=(_N, _SHARE),
        labels={**names, **ahead.outlook.labels, "group": "Profile"},
        source=f"{needs.source}; the combined forecast",
        layout=Layout(
            ("group", "measure"),
            ("period",),
            ("projected_n", "projected_n_lower_80", "projected_n_upper_80", "share_pct"),
        ),
        text=_said(names, periods[-1], ahead.outlook.labels[periods[-1]]),
        charts=(_picture(subtitle, names),),
        notes=(
            "The combined forecast of each placement type is parted among profiles as children "
            "assessed today are who live in that type: who lives where is taken to stay as it is.",
            "Ranges are 80%. They hold how far the forecast may be out, and how little is known "
            "of the mix where few were assessed; not that the mix may change.",
            *(f"{names[k]}: {inside(w)}" for k, w in zip(names, words, strict=True)),
        ),
        settings={**needs.settings, "level": LEVEL},
    )
    return on_coverage(made, needs)


def _table(found: pd.DataFrame, names: list[str], periods: list[str]) -> pd.DataFrame:
    keys = {
        "group": [names[k] for k in found["profile"]],
        "period": [periods[k] for k in found["day"]],
    }
    ends = {"lower_80": found["lower"], "upper_80": found["upper"]}
    whole = found.groupby("day")["mean"].transform("sum")
    number = pd.DataFrame({**keys, "measure": "projected_n", "value": found["mean"], **ends})
    share = pd.DataFrame({**keys, "measure": "share_pct", "value": 100 * found["mean"] / whole})
    return long_table(pd.concat([number, share], ignore_index=True))


def _picture(subtitle: str, names: dict[str, str]) -> Chart:
    return Chart(
        key="by_need",
        kind="stacked_bar",
        measure="projected_n",
        title="Demand ahead, by profile of need",
        subtitle=subtitle,
        alt="Stacked bars, one for each March ahead, of children by profile of need.",
        include={"group": tuple(names)},
    )


def _expected(
    member: npt.NDArray[np.float64], types: pd.Series, groups: tuple[str, ...]
) -> npt.NDArray[np.float64]:
    """Return expected children of each profile by type, in the forecast's order of types."""
    where = types.to_numpy(dtype=object)
    return np.array([member[where == g].sum(axis=0) for g in groups])


def _said(names: dict[str, str], last: str, day: str) -> tuple[Sentence, ...]:
    def ends(key: str) -> dict[str, str]:
        of = {"n": "projected_n", "low": "projected_n_lower_80", "high": "projected_n_upper_80"}
        return {k: figure_id(NAME, m, key, last) for k, m in of.items()}

    return tuple(
        Sentence(
            "{profile}: {n} children on {day}, between {low} and {high}.",
            ends(key),
            {"profile": words, "day": day},
        )
        for key, words in names.items()
    )
