"""Chapter 20: past counts as they were first returned, as they are known now, and why they differ.

Most changes are of few children, and then hidden: the table says that a count was restated, and
why, without saying by how much. A published figure beside it stays as it was printed. It is public,
and so is what a reader makes of it and the count now; whether it is the count of the first return
is not told where that one is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.restated import IN_SHORT, KINDS, REASONS, Restated
from needs.care.restated import restated as restated_of
from needs.care.restated_printed import COUNTED, printed_beside
from needs.care.results_flows import with_windows
from needs.care.rows import unavailable
from needs.care.windows import Window, day_words
from needs.vocabulary.kin import Tie, same
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["NAME", "WHY", "restated", "restated_reasons", "ties", "why_restated"]

NAME, WHY = "cla_restated", "cla_restated_reasons"
TITLE = "Past counts that later returns changed"
WHY_TITLE = "Why past counts were changed"
ADDED = Measure("added_n", "Counted now and not then", "children")
REMOVED = Measure("removed_n", "Counted then and not now", "children")
_NOW = Measure("now_n", "As now known", "children")
_MEASURES = (Measure("first_n", "As first returned", "children"), _NOW, ADDED, REMOVED)
_WORDS = {"stock": "Looked after", "started": "Started", "ceased": "Ceased"}
_SPOKEN = {
    "stock": "the number looked after at the end of",
    "started": "the number who started in",
    "ceased": "the number who ceased in",
}
_COLUMNS = {"stock": "Looked after at its end", "started": "Started", "ceased": "Ceased"}
_RULE = (
    "As first returned: counted from the return of that year alone. As now known: from every "
    "return, the latest that speaks of an episode standing. An r stands at a count that is not "
    "what it was."
)
_ONE_REASON = (
    "Each child who counts on one side only has one reason. Where several would do, it is the "
    "first of these: " + "; ".join(REASONS.values()) + "."
)
_NEWEST = "The year of the newest return is not here: no later one can have changed it."
_HIDDEN = (
    "Where a change is of few children its size is hidden, and the count as first returned with it."
)
_AS_PRINTED = (
    "A published figure stays as it was printed, whom it counts is for its document to say. Where "
    "it differs from a count that no return has changed, the difference is not of the returns."
)
_SYNTHETIC = (
    "The records are synthetic: that a published figure is another says nothing of the authority."
)
_OTHERWISE = "the document counts otherwise"


def restated(data: StudyData) -> Result:
    """Return past counts as first returned and as now known (``cla_restated``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; published figures of the same days stand beside them.

    Returns
    -------
    Result
        A row (``group``) for each 31 March and for those who started and ceased in each year
        that a later return may have changed. Measures ``printed_n`` (and more where documents
        differ), ``first_n``, ``now_n``, ``added_n``, ``removed_n``, with ``now_n = first_n +
        added_n - removed_n``. Where nothing can have changed, it says so.
    """
    basis = with_windows(data)
    made = _made(data, basis)
    if made.counts.empty:
        return unavailable(basis, NAME, TITLE, _subtitle(basis), _NOW, _nothing(basis))
    counts = _counts(made, basis)
    return _first_table(basis, counts, _parts(made, basis), printed_beside(data, counts))


def restated_reasons(data: StudyData) -> Result:
    """Return why past counts were changed, counted on children (``cla_restated_reasons``).

    Returns
    -------
    Result
        Children added and removed by reason (``group``), year (``period``) and count (``by``:
        ``stock``, ``started``, ``ceased``), which make up those of :func:`restated`.
    """
    basis = with_windows(data)
    parts = _parts(_made(data, basis), basis)
    if parts.empty:
        why = "No later return has changed a count."
        return unavailable(basis, WHY, WHY_TITLE, _subtitle(basis), ADDED, why)
    return _second_table(basis, parts)


def why_restated(data: StudyData) -> dict[str, str]:
    """Return, for each count that later returns changed, the years and why, in words.

    Keys are measures: ``children_n``, ``started_n``, ``ceased_n``. Sizes are not told, so that
    nothing is said that the tables of chapter 20 hide.
    """
    basis = Basis.of(data)
    made = _made(data, basis)
    reasons = _reasons(_parts(made, basis))
    out = {}
    for kind, measure in COUNTED.items():
        said = [f"{year}: {why}" for (k, year), why in reasons.items() if k == kind]
        if said:
            out[measure] = ". ".join(said)
    return out


def ties(results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield what ties these tables to one another and to the rest of chapter 20.

    The counts as now known are those of the other tables, and reasons make up each change. A
    change of the stock is that of the children who started less those who ceased, where children
    came late with the whole of their care: a reader who takes that to hold is right where it does.
    """
    if NAME not in results or WHY not in results:
        return
    table = results[NAME].table
    table = table[table["group"] != ALL]  # where there is nothing to tell
    value = table.set_index(["measure", "group"])["value"].to_dict()
    of_reasons = results[WHY].table
    of_reasons = of_reasons[of_reasons["by"] != ""]
    keys = ["measure", "group", "period", "by"]
    by_count = of_reasons[keys].groupby(["by", "period"], sort=False)
    for (kind, year), rows in by_count:
        group = _group(str(kind), str(year))
        period = _period(table, group)
        for measure in ("added_n", "removed_n"):
            whole = figure_id(NAME, measure, group, period)
            of = rows[rows["measure"] == measure]
            each = (figure_id(WHY, m, g, p, b) for m, g, p, b in of.itertuples(index=False))
            yield Tie(((whole, 1), *((i, -1) for i in each)))
    for group, period in table[["group", "period"]].drop_duplicates().itertuples(index=False):
        kind, year = group.split("_", 1)
        there = "cla_stock" if kind == "stock" else "cla_flows"
        counted = figure_id(there, COUNTED[kind], ALL, period)
        yield from same(counted, figure_id(NAME, "now_n", group, period))
        if kind == "stock":
            signs = dict(
                zip(product(KINDS, ("added_n", "removed_n")), (1, -1, -1, 1, 1, -1), strict=True)
            )
            groups = {k: f"{k}_{year}" for k in KINDS}
            terms = [(m, groups[k], s) for (k, m), s in signs.items() if (m, groups[k]) in value]
            if sum(s * value[m, g] for m, g, s in terms) == 0:
                yield Tie(tuple((figure_id(NAME, m, g, _period(table, g)), s) for m, g, s in terms))


def _period(table: pd.DataFrame, group: str) -> str:
    return str(table.loc[table["group"] == group, "period"].iloc[0])


def _made(data: StudyData, basis: Basis) -> Restated:
    return data.once(
        "restated", lambda: restated_of(basis.records, basis.shown.windows, basis.scope)
    )


def _nothing(basis: Basis) -> str:
    """Return why nothing can be said."""
    if len(basis.records.returns) < 2:
        return "The study has one return alone: no later one can have changed what it said."
    if basis.records.as_known is None:
        return "These records were not read from returns, so that earlier ones cannot be rebuilt."
    return "No return that is shown here has a later one."


def _subtitle(basis: Basis) -> str:
    return basis.flow_subtitle("Children as each return first gave them, and as all returns do")


def _group(kind: str, year: str) -> str:
    return f"{kind}_{year.replace('-', '_')}"


def _counts(made: Restated, basis: Basis) -> pd.DataFrame:
    """Return one row a count, in printed order: keys, words and numbers."""
    windows = basis.shown.windows
    added = made.changes.assign(
        added_n=made.changes["sign"] > 0, removed_n=made.changes["sign"] < 0
    )
    sums = added.groupby(["kind", "window"])[["added_n", "removed_n"]].sum()
    out = made.counts.join(sums, on=["kind", "window"]).fillna({"added_n": 0, "removed_n": 0})
    out["kind"] = pd.Categorical(out["kind"], categories=list(KINDS), ordered=True)
    out = out.sort_values(["kind", "window"], ignore_index=True).astype({"kind": str})
    of = [windows[int(at)] for at in out["window"]]
    out["year"] = [w.key for w in of]
    out["group"] = [_group(k, w.key) for k, w in zip(out["kind"], of, strict=True)]
    out["period"] = [_key(k, w) for k, w in zip(out["kind"], of, strict=True)]
    out["label"] = [f"{_WORDS[k]} {_when(k, w)}" for k, w in zip(out["kind"], of, strict=True)]
    return out


def _key(kind: str, window: Window) -> str:
    return window.end.isoformat() if kind == "stock" else window.key


def _when(kind: str, window: Window) -> str:
    return day_words(window.end, short=True) if kind == "stock" else window.label


def _parts(made: Restated, basis: Basis) -> pd.DataFrame:
    """Return changes by year, reason and count; noughts where a reason of the year has none."""
    years = np.asarray(basis.window_keys, dtype=object)
    changes = made.changes.assign(year=years[made.changes["window"].to_numpy(dtype=np.intp)])
    n = changes.groupby(["year", "reason", "kind", "sign"]).size()
    met = {(y, r) for y, r, _, _ in n.index}
    rank = {r: i for i, r in enumerate(REASONS)}
    rows = [
        (
            year,
            reason,
            kind,
            int(n.get((year, reason, kind, 1), 0)),
            int(n.get((year, reason, kind, -1), 0)),
        )
        for year, reason in sorted(met, key=lambda k: (k[0], rank[k[1]]))
        for kind in KINDS
    ]
    return pd.DataFrame(rows, columns=["period", "group", "by", "added_n", "removed_n"])


def _reasons(parts: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return why each count was changed, in words: kind and year -> every reason met.

    In the order of precedence, not of size: which of two hidden counts is larger is not told.
    """
    some = parts[parts["added_n"] + parts["removed_n"] > 0]
    out: dict[tuple[str, str], list[str]] = {}
    for year, reason, kind in some[["period", "group", "by"]].itertuples(index=False):
        out.setdefault((str(kind), str(year)), []).append(IN_SHORT[str(reason)])
    return {key: ", ".join(words) for key, words in out.items()}


def _first_table(
    basis: Basis, counts: pd.DataFrame, parts: pd.DataFrame, printed: pd.DataFrame
) -> Result:
    changed = counts["now_n"] != counts["first_n"]
    beside = _beside(printed, counts)
    of_print = tuple(Measure(m, _column(m), "count") for m in sorted(set(beside["measure"])))
    tables = [t for t in (beside, _rows(counts)) if len(t)]
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=_subtitle(basis),
        table=long_table(pd.concat(tables, ignore_index=True)),
        measures=(*of_print, *_MEASURES),
        labels={**dict(zip(counts["group"], counts["label"], strict=True)), "group": "Count"},
        source=basis.source,
        layout=Layout(rows=("group",), columns=("measure",)),
        text=_said(counts),
        checks=(_check(changed),),
        additive=(Additive("measure", "now_n", ("first_n", "added_n", "removed_n"), (1, 1, -1)),),
        notes=(
            _RULE,
            _HIDDEN,
            *((_AS_PRINTED,) if of_print else ()),
            *((_SYNTHETIC,) if of_print and basis.study.report.synthetic else ()),
            _NEWEST,
            *basis.shown.notes,
        ),
        row_notes={"Why": _why(counts, _reasons(parts), printed)},
        settings=basis.settings(),
    )


def _rows(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts as rows of a long table, those that changed marked."""
    changed = set(counts.loc[counts["now_n"] != counts["first_n"], "group"])
    out = counts.melt(["group", "period"], [m.key for m in _MEASURES], var_name="measure")
    new = (out["measure"] == "now_n") & out["group"].isin(changed)
    return out.assign(marker=new.map({True: "r", False: ""}))


def _beside(printed: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Return published figures as rows of a long table, a measure for each that differs."""
    measures = [f"printed_{int(r) + 1}_n" if r else "printed_n" for r in printed["rank"]]
    rows = printed[["group", "value"]].assign(measure=measures)
    return rows.merge(counts[["group", "period"]], on="group")


def _column(measure: str) -> str:
    return "As published" if measure == "printed_n" else "As published by another document"


def _why(
    counts: pd.DataFrame, reasons: Mapping[tuple[str, str], str], printed: pd.DataFrame
) -> dict[str, str]:
    """Return the words beside each count."""
    out = {}
    for c in counts.to_dict("records"):
        values = printed.loc[printed["group"] == c["group"], "value"]
        said = reasons.get((c["kind"], c["year"]), "")
        if not said and (values != c["now_n"]).any():
            said = _OTHERWISE
        out[c["group"]] = said
    return out


def _said(counts: pd.DataFrame) -> tuple[Sentence, ...]:
    out = []
    changed = counts[counts["now_n"] != counts["first_n"]]
    for kind in KINDS:
        years = list(changed.loc[changed["kind"] == kind, "year"])
        if years:
            said = "Later returns changed {what} {years}."
            every = list(counts.loc[counts["kind"] == kind, "year"])
            span = f"{years[0]} to {years[-1]}" if len(years) > 2 else " and ".join(years)
            named = span if years == every else ", ".join(years)
            out.append(Sentence(said, {}, {"what": _SPOKEN[kind], "years": named}))
    if not out:
        out.append(Sentence("No later return has changed a count of those below."))
    return tuple(out)


def _check(changed: pd.Series) -> Check:
    return Check(
        "Later returns leave past counts as they were",
        "review" if changed.any() else "pass",
        f"counts changed: {int(changed.sum())} of {len(changed)}",
    )


def _second_table(basis: Basis, parts: pd.DataFrame) -> Result:
    rows = parts.melt(["period", "group", "by"], ["added_n", "removed_n"], var_name="measure")
    met = set(parts["group"])
    return Result(
        name=WHY,
        title=WHY_TITLE,
        subtitle=_subtitle(basis),
        table=long_table(rows),
        measures=(ADDED, REMOVED),
        labels={
            **{r: w[:1].upper() + w[1:] for r, w in REASONS.items() if r in met},
            **_COLUMNS,
            **basis.window_labels,
            "period": "Year",
            "group": "Reason",
        },
        source=basis.source,
        layout=Layout(rows=("period", "group"), columns=("by",), measures=("added_n", "removed_n")),
        notes=(_ONE_REASON, _NEWEST),
        settings=basis.settings(),
    )
