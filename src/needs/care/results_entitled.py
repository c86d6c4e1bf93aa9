"""Chapter 20: young people entitled to leaving-care support, from the service's own list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.ages import completed_years
from needs.care.basis import Basis
from needs.care.breakdown import breakdown_rows
from needs.care.results_apart import ACCOMMODATION, ACTIVITY, IN_TOUCH, PEOPLE
from needs.care.rows import SERVED, unavailable
from needs.care.windows import day_words
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["BANDS", "ENTITLEMENTS", "WAYS", "entitled", "entitled_support"]

NAME = "entitled"
ENTITLEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "eligible": "Eligible: 16 or 17, still looked after",
        "relevant": "Relevant: 16 or 17, left care",
        "former_relevant": "Former relevant: 18 and over",
        "qualifying": "Qualifying for advice and assistance",
    }
)
BANDS: Mapping[str, str] = MappingProxyType(
    {
        "to_17": "17 and under",
        "at_18": "18",
        "from_19": "19 to 21",
        "from_22": "22 and over",
        "age_unknown": "Age not known",
    }
)
"""Ages as the entitlements part them: at 18 a relevant child becomes former relevant."""
SPLIT: Mapping[str, tuple[int, int, str]] = MappingProxyType(
    {"from_17": (17, 18, "17 to 18"), "from_19": (19, 21, "19 to 21")}
)
"""Ages as the DfE publishes care leavers: first and last of each band, and its words."""
_EDGES = (18, 19, 22)
_BASE = ("relevant", "former_relevant")
WAYS: Mapping[str, tuple[str, Mapping[str, str], str]] = MappingProxyType(
    {
        "in_touch": ("contact", IN_TOUCH, "yes"),
        "activity": ("activity", ACTIVITY, "eet"),
        "accommodation": ("accommodation", ACCOMMODATION, "suitable"),
    }
)
"""Result name without its first word -> words of its title, its groups, the one in focus."""
_TOUCH = {"YES": "yes", "NO": "no", "REFU": "refused", "NREQ": "refused"}
_TOUCH |= {"RHOM": "home", "DIED": "home"}
_ACTIVE = {
    "in education, employment or training": "eet",
    "not in education, employment or training": "neet",
}
_WHO = (
    "Young people on the service's own list on the day, each once, by the entitlement that the "
    "list gives (Children Act 1989, sections 23A to 24, and schedule 2). Ages come from the "
    "returns; of a person who is in no return the age is not known."
)
_ASKED = (
    "Of those of 21 and over a list has whoever asks for support, not all who may (Children Act "
    "1989, section 23CZB). The years ahead in chapter 50 count all who may, and so are higher."
)
_DFE_BASE = (
    "Relevant and former relevant young people aged 17 to 21: those whom the DfE counts as care "
    "leavers. They were looked after for thirteen weeks or more since they were 14, and on a day "
    "since they were 16. Left out are eligible children, who are still looked after, those who "
    "only qualify, since they were not looked after for so long, and those of 22 and over."
)
_APART = (
    "This differs from the table of the return (OC3) above: that takes contact, activity and "
    "accommodation near each birthday of the year, this as the list has them on one day; that "
    "leaves out whoever had no birthday from the seventeenth to the twenty-first in the year."
)


def _on_the_day(data: StudyData, basis: Basis) -> pd.DataFrame:
    """Return those on the list on the study's day, each once, with ``age`` and ``band``."""
    rows, day = data.care_leavers.frame, pd.Timestamp(data.study.period.as_at)
    rows = rows[(rows["from"] <= day) & (rows["to"].isna() | (rows["to"] >= day))]
    rows = rows.sort_values("from", kind="stable")
    child = rows["child"].to_numpy()
    # People who are in no return have no number, and so no second row that could be told.
    rows = rows[(child < 0) | ~rows["child"].duplicated(keep="last").to_numpy()]
    child = rows["child"].to_numpy()
    born = basis.records.children["dob"].to_numpy()
    age = np.full(len(rows), -1)
    age[child >= 0] = completed_years(born[child[child >= 0]], day.to_datetime64())
    codes = np.where(age < 0, len(BANDS) - 1, np.searchsorted(_EDGES, age, side="right"))
    return rows.assign(age=age, band=np.array(list(BANDS), dtype=object)[codes])


def _source(basis: Basis) -> str:
    return f"{basis.study.authority.short_name}: list of care leavers; ages from the returns"


def _subtitle(basis: Basis, who: str) -> str:
    return f"{who}, {basis.study.authority.name}, {day_words(basis.study.period.as_at)}"


