"""Sixteen children of two years and what is paid for them, for tests of chapter 60."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.vocabulary.records import StudyData, Table

CHILDREN = "child | sex | dob | uasc\n" + "\n".join(
    f"C{i} | male | 2010-06-01 | -" for i in range(16)
)


def episodes(homes=7, unregistered=0):
    """Return 16 children all year long in 2021-22 and 2022-23: some in homes, others fostered.

    The first of those in homes are in an unregistered arrangement.
    """
    head = "child | decom | dec | rne | ls | cin | place | provider | rec\n"
    place = ["Z1"] * unregistered + ["K2"] * (homes - unregistered) + ["U6"] * (16 - homes)
    rows = [f"C{i} | 2021-04-01 | - | S | C2 | N1 | {p} | PR4 | -" for i, p in enumerate(place)]
    return head + "\n".join(rows)


def lines(homes=7, rise=1.0, extra=()):
    """Return a line a child and year: 7,000 a week in a home, 700 in foster care."""
    rows = []
    for year, factor in ((2021, 1.0), (2022, rise)):
        for i in range(16):
            weekly = (7000.0 if i < homes else 700.0) * factor
            rows.append((i, weekly, f"{year}-04-01", f"{year + 1}-03-31", "spot"))
    frame = pd.DataFrame(
        [*rows, *extra], columns=["child", "weekly_cost_gbp", "from", "to", "route"]
    )
    frame["child"] = frame["child"].astype("int32")
    for day in ("from", "to"):
        frame[day] = pd.to_datetime(frame[day]).astype("datetime64[ns]")
    frame["placement_type"], frame["provider"], frame["amount_gbp"] = None, "One", np.nan
    frame["contribution_health_gbp"] = np.where(frame["child"] == 0, 700.0, 0.0)
    return frame


def study_of(draw, frame, homes=7, unregistered=0, **sections):
    """Return the study of these children and cost lines; sections of its file replace others."""
    who, where = draw.table(CHILDREN), draw.table(episodes(homes, unregistered))
    records = draw.records(who, where, [2022, 2023])
    inputs = {"ssda903": ["inputs/*.csv"], "costs": ["inputs/costs.csv"]}
    study = draw.study(inputs=inputs, **sections)
    read = {"ssda903": lambda _: records, "costs": lambda _: Table(frame, pd.DataFrame())}
    return StudyData(study, read)


def value(result, measure, group="all", period="2022-23", by=""):
    """Return the one number of a result that these keys name."""
    t = result.table
    found = t[
        (t["measure"] == measure)
        & (t["group"] == group)
        & (t["period"] == period)
        & (t["by"] == by)
    ]
    return found["value"].item()
