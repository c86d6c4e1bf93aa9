"""Chapter 30: whether children fall into groups by their needs, and what sets each apart.

No child is put into a group: memberships are probabilities, and only their sums are shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.profiles.choose import Choice
from needs.profiles.groups import group_names, groups_of
from needs.profiles.needs_basis import Needs
from needs.profiles.scores import thresholds
from needs.profiles.withheld import on_coverage
from needs.profiles.words import described, distances_from_all
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

if TYPE_CHECKING:  # sklearn is slow to import
    from needs.profiles.latent_class import OrdinalLatentClass

__all__ = ["profile_domains", "profile_models", "profiles_found"]

NAME, DOMAINS, MODELS = "needs_profiles", "needs_profile_domains", "needs_profile_models"
NONE = "This data does not support clusters: no groups of children are shown."
TITLE = "Groups of children with like needs"
_SHARE = Measure("share_pct", "Share", "percent", "children assessed", ("expected_n",))
_EXPECTED = Measure("expected_n", "Children, expected", "children_tens")
_SURE = Measure("sure_pct", "Average certainty of membership", "percent", "full certainty")
_NEEDS = Measure("needs_mean", "Average number of needs", "needs")
WORDS = "What sets it apart"


def profiles_found(data: StudyData) -> Result:
    """Return the groups that the scores support, or that they support none.

    Parameters
    ----------
    data : StudyData
        A study with returns and assessments.

    Returns
    -------
    Result
        ``needs_profiles``: by profile: share of children (membership probabilities summed) with
        its 95% interval, expected number to the nearest ten, average number of needs, and words
        by rule; sentences give the verdict and its reasons.
    """
    needs, choice = Needs.of(data), groups_of(data)
    subtitle = needs.subtitle("Assessed children, latest assessment")
    model = choice.estimator
    if model is None:
        none = unavailable(needs.care, NAME, TITLE, subtitle, _SHARE, NONE)
        return on_coverage(replace(none, text=_refused(choice)), needs)
    member = model.predict_proba(needs.levels.to_numpy(dtype=float))
    names = group_names(member.shape[1])
    words = described(model, list(needs.levels.columns), needs.tool.labels)
    made = Result(
        name=NAME,
        title=TITLE,
        subtitle=subtitle,
        table=wide_rows(
            _sizes(needs, model, member).assign(group=list(names), period=needs.period),
            ["period", "group"],
        ),
        measures=(_SHARE, _EXPECTED, _NEEDS, _SURE),
        labels={**names, **needs.labels, "group": "Profile"},
        source=needs.source,
        layout=Layout(
            ("group",),
            ("measure",),
            ("share_pct", "share_pct_lower_95", "share_pct_upper_95", "expected_n", "needs_mean"),
        ),
        text=(*_verdict(names, choice), *_sizes_said(needs, names)),
        row_notes={WORDS: dict(zip(names, words, strict=True))},
        notes=(
            "A child belongs to every profile with a probability; shares and numbers are sums of "
            "these. No child is put into one.",
            "Profiles are named from the least need to the greatest. The words name domains whose "
            "average lies half a standard deviation or more from that of all children, three at "
            "most.",
            "Latent classes of ordinal scores; domains not scored count as not known (full-"
            "information likelihood). Which models were tried, and how this one was chosen, "
            "stands in the table of models.",
        ),
        settings={**needs.settings, "search": str(choice.settings)},
    )
    return on_coverage(made, needs)


def _refused(choice: Choice) -> tuple[Sentence, ...]:
    return (
        Sentence(
            "This data does not support clusters. {why}", {}, {"why": " ".join(choice.reasons)}
        ),
    )


def _sizes(
    needs: Needs, model: OrdinalLatentClass, member: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """Return the size of each profile, from membership probabilities."""
    n = len(member)
    share = member.mean(axis=0)
    half = 1.959964 * member.std(axis=0, ddof=1) / np.sqrt(n)
    need, _ = thresholds(needs.tool)
    level = np.arange(model.level_prob_.shape[2])
    sure = (member**2).sum(axis=0) / member.sum(axis=0)
    return pd.DataFrame(
        {
            "share_pct": 100 * share,
            "share_pct_lower": 100 * np.maximum(share - half, 0),
            "share_pct_upper": 100 * np.minimum(share + half, 1),
            "expected_n": member.sum(axis=0),
            "needs_mean": model.level_prob_[:, :, level >= need].sum(axis=(1, 2)),
            "sure_pct": 100 * sure,
        }
    )


def _verdict(names: dict[str, str], choice: Choice) -> tuple[Sentence, ...]:
    spelled = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
    return (
        Sentence(
            "The scores support {n} groups. {why}",
            {},
            {"n": spelled[len(names)], "why": " ".join(choice.reasons)},
        ),
    )


def _sizes_said(needs: Needs, names: dict[str, str]) -> tuple[Sentence, ...]:
    last = list(names)[-1]
    return (
        Sentence(
            "{name}, with the most needs, is {share} of the children assessed: {mean} needs on "
            "average.",
            {
                "share": figure_id(NAME, "share_pct", last, needs.period),
                "mean": figure_id(NAME, "needs_mean", last, needs.period),
            },
            {"name": names[last]},
        ),
    )


_APART = Measure("apart", "Standard deviations from all children", "deviations")
_LEVEL = Measure("level_mean", "Average score of the domain", "score")


def profile_domains(data: StudyData) -> Result:
    """Return what sets profiles apart: each domain's average in each profile, as a grid.

    Returns
    -------
    Result
        ``needs_profile_domains``: domain by profile: average level of need, and how many standard
        deviations it lies from that of all children.
    """
    needs, choice = Needs.of(data), groups_of(data)
    subtitle = needs.subtitle("Assessed children, latest assessment")
    title = "What sets the groups apart"
    model = choice.estimator
    if model is None:
        return on_coverage(unavailable(needs.care, DOMAINS, title, subtitle, _APART, NONE), needs)
    names = group_names(len(model.weights_))
    apart, labels = distances_from_all(model), needs.tool.labels
    means = model.level_prob_ @ np.arange(model.level_prob_.shape[2])
    rows = [
        {"group": d, "by": p, "period": needs.period, "apart": apart[k, i],
         "level_mean": means[k, i]}
        for i, d in enumerate(needs.levels.columns)
        for k, p in enumerate(names)
    ]  # fmt: skip
    made = Result(
        name=DOMAINS,
        title=title,
        subtitle=subtitle,
        table=wide_rows(pd.DataFrame(rows), ["period", "group", "by"]),
        measures=(_APART, _LEVEL),
        labels={**labels, **names, **needs.labels, "group": "Domain"},
        source=needs.source,
        layout=Layout(("group",), ("by",), ("level_mean",)),
        charts=(
            Chart(
                "grid",
                "heat",
                "apart",
                "How far each profile lies from all children, domain by domain",
                subtitle,
                "A grid, domains down and profiles across: standard deviations from the average "
                "of all children. Above nought is more need.",
                x="group",
                series="by",
            ),
        ),
        notes=(
            "The level of a domain counts from no need upwards. Standard deviations are those of "
            "the domain among all children (Cohen 1988).",
        ),
        settings=needs.settings,
    )
    return on_coverage(made, needs)


_MODEL_WORDS = {
    "independent": "No groups: domains go their own ways",
    "severity": "No groups: one scale of severity",
    "severity_curved": "No groups: one scale of severity, skewed",
    "severity_loose": "No groups: one scale, each level by itself",
    "classes": "Groups",
    "classes_severity": "Groups, with severity inside",
}
_EMISSIONS = {
    "free": "levels free",
    "ordinal": "shifted along the scale",
    "onset": "shifted, need or none apart",
    "steps": "steps of one scale",
}
_COUNTS = (
    Measure("classes_n", "Groups", "count"),
    Measure("bic_less", "BIC less that of the best", "count"),
    Measure("icl_less", "ICL less that of the best", "count"),
    Measure("entropy_pct", "Certainty of membership", "percent", "full certainty"),
    Measure("smallest_pct", "Smallest group", "percent", "children assessed"),
    Measure("stability", "Agreement when children are drawn again", "ratio"),
    Measure("stability_low", "Lowest agreement", "ratio"),
)


def profile_models(data: StudyData) -> Result:
    """Return every model that was tried, with and without groups, and what speaks for it.

    Returns
    -------
    Result
        ``needs_profile_models``: by model: number of groups, BIC and ICL against the best,
        certainty of membership (entropy), smallest group, stability.
    """
    needs, choice = Needs.of(data), groups_of(data)
    subtitle = needs.subtitle("Models of the latest assessments")
    title = "Which models of the scores were tried"
    t = choice.table.reset_index(drop=True)
    if t.empty:
        why = " ".join(choice.reasons)
        return on_coverage(unavailable(needs.care, MODELS, title, subtitle, _COUNTS[0], why), needs)
    keys = [f"m{i:02d}_{m}" for i, m in enumerate(t["model"])]
    several = t["classes_n"] > 1
    frame = pd.DataFrame(
        {
            "group": keys,
            "period": needs.period,
            "classes_n": t["classes_n"].where(several),
            "bic_less": t["bic"] - t["bic"].min(),
            "icl_less": t["icl"] - t["icl"].min(),
            "entropy_pct": (100 * t["entropy"]).where(several),
            "smallest_pct": (100 * t["smallest_share"]).where(several),
            "stability": t["stability"],
            "stability_low": t["stability_low"],
        }
    )
    labels = {
        k: _MODEL_WORDS[m] + (f", {_EMISSIONS[e]}" if n > 1 else "")
        for k, m, e, n in zip(keys, t["model"], t["emission"], t["classes_n"], strict=True)
    }
    chosen = dict(zip(keys, np.where(t["chosen"], "taken", ""), strict=True))
    made = Result(
        name=MODELS,
        title=title,
        subtitle=subtitle,
        table=long_table(wide_rows(frame, ["period", "group"])),
        measures=_COUNTS,
        labels={**labels, ALL: "All", **needs.labels, "group": "Model"},
        source=needs.source,
        layout=Layout(("group",), ("measure",), tuple(m.key for m in _COUNTS[:-1])),
        row_notes={"Choice": {k: str(v) for k, v in chosen.items()}},
        notes=(
            "Models with groups compete with models that have none: unrelated domains, and one "
            "scale of severity. Smaller is better for BIC (Schwarz 1978) and ICL (Biernacki, "
            "Celeux and Govaert 2000). Groups are claimed where they are better by a clear "
            "margin, or pass a parametric bootstrap where it is near; none may be very small, "
            "and they must come back when children are drawn again.",
            "Agreement is the middle adjusted Rand index (Hubert and Arabie 1985) of groups found "
            "anew among children drawn with putting back: one is the same groups, nought is "
            "chance. Where there is none it was not tried.",
        ),
        settings={**needs.settings, "search": str(choice.settings)},
    )
    return on_coverage(made, needs)