def entitled(data: StudyData) -> Result:
    """Return young people entitled to leaving-care support, by entitlement and age.

    Parameters
    ----------
    data : StudyData
        A study with ``care_leavers`` and SSDA903 returns.

    Returns
    -------
    Result
        ``entitled``: people on the as-at date, ``group`` the entitlement, ``by`` the age.
    """
    basis = Basis.of(data)
    people = _on_the_day(data, basis)
    if people.empty:
        why = "The list of care leavers has nobody entitled on the day."
        title, subtitle = "Entitled to leaving-care support", _subtitle(basis, "Young people")
        return unavailable(basis, NAME, title, subtitle, PEOPLE, why)
    day = data.study.period.as_at.isoformat()
    groups = [g for g in ENTITLEMENTS if (people["entitlement"] == g).any()]
    bands = [b for b in BANDS if (people["band"] == b).any()]
    counts = pd.crosstab(people["entitlement"].astype(object), people["band"]).reindex(
        index=groups, columns=bands, fill_value=0
    )
    counts.loc[ALL] = counts.sum()
    counts[ALL] = counts.sum(axis=1)
    counts = counts.loc[[ALL, *groups], [ALL, *bands]].rename_axis("group").reset_index()
    table = counts.melt("group", var_name="by")
    return Result(
        name=NAME,
        title="Entitled to leaving-care support",
        subtitle=_subtitle(basis, "Young people entitled on the day"),
        table=long_table(table.assign(period=day, measure=PEOPLE.key)),
        measures=(PEOPLE,),
        labels={
            ALL: "All entitled", **ENTITLEMENTS, **BANDS, day: basis.date_labels.get(day, day),
            "group": "Entitlement",
        },
        source=_source(basis),
        layout=Layout(rows=("group",), columns=("by",)),
        text=_entitled_said(basis, groups, day),
        charts=_entitled_chart(basis, groups, bands),
        additive=(
            *((Additive("group", ALL, tuple(groups)),) if groups else ()),
            *((Additive("by", ALL, tuple(bands)),) if bands else ()),
        ),
        notes=(_WHO, "Eligible children are in the number looked after too.", _ASKED),
        settings=basis.settings(),
        scope=SERVED,
    )  # fmt: skip


def _entitled_said(basis: Basis, groups: list[str], day: str) -> tuple[Sentence, ...]:
    # Relevant young people are few everywhere: a sentence that names them would be left out.
    parts: list[str] = [g for g in ("eligible", "former_relevant") if g in groups]
    if not parts:
        return ()
    words = {g: ENTITLEMENTS[g].split(":")[0].lower() for g in parts}
    said = ", ".join(f"{{{g}}} {words[g]}" for g in parts)
    refs = {g: figure_id(NAME, PEOPLE.key, g, day, ALL) for g in parts}
    return (
        Sentence(
            f"{{day}}: {{n}} young people were entitled to leaving-care support, with {said}.",
            {"n": figure_id(NAME, PEOPLE.key, ALL, day, ALL), **refs},
            {"day": day_words(basis.study.period.as_at)},
        ),
    )


def _entitled_chart(basis: Basis, groups: list[str], bands: list[str]) -> tuple[Chart, ...]:
    if not groups:
        return ()
    return (
        Chart(
            key="ages",
            kind="stacked_bar",
            measure=PEOPLE.key,
            title="Entitled to leaving-care support, by age",
            subtitle=_subtitle(basis, "Young people entitled on the day"),
            alt="Stacked bars, one for each age band, by entitlement.",
            x="by",
            series="group",
            include={"group": tuple(groups), "by": tuple(bands)},
        ),
    )


def entitled_support(data: StudyData) -> tuple[Result, ...]:
    """Return contact, activity and accommodation of those whom the DfE counts as care leavers.

    Returns
    -------
    tuple of Result
        ``entitled_in_touch``, ``entitled_activity``, ``entitled_accommodation``: people and
        shares on the as-at date, ``group`` the state, ``by`` all aged 17 to 21, the two age
        bands of the DfE, and the two entitlements at those ages.
    """
    basis = Basis.of(data)
    people = _on_the_day(data, basis)
    people = people[people["entitlement"].isin(list(_BASE)).to_numpy()]
    return tuple(_support(basis, people, name) for name in WAYS)


