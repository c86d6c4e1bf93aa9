"""Chapter 85: the performance dashboard and the register of risks."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs.care.rows import wide_rows
from needs.care.scorecard_counted import from_records
from needs.sufficiency.actions.plan import Plan, day_words
from needs.sufficiency.board.again import again
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result

__all__ = ["dashboard", "risks"]

NAME, RISKS = "board_dashboard", "board_risks"


@STUDY.followed_by
def dashboard(data: StudyData) -> Result:
    """Return every indicator of the scorecard, newest and the year before (``board_dashboard``)."""
    return again(from_records(data), NAME, title="Performance dashboard")


def risks(data: StudyData) -> Result:
    """Return what the board's inputs say of risks (``board_risks``).

    Returns
    -------
    Result
        By kind of risk (``group``): how many. Which they are stands beside the number.
    """
    found = list(_risks(data))
    day = data.study.period.as_at.isoformat()
    wide = pd.DataFrame(
        {"group": [k for k, _, _ in found], "period": day, "risks_n": [len(w) for *_, w in found]}
    )
    return Result(
        name=RISKS,
        title="Risks",
        subtitle=f"From the action plan and the assumptions, {data.study.authority.name}",
        table=wide_rows(wide, ["group", "period"]),
        measures=(Measure("risks_n", "How many", "count"),),
        labels={**{k: words for k, words, _ in found}, "group": "Risk"},
        source=f"{data.study.authority.short_name}: action plan; assumptions",
        layout=Layout(("group",), ("measure",)),
        row_notes={"Which": {k: "; ".join(w) or "none" for k, _, w in found}},
        notes=(
            "A rating is the board's, a reliability its owner's. Risks that nobody wrote down in "
            "one of the two are not here.",
        ),
        scope="The authority's own lists.",
        typed=True,
    )


def _risks(data: StudyData) -> Iterator[tuple[str, str, list[str]]]:
    if data.has("action_plan"):
        plan = Plan.of(data)
        now = plan.now
        for rag in ("red", "amber"):
            yield rag, f"Actions rated {rag}", list(now.loc[now["rag"] == rag, "project"])
        late = now[now["overdue"]]
        words = f"Actions overdue on {day_words(plan.as_at)}"
        yield "overdue", words, list(late["project"])
        rated = now["rag"] == "not_rated"
        yield "not_rated", "Actions that nobody has rated", list(now.loc[rated, "project"])
    if data.has("assumptions"):
        a = data.assumptions.frame
        low = a[a["reliability"].astype(object).eq("low")]
        yield "low", "Assumptions of low reliability", low["text"].astype(str).tolist()
