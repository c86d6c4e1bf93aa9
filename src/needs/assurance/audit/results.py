"""The audit as an annex: how many figures have which verdict, and each that does not agree."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from needs.assurance.audit import say
from needs.assurance.audit.engine import VERDICTS, audit
from needs.care.published_figures import cell, combined, own, source_of, title_of, words_for
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
)

__all__ = ["audit_annex"]

AT_FAULT = ("contradicts", "mislabelled_base")
COUNT = Measure("figures_n", "Figures", "count")
RECOMPUTED = Measure("recomputed_n", "Worked out again from other figures", "count")
RELATIONS = Measure("relations_n", "Relations", "count")


def _counts(found: pd.DataFrame) -> pd.DataFrame:
    """Return figures by verdict and document, with totals both ways."""
    by = "d" + found["document"]
    rows = found.assign(by=by, group=found["verdict"])
    twice = pd.concat([rows, rows.assign(by=ALL)])
    full = pd.concat([twice, twice.assign(group=ALL)])
    again = full[full["checked_by"] == "recomputed"]
    return combined(_tally(full, COUNT.key), _tally(again, RECOMPUTED.key))


def _tally(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    sizes = pd.crosstab(rows["group"], rows["by"])
    return (
        sizes.rename_axis(columns=None)
        .reset_index()
        .melt("group", var_name="by", value_name="value")
        .assign(measure=measure)
    )


def _summary(data: StudyData, found: pd.DataFrame, area: str) -> Result:
    name = "published_audit"
    documents = sorted(set(found["document"]))
    table = _counts(found).assign(area=area)
    at_fault = int(found["verdict"].isin(AT_FAULT).sum())
    text = [
        Sentence(
            "Of {n} printed figures {k} could be worked out again from other printed figures.",
            {
                "n": cell(name, measure=COUNT.key, by=ALL, area=area),
                "k": cell(name, measure=RECOMPUTED.key, by=ALL, area=area),
            },
        )
    ]
    if (found["verdict"] == "contradicts").any():
        ref = cell(name, measure=COUNT.key, group="contradicts", by=ALL, area=area)
        text.append(Sentence("{n} contradict other figures of their own document.", {"n": ref}))
    present = [v for v in VERDICTS if (found["verdict"] == v).any()]
    return Result(
        name=name,
        title="Do the printed figures agree with each other?",
        subtitle=f"Printed figures by document and verdict, {data.study.authority.short_name}",
        table=table,
        measures=(COUNT, RECOMPUTED),
        labels={v: VERDICTS[v] for v in present}
        | {f"d{d}": title_of(data, d) for d in documents}
        | {ALL: "All figures"}
        | words_for(data),
        source=source_of(data, data.published.figures),
        layout=Layout(("group",), ("by",), (COUNT.key,)),
        text=tuple(text),
        checks=(
            Check(
                "No printed figure contradicts its own document",
                "review" if at_fault else "pass",
                f"figures at fault: {at_fault} of {len(found)}",
            ),
        ),
        additive=(
            Additive("group", ALL, tuple(present)),
            Additive("by", ALL, tuple(f"d{d}" for d in documents)),
        ),
        notes=(
            "Where a relation between figures fails, the fewest figures that explain all "
            "failures are named; another figure of the relation may be the one at fault.",
            "A figure that agrees may still be wrong; one that cannot be checked may be right.",
        ),
        published=True,
    )


def _what(row: Mapping[Hashable, str]) -> str:
    """Return what a figure measures, of whom, in what period."""
    measure = say.words(row["measure"])
    of = [say.words(row[k]) for k in ("group", "by") if row[k] not in {"", ALL}]
    name = measure[:1].upper() + measure[1:]
    return f"{name}{': ' if of else ''}{', '.join(of)}, {row['period']}"


def _listed(
    data: StudyData, found: pd.DataFrame, verdicts: Sequence[str], name: str, title: str
) -> Result:
    """Return one row for each figure with one of the verdicts."""
    rows = found[found["verdict"].isin(verdicts)]
    order = {v: i for i, v in enumerate(VERDICTS)}
    rows = rows.sort_values("verdict", key=lambda s: s.map(order), kind="stable")
    what = {r["figure"]: _what(r) for r in rows.to_dict("records")}

    def note(column: str) -> dict[str, str]:
        return dict(zip(rows["figure"], rows[column], strict=True))

    table = rows.assign(value=rows["relations_n"].astype(float), measure=RELATIONS.key)
    kept = table.assign(group=rows["figure"], period="", by="", area=own(data))
    return Result(
        name=name,
        title=title,
        subtitle=f"Printed figures, {data.study.authority.short_name}",
        table=combined(kept[["area", "measure", "group", "value"]]),
        measures=(RELATIONS,),
        labels={**words_for(data), **what},
        source=source_of(data, data.published.figures),
        layout=Layout(("group",), ("measure",), (RELATIONS.key,)),
        row_notes={
            "Document and place": dict(
                zip(rows["figure"], rows["document"] + ", " + rows["place"], strict=True)
            ),
            "Printed": note("printed"),
            "Would agree": note("would_agree"),
            "Verdict": dict(zip(rows["figure"], rows["verdict"].map(VERDICTS), strict=True)),
            "Evidence": note("evidence"),
        },
        notes=tuple(f"{d}: {title_of(data, d)}." for d in sorted(set(rows["document"]))),
        published=True,
    )


def audit_annex(data: StudyData) -> tuple[Result, ...]:
    """Return the audit of the study's published figures: a summary, then each that disagrees.

    Parameters
    ----------
    data : StudyData
        ``inputs.published``: figures, and relations where any are typed.

    Returns
    -------
    tuple of Result
        Figures by document and verdict; figures that contradict their own document or agree
        with another base; figures that conflict with another document. A list without rows
        is left out.

    Raises
    ------
    InputMissing
        If the study has no published figures.
    """
    population = data.population.frame if data.has("population") else None
    found = audit(data.published, population)
    lists = (
        (
            AT_FAULT,
            "published_contradictions",
            "Figures that contradict other figures of their document",
        ),
        (
            ("conflicts",),
            "published_conflicts",
            "Figures that another document or another count does not bear out",
        ),
    )
    out = [_summary(data, found, own(data))]
    for verdicts, name, title in lists:
        if found["verdict"].isin(verdicts).any():
            out.append(_listed(data, found, verdicts, name, title))
    return tuple(out)
