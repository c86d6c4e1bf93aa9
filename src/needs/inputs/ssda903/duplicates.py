"""What stands twice: children in one Header, and extracts that a later return replaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from needs.inputs.ssda903.assemble import Files, assemble
from needs.inputs.ssda903.extracts import Vintage
from needs.inputs.ssda903.histories import differences
from needs.inputs.ssda903.raw import RawReturns
from needs.inputs.ssda903.tables import tables
from needs.inputs.ssda903.vintages import HEADER_FIELDS, add_up, supersede
from needs.vocabulary.errors import ROWS_SHOWN, Fault

__all__ = ["contradictions", "set_aside"]


def contradictions(raw: RawReturns, max_share: float) -> list[Fault]:
    """Return a fault for each file in which too many children stand twice, and differ.

    Parameters
    ----------
    raw : RawReturns
    max_share : float
        Share of a Header's children that may.
    """
    key = ["return_year", "child"]
    twice = raw.header[raw.header.duplicated(key, keep=False)]
    differing = ~twice.duplicated([*key, *HEADER_FIELDS], keep=False)
    twice = twice[differing.groupby([twice[k] for k in key]).transform("any").astype(bool)]
    share = (
        twice.groupby("return_year")["child"].nunique()
        / raw.header.groupby("return_year")["child"].nunique()
    )
    over = twice[twice["return_year"].isin(share.index[share > max_share])]
    faults = []
    for file_id, rows in over.groupby("file_id"):
        shown = tuple(sorted(int(r) for r in rows["row"])[:ROWS_SHOWN])
        rule = "the same child stands in the Header of one return more than once, and differs"
        mend = "leave one row a child, or raise quality.max_duplicate_share"
        file = raw.files[int(str(file_id))]
        faults.append(Fault(file, rule, mend, column="CHILD", rows=shown, row_count=len(rows)))
    return faults


def set_aside(
    raw: RawReturns, files: Files, replaced: Sequence[Vintage], latest: Mapping[int, Vintage]
) -> RawReturns:
    """Count how extracts differ from the later return of the same year that replaces them.

    Parameters
    ----------
    raw : RawReturns
        The returns that stand.
    files : mapping of str to sequence of Part
    replaced : sequence of Vintage
        Extracts whose rows are not in ``raw``.
    latest : mapping of int to Vintage
        The return that stands for each year.
    """
    if not replaced:
        return raw
    counted = []
    returns = raw.returns.copy()
    for old in replaced:
        # One year apart, so that the two can be told from one another.
        both = assemble(files, [replace(old, year=old.year - 1), latest[old.year]])
        spec = tables()["header"]
        told = [
            differences(both.episodes, both.returns).conflicts,
            supersede(both.header, spec, fields=HEADER_FIELDS, keep_all=True).conflicts,
        ]
        counted.append(pd.concat(told).assign(earlier_year=old.year, later_year=old.year))
        mine = returns["return_year"] == old.year
        names = ", ".join([*(n for n in returns.loc[mine, "set_aside"] if n), *old.files])
        returns.loc[mine, "set_aside"] = names
    return replace(raw, set_aside=add_up(counted), returns=returns)
