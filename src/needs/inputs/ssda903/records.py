"""From checked returns to the records that analyses see: no identifiers, one history a child."""

from __future__ import annotations

import pandas as pd

from needs.inputs.ssda903.histories import differences, histories, period_of_care
from needs.inputs.ssda903.raw import BAD, RawReturns
from needs.inputs.ssda903.tables import tables
from needs.inputs.ssda903.vintages import HEADER_FIELDS, add_up, latest_of_child, supersede
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import Records

__all__ = ["children_of", "episodes_of", "to_records"]

_EPISODE_COLUMNS = (
    "child",
    "decom",
    "dec",
    "rne",
    "ls",
    "cin",
    "place",
    "provider",
    "rec",
    "reason_place_change",
    "urn",
    "home_post",
    "pl_post",
    "pl_la",
    "pl_location",
    "pl_distance",
    "return_year",
    "period_of_care",
    "repaired",
)
_UNKNOWN_DISTANCE = 999.9


def to_records(raw: RawReturns, checked: RawReturns, findings: pd.DataFrame) -> Records:
    """Let later returns supersede earlier ones and lay the records out.

    Parameters
    ----------
    raw : RawReturns
        Returns as read: what they say differently is counted here, before any repair.
    checked : RawReturns
        Returns after the rules of data quality: what the records are made of.
    findings : pandas.DataFrame
        What those rules found.
    """
    differ = differences(raw.episodes, raw.returns)
    told = histories(checked.episodes, differ.moved)
    header = supersede(raw.header, tables()["header"], fields=HEADER_FIELDS, keep_all=True)
    conflicts = [raw.set_aside, differ.conflicts, told.conflicts, header.conflicts]
    others = {}
    for key, frame in checked.others.items():
        spec = tables()[key]
        fields = [c for c in spec.columns if c not in ("child", "dob", "sex")]
        done = supersede(frame, spec, fields=fields, prefix=f"{key}.", keep_all=spec.yearly)
        others[key] = _plain(done.frame)
        # What a yearly table says of one year and of the next is no difference of vintages.
        conflicts += [] if spec.yearly and not spec.ends else [done.conflicts]
    return Records(
        children_of(checked),
        episodes_of(told.frame),
        others,
        raw.returns,
        findings,
        add_up(conflicts),
        raw.returns["end"].max(),
        ids=raw.ids,
    )


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop what only the checks needed, and the names of staff."""
    dropped = [c for c in frame if str(c).startswith(BAD) or c in ("file_id", "row")]
    out = frame.drop(columns=dropped).reset_index(drop=True)
    if "sw_id" in out:
        out["sw_id"] = out["sw_id"].cat.rename_categories(range(len(out["sw_id"].cat.categories)))
    return out


def children_of(raw: RawReturns) -> pd.DataFrame:
    """Return one row a child: what the latest return that says it says."""
    n = len(raw.ids)
    latest = {f: latest_of_child(raw.header, f, n) for f in ("sex", "dob", "ethnic")}
    sexes = pd.CategoricalDtype(["male", "female", "unknown"])
    words = latest["sex"].map(dict(code_set("SEX").labels)).astype(object).fillna("unknown")
    out = pd.DataFrame(
        {"sex": words.astype(sexes), "dob": latest["dob"], "ethnic": latest["ethnic"]},
        index=pd.RangeIndex(n, name="child").astype("int32"),
    )
    uasc = raw.others.get("uasc")
    out["uasc"] = out.index.isin(uasc["child"]) if uasc is not None else False
    blank = pd.Series(pd.NaT, index=out.index, dtype="datetime64[ns]")
    out["uasc_end"] = latest_of_child(uasc, "duc", n) if uasc is not None else blank
    return out


def episodes_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a history as analyses see it, with its periods of care."""
    out = frame.rename(columns={"place_provider": "provider"})
    out["period_of_care"] = period_of_care(out)
    out["pl_distance"] = out["pl_distance"].where(out["pl_distance"] < _UNKNOWN_DISTANCE)
    return out[[*_EPISODE_COLUMNS]]
