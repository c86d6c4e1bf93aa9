"""Chapter 20: requests for a placement: what became of them, how soon, and what was found."""

from __future__ import annotations

import pandas as pd

from needs.care.requests import ENDS, Requests, needed_at_once
from needs.care.rows import SERVED, unavailable, wide_rows
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)
from needs.vocabulary.wording import inside

__all__ = ["asked_and_placed", "referrals", "same_day"]

REFERRALS, SAME_DAY, ASKED = "edge_referrals", "edge_same_day", "edge_asked_placed"
_RULE = (
    "A request counts in the year in which it was made, once for each request: a child may have "
    "several."
)
_SHOWN = (
    "A year is shown where the list of requests reaches back into its first quarter; requests of "
    "an earlier year are left out."
)


def referrals(data: StudyData) -> Result:
    """Return what became of requests for a placement, by year (``edge_referrals``).

    Parameters
    ----------
    data : StudyData
        A study with ``referrals`` and SSDA903 returns.

    Returns
    -------
    Result
        Requests; placed, avoided, withdrawn, open; and asked for again within twelve months,
        of those that say so. All are counts of requests.
    """
    made = Requests.of(data)
    title = "Requests for a placement, and what became of them"
    subtitle = _titled(made, "Requests")
    whole = Measure("referred_n", "Requests for a placement", "requests")
    if not made.keys:
        return unavailable(made.basis, REFERRALS, title, subtitle, whole, _SHOWN)
    wide, ends = _ended(made)
    return Result(
        name=REFERRALS,
        title=title,
        subtitle=subtitle,
        table=wide_rows(wide, ["period"]),
        measures=tuple(m for m in _funnel_measures(whole) if m.key in wide),
        labels={ALL: "All requests", **made.labels},
        source=made.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        text=_funnel_said(made, wide),
        additive=(Additive("measure", "referred_n", tuple(f"{e}_n" for e in ends)),),
        notes=(_RULE, _SHOWN),
        settings=made.basis.settings(),
        scope=SERVED,
    )


def _titled(made: Requests, what: str) -> str:
    return made.subtitle(what) if made.keys else what


def _funnel_measures(whole: Measure) -> tuple[Measure, ...]:
    every, said = "all requests", "requests that say whether they are"
    return (
        whole,
        *(Measure(f"{k}_n", words, "requests") for k, words in ENDS.items()),
        Measure("avoided_pct", "Placement avoided", "percent1", every, ("avoided_n", "referred_n")),
        Measure("re_said_n", "Requests that say whether they are a re-referral", "requests"),
        Measure("re_referred_n", "Re-referred within twelve months", "requests"),
        Measure(
            "re_referred_pct",
            "Re-referred within twelve months",
            "percent1",
            said,
            ("re_referred_n", "re_said_n"),
        ),
    )


def _ended(made: Requests) -> tuple[pd.DataFrame, list[str]]:
    """Return counts by year, and the ends that any request has."""
    rows = made.rows
    ends = [e for e in ENDS if (rows["end"] == e).any()]
    wide = []
    for key in made.keys:
        mine = rows[rows["year"] == key]
        row: dict[str, object] = {"period": key, "referred_n": len(mine)}
        row |= {f"{e}_n": int((mine["end"] == e).sum()) for e in ends}
        if "avoided" in ends:
            row["avoided_pct"] = _pct(int((mine["end"] == "avoided").sum()), len(mine))
        if rows["re_referral"].notna().any():
            said = mine["re_referral"].dropna().astype(bool)
            row |= {"re_said_n": len(said), "re_referred_n": int(said.sum())}
            row["re_referred_pct"] = _pct(int(said.sum()), len(said))
        wide.append(row)
    return pd.DataFrame(wide), ends


def _pct(n: int, base: int) -> float:
    return 100.0 * n / base if base else float("nan")


def _funnel_said(made: Requests, wide: pd.DataFrame) -> tuple[Sentence, ...]:
    last = made.keys[-1]
    if "avoided_n" not in wide or not wide["referred_n"].iloc[-1]:
        return ()
    names = {"n": "referred_n", "placed": "placed_n", "avoided": "avoided_n"}
    line = "{year}: of {n} requests for a placement {placed} were met with one, {avoided} avoided"
    if "re_referred_pct" in wide and wide["re_said_n"].iloc[-1]:
        names["again"] = "re_referred_pct"
        line += "; {again} of those that say so were re-referrals"
    refs = {k: figure_id(REFERRALS, m, ALL, last) for k, m in names.items() if m in wide}
    if len(refs) < len(names):
        return ()
    return (Sentence(line + ".", refs, {"year": made.labels[last]}),)


