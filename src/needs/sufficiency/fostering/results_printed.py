"""Chapter 45: what printed numbers of carers who are needed come to."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import own, select
from needs.care.rows import wide_rows
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id

__all__ = ["printed_need"]

PRINTED = "foster_printed"
_WAYS = {
    "now": "As printed now",
    "full": "All needed, every new place filled",
    "as_now": "All needed, new places as full as those now",
    "net": "All needed in a year, less a year's deregistrations",
}
_NEEDED = {
    "carers": ("carers_needed_n", "mainstream"),
    "places": ("places_needed_n", "mainstream"),
    "left": ("carers_left_n", "all"),
    "approved": ("carers_approved_n", "mainstream"),
    "gained": ("places_n", "new_carers"),
    "stock": ("carers_n", "mainstream"),
}
_MIX = {"own": "in_house_fostering", "kin": "kinship", "all": "fostering"}


def _typed(data: StudyData) -> tuple[dict[str, float], str]:
    """Return the printed numbers by name, and the document that they stand in."""
    asked = select(data, "carers_needed_n", area=own(data)).iloc[-1]
    found = {}
    for name, (measure, group) in _NEEDED.items():
        rows = select(data, measure, area=own(data), group=group, document=asked["document"])
        found[name] = float(rows.sort_values("period")["value"].iloc[-1])
    for name, group in _MIX.items():
        rows = data.published.figures
        mine = rows["measure"].eq("children_n") & rows["group"].eq(group)
        rows = rows[mine & rows["area"].eq(own(data))]
        # A table's years end on 31 March; the newest is the one beside the need.
        rows = rows[rows["table"].str.contains("fostering_mix")].sort_values("period")
        found[name] = float(rows["value"].iloc[-1])
    return found, str(asked["document"])


def printed_need(data: StudyData) -> Result:
    """Return the in-house share that printed needs of carers imply (``foster_printed``).

    Parameters
    ----------
    data : StudyData
        A study with typed figures of carers and places needed, carers who left, and the mix of
        foster care.

    Returns
    -------
    Result
        By reading (``group``): carers and places more, children with own mainstream carers, per
        cent of all in foster care, and with family and friends.

    Raises
    ------
    InputMissing
        If the figures are not typed.
    """
    p, document = _typed(data)
    each = p["gained"] / p["approved"]
    full = p["own"] / (p["stock"] * each)
    net = p["carers"] - p["left"]
    ways = {
        "now": (0.0, 0.0, 0.0),
        "full": (p["carers"], p["places"], p["places"]),
        "as_now": (p["carers"], p["places"], p["places"] * full),
        "net": (net, net * p["places"] / p["carers"], net * p["places"] / p["carers"]),
    }
    rows = [
        {
            "group": way,
            "carers_more": carers,
            "places_more": places,
            "share_pct": 100 * (p["own"] + children) / p["all"],
            "with_kin_pct": 100 * (p["own"] + p["kin"] + children) / p["all"],
        }
        for way, (carers, places, children) in ways.items()
    ]
    shares = {k: figure_id(PRINTED, "share_pct", k) for k in ("now", "full", "net")}
    return Result(
        name=PRINTED,
        title="The carers that a document says are needed",
        subtitle=f"What follows from printed figures, {data.study.authority.name}",
        table=wide_rows(pd.DataFrame(rows), ["group"]),
        measures=(
            Measure("carers_more", "Carers more", "count"),
            Measure("places_more", "Places more", "places_mean"),
            Measure("share_pct", "With own mainstream carers", "percent1", "foster care"),
            Measure("with_kin_pct", "With family and friends as well", "percent1", "foster care"),
        ),
        labels=_WAYS,
        source=f"Document {document}, figures as printed; arithmetic of ours",
        layout=Layout(rows=("group",), columns=("measure",)),
        text=(
            Sentence(
                "With every new place filled, and as many children in foster care, the share with "
                "own mainstream carers would go from {now} to {full}. Where the carers leave as "
                "printed and all are recruited in one year, it would be {net}.",
                shares,
            ),
            Sentence(
                "That this is the national average cannot be checked: the document prints neither "
                "that average nor the date by which the carers are needed, nor whether they "
                "are net of those who leave.",
            ),
        ),
        notes=(
            "Carers who left are of every kind, since the document does not say how many were "
            "mainstream: the last row takes all of them to be, which is the most they can be. "
            "Places of a carer now are those of the carers newly approved; children with own "
            "carers over carers with so many places is how full they are.",
        ),
        typed=True,
        published=True,
    )
