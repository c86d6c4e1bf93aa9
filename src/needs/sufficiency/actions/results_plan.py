"""Chapter 85: the action plan as it stands, its ratings, and what changed since the last board."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs.care.rows import wide_rows
from needs.sufficiency.actions.plan import RATINGS, SINCE, Plan, day_words
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
    long_table,
)

__all__ = ["action_ratings", "action_words", "actions"]

NAME, RATED, WORDS = "board_actions", "board_action_ratings", "board_action_words"
NOW, BEFORE = "now", "before"
SCOPE = "The authority's own plan, whatever children it is for."
SIGNS = {"red": "■ Red", "amber": "▲ Amber", "green": "● Green", "complete": "✓ Complete"}
"""A rating in words and a shape: never by colour alone."""


def actions(data: StudyData) -> Result:
    """Return every action with its rating, timescale, lead and last update (``board_actions``).

    Parameters
    ----------
    data : StudyData
        A study with an action plan.

    Returns
    -------
    Result
        By action (``group``): ``places_n``, places that it gives when done, and ``late_days``,
        days beyond its due day. Words stand beside them.
    """
    plan = Plan.of(data)
    now = plan.now
    short = data.study.authority.short_name
    wide = pd.DataFrame(
        {
            "group": now["key"],
            "period": plan.as_at.isoformat(),
            "late_days": now["late_days"].to_numpy(dtype=float),
            "places_n": pd.to_numeric(now["places"]).to_numpy(dtype=float),
        }
    )
    labels = dict(zip(now["key"], now["workstream"] + ": " + now["project"], strict=True))
    return Result(
        name=NAME,
        title="The action plan",
        subtitle=f"Actions on {day_words(plan.as_at)}, {short}",
        table=wide_rows(wide, ["group", "period"]),
        measures=(
            Measure("late_days", "Days overdue", "days"),
            Measure("places_n", "Places it gives when done", "places"),
        ),
        labels={**labels, "group": "Action", plan.as_at.isoformat(): day_words(plan.as_at)},
        source=f"{short}: action plan of the placement board",
        layout=Layout(("group",), ("measure",), ("late_days", "places_n")),
        text=tuple(_said(plan, labels)),
        row_notes=_words(plan),
        notes=(
            "Ratings are the board's own. Where an update leaves something blank, it is as it was "
            "before. An action without a due day is never overdue: its timescale is in words.",
        ),
        checks=_left_out(plan),
        scope=SCOPE,
        typed=True,
    )


def _words(plan: Plan) -> dict[str, dict[str, str]]:
    now = plan.now
    due = now["due"].map(day_words)
    when = now["timescale"].astype(object).where(now["timescale"].notna(), "not dated").astype(str)
    told = {
        "Rating": now["rag"].map(lambda r: SIGNS.get(r, RATINGS[r])),
        "Timescale": when + due.map(lambda d: f"; due {d}" if d else ""),
        "Lead": now["lead_role"],
    }
    if plan.previous:
        told["Since the last board"] = now["since"].map(SINCE)
    return {h: _text(plan, v) for h, v in told.items()}


def _text(plan: Plan, values: pd.Series) -> dict[str, str]:
    text = values.astype(object).where(values.notna(), "").astype(str)
    return dict(zip(plan.now["key"], text, strict=True))


def action_words(data: StudyData) -> Result:
    """Return in the board's words what each action is and how it goes (``board_action_words``).

    Returns
    -------
    Result
        By action (``group``): ``updates_n``, the rows of its history up to the day looked at.
    """
    plan = Plan.of(data)
    now = plan.now
    short = data.study.authority.short_name
    day = plan.as_at.isoformat()
    update = now["update"].astype(object).where(now["update"].notna(), "").astype(str)
    stamp = now["updated"].map(lambda d: f"{day_words(d)}: " if pd.notna(d) else "")
    wide = pd.DataFrame({"group": now["key"], "period": day, "updates_n": now["updates"]})
    labels = dict(zip(now["key"], now["workstream"] + ": " + now["project"], strict=True))
    return Result(
        name=WORDS,
        title="What actions are, and how they go",
        subtitle=f"In the board's words, {day_words(plan.as_at)}, {short}",
        table=wide_rows(wide, ["group", "period"]),
        measures=(Measure("updates_n", "Updates", "count"),),
        labels={**labels, "group": "Action", day: day_words(plan.as_at)},
        source=f"{short}: action plan of the placement board",
        layout=Layout(("group",), ("measure",)),
        row_notes={
            "What it is": _text(plan, now["overview"]),
            "What it rests on": _text(plan, now["enablers"]),
            "Last update": _text(plan, stamp + update),
        },
        scope=SCOPE,
        typed=True,
    )


def _said(plan: Plan, labels: dict[str, str]) -> Iterator[Sentence]:
    day = plan.as_at.isoformat()
    late = plan.now[plan.now["overdue"]].sort_values("late_days", ascending=False, kind="stable")
    for key in late["key"].head(3):
        yield Sentence(
            "Overdue by {n} days: {what}.",
            {"n": figure_id(NAME, "late_days", key, day)},
            {"what": labels[key]},
        )
    if late.empty:
        dated = plan.now["due"].notna().any()
        yield Sentence(
            "No action is overdue." if dated else "No action has a due day: none can be overdue."
        )


def _left_out(plan: Plan) -> tuple[Check, ...]:
    if not plan.later_n:
        return ()
    found = f"{plan.later_n} rows of the plan are later than the day looked at, and left out"
    return (Check("Later updates", "review", found),)


def action_ratings(data: StudyData) -> Result:
    """Return how many actions have each rating, by workstream, now and at the board before.

    Returns
    -------
    Result
        ``board_action_ratings``: ``actions_n`` by workstream (``group``), rating (``by``) and
        board (``period``); ``overdue_n`` by workstream; ``changed_n`` of all, by what happened
        since the board before (``by``).
    """
    plan = Plan.of(data)
    short = data.study.authority.short_name
    streams = {f"w{n:02d}": w for n, w in enumerate(plan.now["workstream"].unique(), start=1)}
    table = long_table(pd.concat(list(_counted(plan, streams)), ignore_index=True))
    seen = [r for r in RATINGS if r in set(table["by"])]
    day = plan.as_at.isoformat()
    return Result(
        name=RATED,
        title="Ratings of the action plan",
        subtitle=f"Actions on {day_words(plan.as_at)}, {short}",
        table=table,
        measures=(
            Measure("actions_n", "Actions", "count"),
            Measure("overdue_n", "Actions overdue", "count"),
            Measure("changed_n", "Actions, by what happened since the last board", "count"),
        ),
        labels={
            ALL: "All workstreams",
            **streams,
            **RATINGS,
            **SINCE,
            "group": "Workstream",
            "by": "Rating",
            day: day_words(plan.as_at),
        },
        source=f"{short}: action plan of the placement board",
        layout=Layout(("group",), ("by",), ("actions_n",)),
        text=tuple(_told(plan, day)),
        charts=(
            Chart(
                key="ratings",
                kind="stacked_bar",
                measure="actions_n",
                title="How actions are rated, by workstream",
                subtitle=f"Actions on {day_words(plan.as_at)}, {short}",
                alt="Bars of actions by workstream, each parted by rating.",
                x="group",
                series="by",
                include={"group": tuple(streams), "by": tuple(seen)},
            ),
        ),
        additive=(Additive("group", ALL, tuple(streams)),),
        scope=SCOPE,
        typed=True,
    )


def _counted(plan: Plan, streams: dict[str, str]) -> Iterator[pd.DataFrame]:
    day = plan.as_at.isoformat()
    key = {w: k for k, w in streams.items()}
    now = plan.now.assign(group=plan.now["workstream"].map(key))
    both = pd.concat([now, now.assign(group=ALL)], ignore_index=True)
    seen = [r for r in RATINGS if r in set(now["rag"])]
    every = pd.MultiIndex.from_product([[*streams, ALL], seen], names=["group", "by"])
    n = both.rename(columns={"rag": "by"}).groupby(["group", "by"]).size()
    rated = n.reindex(every, fill_value=0).rename("value").reset_index()
    yield rated.assign(measure="actions_n", period=day)
    late = both.groupby("group")["overdue"].sum().rename("value").reset_index()
    yield late.assign(measure="overdue_n", period=day)
    if plan.previous:
        changed = now["since"].value_counts().reindex(list(SINCE), fill_value=0)
        rows = changed.rename_axis("by").rename("value").reset_index()
        yield rows[rows["value"] > 0].assign(measure="changed_n", period=day, group=ALL)


def _told(plan: Plan, day: str) -> Iterator[Sentence]:
    worst = next((r for r in ("red", "amber") if (plan.now["rag"] == r).any()), "")
    if worst:
        yield Sentence(
            "{n} of the actions are rated {rating}; {late} are overdue.",
            {
                "n": figure_id(RATED, "actions_n", ALL, day, worst),
                "late": figure_id(RATED, "overdue_n", ALL, day),
            },
            {"rating": RATINGS[worst].lower()},
        )
    if plan.previous is None:
        yield Sentence("The plan knows of no earlier board, so that nothing can have changed.")
        return
    for key in ("worse", "better", "completed", "new"):
        if (plan.now["since"] == key).any():
            yield Sentence(
                "Since the board of {before}, {what}: {n}.",
                {"n": figure_id(RATED, "changed_n", ALL, day, key)},
                {"what": SINCE[key].lower(), "before": day_words(plan.previous)},
            )
