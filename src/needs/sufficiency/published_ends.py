"""The plainest readings that give either end of the printed saving of new homes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.published_figures import own, source_of, words_for
from needs.sufficiency.published_homes import WEEKS, WORDS, Printed, parted, tenths
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, long_table
from needs.vocabulary.wording import inside

__all__ = ["homes_ends"]

NAME = "published_invest_ends"
MOST = 3
"""Readings shown of each end."""
ENDS = {"low": "The lower end", "high": "The higher end"}


def _plainest(printed: Printed) -> pd.DataFrame:
    """Return the readings of each end that name the fewest alternatives, one row each.

    All the homes at the printed occupancy, a year of 52 weeks; of those alike, the one that comes
    nearest to the printed number.
    """
    kinds = {
        kind: parted(len(saved), round(printed.beds[kind] * printed.occupancy))
        for kind, saved in printed.saved.items()
    }
    first, second = kinds.values()
    a, b = (x.ravel() for x in np.indices((len(first), len(second))))
    ways = np.hstack([first[a], second[b]])
    worth = np.array([v for saved in printed.saved.values() for v in saved.values()])
    names = [f"{kind}_{key}_n" for kind, saved in printed.saved.items() for key in saved]
    frame = pd.DataFrame(ways, columns=names)
    frame["saving_gbp_m"] = ways @ worth * WEEKS["weeks_52"] / 1e6
    frame["used"] = (ways > 0).sum(axis=1)
    found = []
    for end in ENDS:
        said = getattr(printed, end)
        mine = frame[tenths(frame["saving_gbp_m"].to_numpy()) == said]
        off = (mine["saving_gbp_m"] - said).abs()
        best = mine.assign(off=off).sort_values(["used", "off"], kind="stable").head(MOST)
        keys = [f"{end}_{n}" for n in range(1, len(best) + 1)]
        found.append(best.drop(columns=["used", "off"]).assign(group=keys))
    plainest: pd.DataFrame = pd.concat(found, ignore_index=True)
    return plainest


def homes_ends(data: StudyData) -> Result:
    """Return the plainest readings that give either end of the printed saving.

    Parameters
    ----------
    data : StudyData
        Its published figures.

    Returns
    -------
    Result
        ``published_invest_ends``: by reading (``group``): children in each kind of home by what
        they would leave, and million pounds a year.

    Raises
    ------
    InputMissing
        If the study has not typed what the document prints of the homes.
    """
    printed = Printed.of(data)
    wide = _plainest(printed)
    counts = [str(c) for c in wide if c not in {"group", "saving_gbp_m"} and wide[c].any()]
    columns = [*counts, "saving_gbp_m"]
    words = {
        f"{kind}_{key}_n": f"{WORDS[kind]}: {inside(WORDS[key])}"
        for kind, saved in printed.saved.items()
        for key in saved
    }
    shown = wide["group"].str.rpartition("_")
    labels = {
        key: f"{ENDS[end]}, {n}"
        for key, end, n in zip(wide["group"], shown[0], shown[2], strict=True)
    }
    return Result(
        name=NAME,
        title="The plainest readings that give either end",
        subtitle=f"Children by what they would leave, {data.study.authority.short_name}",
        table=long_table(
            wide[["group", *columns]]
            .melt("group", var_name="measure")
            .assign(area=own(data))
            .astype({"value": float})
        ),
        measures=(
            *(Measure(c, words[c], "count") for c in counts),
            Measure("saving_gbp_m", "Saved a year", "gbp_m"),
        ),
        labels=words_for(data) | labels | {"measure": "Children in"},
        source=source_of(data, printed.rows),
        layout=Layout(("measure",), ("group",)),
        notes=(
            "All the homes at the printed occupancy, a year of 52 weeks. Plainest are the readings "
            "that name the fewest different placements, then those nearest to the printed number.",
        ),
        published=True,
    )
