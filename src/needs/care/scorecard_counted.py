"""The scorecard of what the authority's own returns give, and of what no input gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from needs.care import chapter20
from needs.care.adoption import INTERVALS
from needs.care.basis import Basis
from needs.care.comparison_printed import rows_of
from needs.care.comparison_records import COUNTS, count_of, own_counts
from needs.care.published_figures import own, words_for
from needs.care.scorecard import Card, Line, scorecard_result
from needs.care.scorecard_named import NAMED, Named, typed_for
from needs.care.scorecard_noise import Tally
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.units import coarsest
from needs.vocabulary.wording import inside

__all__ = ["from_records"]

NAME = "scorecard_records"
_NOTES = (
    "Counts and shares are those of chapter 20, which says who is in each base; days are means "
    "of three years. Target, neighbours and England are as the study's own table of indicators "
    "gives them.",
    "Indicators of the progress report to cabinet of 2011 stand here by name. One that has a "
    "cross in every cell cannot be counted from the study's inputs: nothing is taken to be nought. "
    "It can be added, a row a year, to the study's input scorecard (published/scorecard.csv, say).",
)
_ABSENT = "Not in this study's inputs: add it to the scorecard"
_TYPED = "Not counted from the returns: see the table before"
_PRINTED = "What documents print of other areas: {}."
_OTHERS = "others"
"""Column of what documents print of other areas: not laid out, since it is of other years."""


@dataclass(frozen=True)
class _Counted:
    """A line, and the numbers of chapter 20 that its value and the one before rest on."""

    line: Line
    on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@STUDY.followed_by
def from_records(data: StudyData) -> Result:
    """Return what the returns give of the scorecard: the newest whole year and the one before.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; targets and comparisons come from ``scorecard`` and
        ``published`` where it has them.

    Returns
    -------
    Result
        ``scorecard_records``: children looked after, started and ceased; every indicator of
        :data:`needs.care.scorecard_named.NAMED`, counted where chapter 20 counts it and
        otherwise with no number and the words that say so. Each number is hidden where the
        number of chapter 20 that it repeats is.
    """
    basis = Basis.of(data)
    found = [*_counts(data), *_adoption(data), *(_named(data, n) for n in NAMED)]
    made = scorecard_result(
        Card(
            name=NAME,
            title="Scorecard of the authority's own counts",
            subtitle=f"Counted from the returns, {data.study.authority.name}",
            source=basis.source,
            lines=[c.line for c in found],
            threshold=data.study.disclosure.threshold,
            notes=(*_NOTES, *_absent(found)),
            settings=basis.settings(),
        )
    )
    made = replace(made, leans_on=_leans(made, found), guarded=("Change",))
    return _with_printed(_with_tally(made, found), data)


def _absent(found: Sequence[_Counted]) -> tuple[str, ...]:
    """Return how many indicators no input of the study gives, and which."""
    absent = [c.line.label for c in found if c.line.instead == _ABSENT]
    if not absent:
        return ()
    return (f"Not in this study's inputs: {len(absent)} of {len(found)}: {'; '.join(absent)}.",)


def _leans(made: Result, found: Sequence[_Counted]) -> dict[str, tuple[str, ...]]:
    """Return which numbers of chapter 20 each one rests on; the tallies rest on all of them."""
    on = {c.line.key: c.on for c in found}
    out: dict[str, tuple[str, ...]] = {}
    keys = made.table[["measure", "group", "period", "by"]]
    for measure, group, period, by in keys.itertuples(index=False):
        ids = on.get(group, {}).get(by, ())
        if ids:
            out[figure_id(made.name, measure, group, period, by)] = ids
    every = tuple(dict.fromkeys(i for ids in out.values() for i in ids))
    return {**out, **{figure_id(made.name, m): every for m in ("tested_n", "beyond_n")}}


def _years(newest: str) -> dict[str, str]:
    return {"value": newest, "previous": str(ReportingYear.parse(newest) - 1)}


def _counts(data: StudyData) -> list[_Counted]:
    """Return children looked after, started and ceased.

    Only these totals: parts of them are protected against each other in chapter 20, and rest on
    the numbers there too.
    """
    counts = own_counts(data)["records_n"]
    out = []
    for measure, label in COUNTS.items():
        years = sorted(y for m, y in counts.index if m == measure)
        if not years:
            continue
        at = {by: y for by, y in _years(years[-1]).items() if y in years}
        numbers = {by: float(counts[measure, y]) for by, y in at.items()}
        tally = {by: Tally(round(n)) for by, n in numbers.items()}
        line = Line(
            measure,
            label,
            "children",
            "neither",
            years[-1],
            numbers,
            now=tally["value"],
            before=tally.get("previous"),
        )
        out.append(_Counted(line, {by: (count_of(measure, y),) for by, y in at.items()}))
    return out


def _adoption(data: StudyData) -> list[_Counted]:
    """Return mean days of each step to adoption, of enough children to be shown."""
    cells = _cells(chapter20.adoption_times(data))
    out = []
    for step, words in INTERVALS.items():
        least = max(data.study.disclosure.threshold, 1)
        years = sorted(
            p for (g, m, p), n in cells.items() if (g, m) == (step, "timed_n") if n >= least
        )
        if not years:
            continue
        at = {by: y for by, y in _years(years[-1]).items() if y in years}
        line = Line(
            f"adoption_{step}",
            f"Adoption timeliness: {inside(words)}, mean of three years",
            "days",
            "lower",
            years[-1],
            {by: cells[step, "mean_days", y] for by, y in at.items()},
            untested="a mean of days has no count to test",
        )
        where = "cla_adoption_times"
        on = {by: (figure_id(where, "mean_days", step, y),) for by, y in at.items()}
        out.append(_Counted(line, on))
    return out


def _cells(result: Result) -> dict[tuple[str, str, str], float]:
    """Return the numbers of a result by group, measure and period."""
    t = result.table[result.table["value"].notna()]
    keys = zip(t["group"], t["measure"], t["period"], strict=True)
    return dict(zip(keys, t["value"].astype(float), strict=True))


def _named(data: StudyData, named: Named) -> _Counted:
    """Return an indicator of the list: counted, or with the words that say that it is not."""
    typed = typed_for(data, named)
    beside = {k: v for k, v in typed.items() if k in {"target", "neighbours", "england"}}
    cells, name = _of(data, named)
    windows = [w for w in Basis.of(data).shown.windows if not w.part]
    keys = {str(w.year): w.end.isoformat() if named.at_end else w.key for w in windows}
    told = [y for y, p in keys.items() if (named.group, named.share, p) in cells]
    if not told:
        instead = named.why or (_TYPED if typed else _ABSENT)
        period = str(windows[-1].year) if windows else str(data.study.period.year)
        numbers = {} if typed else beside
        return _Counted(
            Line(named.key, named.label, named.unit, named.good, period, numbers, instead=instead)
        )
    at = {by: y for by, y in _years(told[-1]).items() if y in told}
    tally = {}
    on = {}
    for by, y in at.items():
        n, whole = (
            sum(cells.get((g, m, keys[y]), 0.0) for g, m in terms)
            for terms in (named.count, named.whole)
        )
        tally[by] = Tally(round(n), whole, "share")
        terms = ((named.group, named.share), *named.count, *named.whole)
        on[by] = tuple(figure_id(name, m, g, keys[y]) for g, m in terms)
    numbers = {by: cells[named.group, named.share, keys[y]] for by, y in at.items()}
    line = Line(
        named.key,
        named.label,
        named.unit,
        named.good,
        told[-1],
        {**numbers, **beside},
        now=tally["value"],
        before=tally.get("previous"),
        base=named.base,
    )
    return _Counted(line, on)


def _of(data: StudyData, named: Named) -> tuple[dict[tuple[str, str, str], float], str]:
    """Return the numbers of the result that counts an indicator; none where nothing does."""
    if not named.analysis:
        return {}, ""
    made = getattr(chapter20, named.analysis)(data)
    results = made if isinstance(made, tuple) else (made,)
    for result in results:
        if result.name == named.result:
            return _cells(result), result.name
    return {}, named.result


def _with_tally(made: Result, found: Sequence[_Counted]) -> Result:
    """Return a scorecard with what its note counts as figures: indicators, and those absent."""
    absent = sum(c.line.instead == _ABSENT for c in found)
    rows = {"measure": ["absent_n", "lines_n"], "value": [float(absent), float(len(found))]}
    return replace(
        made,
        table=pd.concat([made.table, long_table(pd.DataFrame(rows))], ignore_index=True),
        measures=(
            *made.measures,
            Measure("absent_n", "Indicators that no input gives", "count"),
            Measure("lines_n", "Indicators", "count"),
        ),
    )


def _with_printed(made: Result, data: StudyData) -> Result:
    """Return a scorecard that says what documents print of other areas, by figure."""
    found = [dict(r, label=n.label) for n in NAMED for r in _of_others(data, n)]
    if not found:
        return made
    words = words_for(data, sorted({str(r["area"]) for r in found}))
    refs, told, parts = {}, {}, []
    for k, r in enumerate(found):
        by = "" if k and r["label"] == found[k - 1]["label"] else f"{r['label']}: "
        told[f"of{k}"] = f"{by}{words.get(str(r['area']), r['area'])}"
        told[f"in{k}"] = str(r["period"])
        keys = (str(r[c]) for c in ("measure", "group", "period", "by", "area"))
        refs[f"n{k}"] = figure_id(made.name, *keys)
        parts.append(f"{{of{k}}} {{n{k}}} in {{in{k}}}")
    units = dict.fromkeys((str(r["measure"]), str(r["unit"])) for r in found)
    rows = pd.DataFrame(found).drop(columns=["label", "unit"])
    return replace(
        made,
        table=pd.concat([made.table, long_table(rows)], ignore_index=True),
        measures=(*made.measures, *(Measure(m, "Printed of others", u) for m, u in units)),
        text=(*made.text, Sentence(_PRINTED.format("; ".join(parts)), refs, told)),
    )


def _of_others(data: StudyData, named: Named) -> list[dict[str, object]]:
    """Return the newest that documents print of an indicator of each other area."""
    try:
        rows = rows_of(data)
    except InputMissing:
        return []
    mine = rows[(rows["measure"] == named.printed[0]) & (rows["group"] == named.printed[1])]
    mine = mine[mine["area"] != own(data)].sort_values("period", kind="stable")
    mine = mine.drop_duplicates("area", keep="last")
    values, units = mine["value"].astype(float), mine["unit"].astype(str)
    fine = [coarsest(u, [v]) for u, v in zip(units, values, strict=True)]
    at = {"group": named.key, "by": _OTHERS}
    return [
        {"measure": f"printed_{u}", **at, "period": str(p), "area": str(a), "value": float(v)}
        | {"unit": u}
        for u, p, a, v in zip(fine, mine["period"], mine["area"], values, strict=True)
    ]
