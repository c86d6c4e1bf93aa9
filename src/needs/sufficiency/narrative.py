"""People's own words beside the figures: whose they are, of when, and with cited numbers alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["blocks_of", "narrative"]

REFERENCE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
DIGITS = re.compile(r"\d[\d,.]*")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
ALLOWED = re.compile(rf"(19|20)\d\d(-\d\d)?|\d{{1,2}} ({_MONTHS})( \d{{4}})?")
"""Years, reporting years and days may stand in words; every other number is cited."""
READERS = ("", "all")


def narrative(number: str) -> Callable[[StudyData], tuple[Result, ...]]:
    """Return the analysis that shows what people wrote for a chapter (``narrative_NUMBER``).

    Nothing where nobody wrote anything. A number in their words is one of the register of cited
    figures, printed as that has it; a word for other readers than all is left out and counted.

    Parameters
    ----------
    number : str
        Of the chapter.
    """

    def told(data: StudyData) -> tuple[Result, ...]:
        if not data.has("narrative"):
            return ()
        every = data.narrative.frame
        mine = every[every["chapter"].astype(str) == number].reset_index(drop=True)
        found, left_out = blocks_of(data, mine)
        return (_result(data, number, found, left_out),) if len(found) else ()

    told.__name__ = f"narrative_{number}"
    return told


def blocks_of(data: StudyData, rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the rows of the narrative that every reader may see, and how many may not be.

    Raises
    ------
    InputError
        With one fault for each row that types a number, or names a figure that is not cited.
    """
    cited = set(data.cited.frame["id"].astype(str)) if data.has("cited") else set()
    faults = []
    for row in rows.itertuples():
        text = str(row.text)
        unknown = sorted(set(REFERENCE.findall(text)) - cited)
        bare = DIGITS.findall(ALLOWED.sub("", REFERENCE.sub("", text)))
        where = f"{row.id}, text"
        if unknown:
            rule = f"names a figure that the register of cited figures lacks: {', '.join(unknown)}"
            faults.append(Fault("narrative", rule, "cite it there, or correct its name", where))
        if bare:
            mend = "cite it in the register of cited figures, and write its id in curly brackets"
            faults.append(Fault("narrative", "types a number", mend, where, row_count=len(bare)))
    if faults:
        raise InputError("the narrative cannot be shown", faults)
    audience = rows["audience"].astype(object) if "audience" in rows else pd.Series("", rows.index)
    shown = audience.fillna("").isin(READERS).to_numpy()
    return rows[shown].reset_index(drop=True), int((~shown).sum())


def _result(data: StudyData, number: str, rows: pd.DataFrame, left_out: int) -> Result:
    name = f"narrative_{number}"
    used = sorted({i for text in rows["text"].astype(str) for i in REFERENCE.findall(text)})
    table, measures, labels = _cited(data, used)
    text = tuple(_said(name, row, data) for row in rows.itertuples(index=False))
    study = data.study
    return Result(
        name=name,
        title="In people's own words",
        subtitle=f"Commentary and the figures that it cites, {study.authority.name}",
        table=table,
        measures=measures,
        labels={**labels, "group": "Cited figure"},
        source=f"{study.authority.short_name}: narrative; register of cited figures",
        layout=Layout(("group", "period", "measure"), ()),
        text=text,
        checks=(Check("For other readers", "review", f"{left_out} left out"),) if left_out else (),
        notes=("These are people's words, not results: who wrote them, and when, stands before.",),
        scope="As whoever wrote them counts.",
        typed=True,
        published=True,
    )


def _cited(
    data: StudyData, used: list[str]
) -> tuple[pd.DataFrame, tuple[Measure, ...], dict[str, str]]:
    if not used:
        row = pd.DataFrame({"measure": ["blocks_n"], "value": [float("nan")], "marker": ["z"]})
        return long_table(row), (Measure("blocks_n", "Cited figures", "count"),), {ALL: "None"}
    c = data.cited.frame
    c = c[c["id"].astype(str).isin(used)]
    units = c["unit"].astype(str)
    table = long_table(
        pd.DataFrame(
            {
                "group": c["id"].astype(str),
                "period": c["period"].astype(str),
                "measure": "cited_" + units,
                "value": c["value"].astype(float),
            }
        )
    )
    measures = tuple(Measure(f"cited_{u}", "Cited", u) for u in dict.fromkeys(units))
    where = c["source"].astype(str) + ", " + c["reference"].astype(str)
    words = c["id"].astype(str).str.replace("_", " ").str.capitalize()
    return table, measures, dict(zip(c["id"].astype(str), words + ": " + where, strict=True))


def _said(name: str, row: object, data: StudyData) -> Sentence:
    text = str(row.text)  # type: ignore[attr-defined]
    day = pd.Timestamp(row.date)  # type: ignore[attr-defined]
    ids = list(dict.fromkeys(REFERENCE.findall(text)))
    refs = {i: i for i in ids}
    parts = {f"words{n}": part for n, part in enumerate(REFERENCE.split(text)[::2])}
    template = "{who}: "
    for n, part in enumerate(REFERENCE.split(text)):
        template += f"{{words{n // 2}}}" if n % 2 == 0 else f"{{{part}}}"
    cited = data.cited.frame.set_index(data.cited.frame["id"].astype(str)) if ids else None
    told = {}
    for i in refs:
        c = cited.loc[i]  # type: ignore[union-attr]
        told[i] = figure_id(name, f"cited_{c['unit']}", i, str(c["period"]))
    old = day.date() < data.study.period.year.start
    who = f"{row.owner_role}, {day.day} {day:%B %Y}"  # type: ignore[attr-defined]
    words = {"who": who + (", before these figures" if old else ""), **parts}
    return Sentence(template, told, words)


chapter_10 = narrative("10")
chapter_20 = narrative("20")
chapter_25 = narrative("25")
chapter_30 = narrative("30")
chapter_40 = narrative("40")
chapter_45 = narrative("45")
chapter_50 = narrative("50")
chapter_60 = narrative("60")
chapter_70 = narrative("70")
chapter_75 = narrative("75")
chapter_80 = narrative("80")
chapter_85 = narrative("85")
chapter_90 = narrative("90")
