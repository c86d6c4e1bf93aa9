"""Raw returns made straight from drawn tables, without files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from needs.inputs.ssda903.quality import QualityOutcome, apply
from needs.inputs.ssda903.raw import BAD, RawReturns
from needs.inputs.ssda903.tables import tables
from needs.vocabulary.codes import code_set
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Authority, Inputs, Period, Study

Tables = Mapping[str, pd.DataFrame]

PLAIN = {
    "header": {"sex": "1", "dob": "15/06/2010", "ethnic": "WBRI", "upn": "UN1"},
    "episodes": {
        "rne": "S", "ls": "C2", "cin": "N1", "place": "U4", "place_provider": "PR1",
        "home_post": "OX1 1AA", "pl_post": "OX2 2BB", "urn": "SC000001",
    },
    "uasc": {},
    "oc3": {"in_touch": "YES", "activ": "F1", "accom": "B1"},
}  # fmt: skip
"""What stands in a column that a test does not draw."""


def drawn(text: str) -> pd.DataFrame:
    """Read a table drawn with bars: columns in lower case, a cell of spaces blank.

    ``reason`` and ``provider`` stand short for the long names of the return.
    """
    lines = [ln.strip().strip("|") for ln in text.strip().splitlines() if ln.strip()]
    head, *rows = [[c.strip() for c in ln.split("|")] for ln in lines if not set(ln) <= set("|-+ ")]
    assert all(len(r) == len(head) for r in rows), "rows of the drawn table differ in length"
    long = {"reason": "reason_place_change", "provider": "place_provider"}
    return pd.DataFrame(rows, columns=[long.get(h, h) for h in head], dtype=object)


def typed(key: str, frame: pd.DataFrame, year: int, numbers: Mapping[str, int]) -> pd.DataFrame:
    """Return a frame as the reader would: dates parsed, bad cells marked; codes still text."""
    n = len(frame)
    out: dict[str, object] = {
        "child": np.array([numbers[c] for c in frame["child"]], dtype="int32"),
        "return_year": np.full(n, year, dtype="int16"),
        "file_id": np.zeros(n, dtype="int16"),
        "row": np.arange(2, n + 2, dtype="int32"),
    }
    for name, column in tables()[key].columns.items():
        if column.kind == "child":
            continue
        plain = [PLAIN.get(key, {}).get(name, "")] * n
        text = [str(v).upper() or None for v in (frame[name] if name in frame else plain)]
        value: object = np.array(text, dtype=object)
        if column.kind in ("date", "part_date"):
            dates = pd.Series(text, dtype=object)
            value = pd.to_datetime(dates, format="%d/%m/%Y", errors="coerce").to_numpy("M8[ns]")
            out[BAD + name] = np.array([v is not None for v in text], bool) & np.isnat(value)
        elif column.kind in ("flag", "number"):
            value = np.array([np.nan if v is None else float(v) for v in text], dtype=float)
        elif column.kind == "code":
            known = code_set(column.codes).codes
            out[BAD + name] = np.array([v is not None and v not in known for v in text], dtype=bool)
        out[name] = value
    if key == "episodes":
        out["repaired"] = np.zeros(n, dtype=bool)
    return pd.DataFrame(out)


def raw_returns(
    returns: Mapping[int, Tables], extracts: Mapping[int, str] | None = None
) -> RawReturns:
    """Return raw returns by end year; a Header is made where none is given."""
    made: dict[str, list[pd.DataFrame]] = {}
    filled = {year: _with_header(parts) for year, parts in returns.items()}
    everyone = sorted({c for parts in filled.values() for t in parts.values() for c in t["child"]})
    numbers = {c: i for i, c in enumerate(everyone)}
    for year, parts in filled.items():
        for key, frame in parts.items():
            made.setdefault(key, []).append(typed(key, frame, year, numbers))
    joined = {key: _joined(key, frames) for key, frames in made.items()}
    return RawReturns(
        header=joined.pop("header"),
        episodes=joined.pop("episodes"),
        others=joined,
        returns=_returns(filled, extracts or {}),
        files=("drawn.csv",),
        ids=pd.Index(everyone),
    )


def _with_header(parts: Tables) -> Tables:
    if "header" in parts:
        return parts
    children = sorted({c for t in parts.values() for c in t["child"]})
    return {**parts, "header": pd.DataFrame({"child": children})}


def _joined(key: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    out = pd.concat(frames, ignore_index=True)
    texts = [c for c, spec in tables()[key].columns.items() if spec.kind in ("code", "text")]
    return out.astype(dict.fromkeys(texts, "category"))


def _returns(returns: Mapping[int, Tables], extracts: Mapping[int, str]) -> pd.DataFrame:
    rows = []
    for year, parts in sorted(returns.items()):
        end = pd.Timestamp(extracts.get(year, ReportingYear(year).end.isoformat()))
        rows.append(
            {
                "return_year": year,
                "label": str(ReportingYear(year)),
                "start": pd.Timestamp(ReportingYear(year).start),
                "end": end,
                "extract": year in extracts,
                "children_n": parts["header"]["child"].nunique(),
                "episodes_n": len(parts["episodes"]),
                "files": "drawn.csv",
            }
        )
    return pd.DataFrame(rows)


STUDY = Study(
    schema_version=1,
    authority=Authority(
        name="Testshire County Council",
        short_name="Testshire",
        dfe_code="999",
        ons_code="E10000999",
    ),
    period=Period(reporting_year="2022-23", as_at="2023-03-31"),
    inputs=Inputs(ssda903=("*.csv",)),
)


def judged(
    returns: Mapping[int, Tables], extracts: Mapping[int, str] | None = None
) -> QualityOutcome:
    """Return the outcome of the rules over drawn returns."""
    return apply(raw_returns(returns, extracts), STUDY)


def shared() -> Path:
    """Return the folder of shared data, beside the project or where NEEDS_SHARED says."""
    import os

    here = Path(__file__).resolve().parents[4] / "../shared"
    return Path(os.environ.get("NEEDS_SHARED", here)).resolve()


def peer_returns() -> dict[int, Tables]:
    """Return the peer's sample by end year; its files are named by the year they start in."""
    folder = shared() / "data/peer-samples/cs-demand-model"
    out: dict[int, Tables] = {}
    for start in range(2017, 2022):
        parts = {}
        for key in ("header", "episodes", "uasc", "oc3"):
            frame = pd.read_csv(folder / f"{start}-{key}.csv", dtype=str, keep_default_na=False)
            parts[key] = frame.rename(columns=str.lower)
        out[start + 1] = parts
    return out