def _states(people: pd.DataFrame, name: str) -> pd.Series | None:
    """Return the state of each person; None where the list does not say it of anybody."""
    if name == "in_touch":
        said = people["in_touch"].astype(object).map(_TOUCH)
        return said.fillna("not_known") if said.notna().any() else None
    if name == "activity":
        kind = people["activity"].astype(object).map(dict(code_set("ACTIV").group_of))
        said = kind.map(_ACTIVE)
    else:
        home = people["accommodation"].astype(object).map(dict(code_set("ACCOM").group_of))
        home = home.where(home.isin(["suitable", "unsuitable"]))
        told = people["suitable"].astype(object).map({True: "suitable", False: "unsuitable"})
        said = told.where(told.notna(), home)
    return said.fillna("not_known") if said.notna().any() else None


def _slices(people: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series]]:
    """Yield key, words and members of each column."""
    base = people["age"].between(17, 21)
    yield ALL, "All aged 17 to 21", base
    for key, (first, last, words) in SPLIT.items():
        yield key, words, people["age"].between(first, last)
    for kind in _BASE:
        words = ENTITLEMENTS[kind].split(":")[0]
        yield kind, f"{words}, aged 17 to 21", base & (people["entitlement"] == kind)


def _support(basis: Basis, people: pd.DataFrame, name: str) -> Result:
    what, words, focus = WAYS[name]
    full, day = f"{NAME}_{name}", basis.study.period.as_at.isoformat()
    title = f"Care leavers on the service's list by {what}"
    subtitle = _subtitle(basis, "Relevant and former relevant young people on the day")
    states = _states(people, name)
    if states is None:
        why = f"The list of care leavers does not say the {what} of anybody."
        return unavailable(basis, full, title, subtitle, PEOPLE, why)
    slices = {key: (label, there.to_numpy(bool)) for key, label, there in _slices(people)}
    slices = {k: v for k, v in slices.items() if v[1].any() or k == ALL}
    words = {**words, "not_known": words.get("not_known", "Not known")}
    return Result(
        name=full,
        title=title,
        subtitle=subtitle,
        table=long_table(_support_rows(states, slices, words).assign(period=day)),
        measures=(
            PEOPLE,
            Measure("share_pct", "Share", "percent", "the column", (PEOPLE.key,)),
        ),
        labels={
            **{k: label for k, (label, _) in slices.items()},
            **words, day: basis.date_labels.get(day, day),
        },
        source=_source(basis),
        layout=Layout(rows=("group", "measure"), columns=("by",)),
        text=_support_said(basis, full, words[focus], focus, states[slices[ALL][1]]),
        additive=_support_sums(states, slices, words),
        notes=(_DFE_BASE, _WHO, _APART),
        settings=basis.settings(),
        scope=SERVED,
    )  # fmt: skip


def _support_rows(
    states: pd.Series, slices: Mapping[str, tuple[str, np.ndarray]], words: Mapping[str, str]
) -> pd.DataFrame:
    """Return people and shares of each state in each column, with a row for all of the column."""
    parts = []
    keys = [w for w in words if (states == w).any()]
    for key, (_, there) in slices.items():
        n = np.array([[int((there & (states == k).to_numpy()).sum())] for k in keys])
        total = np.array([int(there.sum())])
        parts += [
            breakdown_rows(total[None, :], [ALL], [key], count=PEOPLE.key),
            breakdown_rows(n, keys, [key], total, count=PEOPLE.key),
        ]
    return pd.concat(parts, ignore_index=True).rename(columns={"period": "by"})


def _support_sums(
    states: pd.Series, slices: Mapping[str, tuple[str, np.ndarray]], words: Mapping[str, str]
) -> tuple[Additive, ...]:
    keys = tuple(w for w in words if (states == w).any())
    ways = (tuple(k for k in cut if k in slices) for cut in (SPLIT, _BASE))
    return (
        Additive("group", ALL, keys),
        *(Additive("by", ALL, parts) for parts in ways if parts),
    )


def _support_said(
    basis: Basis, name: str, words: str, focus: str, states: pd.Series
) -> tuple[Sentence, ...]:
    if not (states == focus).any():
        return ()
    day = basis.study.period.as_at.isoformat()
    refs = {
        "n": figure_id(name, PEOPLE.key, focus, day, ALL),
        "share": figure_id(name, "share_pct", focus, day, ALL),
        "base": figure_id(name, PEOPLE.key, ALL, day, ALL),
    }
    line = "{day}: “{state}”, {n} of {base} care leavers aged seventeen to twenty-one, {share}."
    return (Sentence(line, refs, {"day": day_words(basis.study.period.as_at), "state": words}),)