def same_day(data: StudyData) -> Result:
    """Return placements asked for on the day they were needed, by year (``edge_same_day``).

    Returns
    -------
    Result
        Requests that came to a placement, those of them needed the same day, and their share.
    """
    made = Requests.of(data)
    title, subtitle = "Same-day emergencies", _titled(made, "Requests that came to a placement")
    whole = Measure("placed_n", "Requests that came to a placement", "requests")
    if not made.keys:
        return unavailable(made.basis, SAME_DAY, title, subtitle, whole, _SHOWN)
    soon = made.placed.groupby("year")["same_day"].agg(["size", "sum"]).reindex(list(made.keys))
    soon = soon.fillna(0).astype(int)
    wide = pd.DataFrame(
        {
            "period": list(made.keys),
            "placed_n": soon["size"].to_numpy(),
            "same_day_n": soon["sum"].to_numpy(),
            "same_day_pct": [_pct(s, n) for n, s in soon.itertuples(index=False)],
        }
    )
    base = "requests that came to a placement"
    return Result(
        name=SAME_DAY,
        title=title,
        subtitle=subtitle,
        table=wide_rows(wide, ["period"]),
        measures=(
            whole,
            Measure("same_day_n", "Needed on the day of the request", "requests"),
            Measure(
                "same_day_pct", "Needed on the day of the request", "percent1", base,
                ("same_day_n", "placed_n"),
            ),
        ),
        labels={ALL: "All requests", **made.labels},
        source=made.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        text=_soon_said(made, wide),
        charts=_soon_chart(made, subtitle),
        checks=(_agree(data),),
        notes=(
            _RULE,
            "The same day: the day by which a place was needed is the day of the request; where "
            "the list does not give that day, the request is marked as an emergency.",
            _SHOWN,
        ),
        settings=made.basis.settings(),
        scope=SERVED,
    )  # fmt: skip


def _soon_said(made: Requests, wide: pd.DataFrame) -> tuple[Sentence, ...]:
    last = made.keys[-1]
    if not wide["placed_n"].iloc[-1]:
        return ()
    names = {"share": "same_day_pct", "n": "same_day_n", "base": "placed_n"}
    return (
        Sentence(
            "{year}: {share} of placements were needed on the day they were asked for, {n} of "
            "{base}.",
            {k: figure_id(SAME_DAY, m, ALL, last) for k, m in names.items()},
            {"year": made.labels[last]},
        ),
    )


def _soon_chart(made: Requests, subtitle: str) -> tuple[Chart, ...]:
    if len(made.keys) < 2:
        return ()
    return (
        Chart(
            key="share",
            kind="line",
            measure="same_day_pct",
            title="Placements needed on the day they were asked for",
            subtitle=f"Share of: {inside(subtitle)}",
            alt="Line chart of the share of placements needed the same day, one point a year.",
        ),
    )


def _agree(data: StudyData) -> Check:
    asked = data.referrals.frame
    both = asked["needed_by"].notna() & asked["emergency"].notna()
    apart = int(
        (both & (needed_at_once(asked) != asked["emergency"].fillna(False).to_numpy(bool))).sum()
    )
    return Check(
        "Day needed and mark of emergency agree",
        "review" if apart else "pass",
        f"requests in which they differ: {apart}",
    )


def asked_and_placed(data: StudyData) -> Result:
    """Return what was asked for beside what was found in the last year (``edge_asked_placed``).

    Returns
    -------
    Result
        Of requests that came to a placement, by type of placement: asked for, asked for and
        found, and placed there whatever was asked for.
    """
    made = Requests.of(data)
    title = "What was asked for, and what was found"
    asked = Measure("asked_n", "Asked for", "requests")
    if not made.keys:
        return unavailable(made.basis, ASKED, title, "Requests", asked, _SHOWN)
    last = made.keys[-1]
    placed = made.placed[made.placed["year"] == last]
    words = {t.key: t.label for t in made.basis.study.categories.types}
    table = _types(placed, list(words))
    groups = table["group"].tolist()[1:]
    return Result(
        name=ASKED,
        title=title,
        subtitle=f"Requests that came to a placement, {made.basis.study.authority.name}, "
        f"{made.labels[last]}",
        table=wide_rows(table.assign(period=last), ["group", "period"]),
        measures=(
            asked,
            Measure("as_asked_n", "Asked for and found", "requests"),
            Measure("found_n", "Placed there, whatever was asked for", "requests"),
            Measure(
                "as_asked_pct",
                "Found",
                "percent",
                "requests for the type",
                ("as_asked_n", "asked_n"),
            ),
        ),
        labels={ALL: "All types", **words, **made.labels, "group": "Type of placement"},
        source=made.source,
        layout=Layout(rows=("group",), columns=("measure",)),
        text=_found_said(last, made.labels[last], len(placed)),
        additive=(Additive("group", ALL, tuple(groups)),) if groups else (),
        notes=(
            _RULE,
            "Types are the study's own. A type found more often than it was asked for stood in "
            "for another.",
        ),
        settings=made.basis.settings(),
        scope=SERVED,
    )


def _types(placed: pd.DataFrame, types: list[str]) -> pd.DataFrame:
    """Return asked, found as asked, and found, of all and of each type that there is."""
    # A place of a type that is not said counts as no type: it was found, but not as asked.
    same = placed["asked"] == placed["found"]
    wide = pd.DataFrame(
        {
            "asked_n": placed["asked"].value_counts(),
            "as_asked_n": placed.loc[same, "asked"].value_counts(),
            "found_n": placed["found"].value_counts(),
        }
    ).reindex(types)
    wide = wide[wide.notna().any(axis=1)].fillna(0)
    whole = wide.sum().to_frame(ALL).T
    out = pd.concat([whole, wide]).astype(int)
    out["as_asked_pct"] = [_pct(s, n) for n, s, _ in out.itertuples(index=False)]
    return out.rename_axis("group").reset_index()


def _found_said(last: str, words: str, n: int) -> tuple[Sentence, ...]:
    if not n:
        return ()
    return (
        Sentence(
            "{year}: {same} of {n} placements, {share}, were of the type asked for.",
            {
                "same": figure_id(ASKED, "as_asked_n", ALL, last),
                "n": figure_id(ASKED, "asked_n", ALL, last),
                "share": figure_id(ASKED, "as_asked_pct", ALL, last),
            },
            {"year": words},
        ),
    )
