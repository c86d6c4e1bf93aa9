"""Small returns from tables drawn as text, written as CSV or XML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd

from needs.inputs.ssda903.tables import tables
from needs.vocabulary.study import Authority, Inputs, Period, Study

Return = Mapping[str, pd.DataFrame]

HEADER_OF_XML = ("CHILD", "UPN", "SEX", "DOB", "ETHNIC")
NESTED = {
    "missing": "AMISSING",
    "reviews": "AREVIEW",
    "prev_perm": "PERMANENCE",
    "oc2": "OC2",
    "placed_adoption": "AD_PLACED",
}
FLAT = ("ad1", "oc3")


def table(drawn: str) -> pd.DataFrame:
    """Read a table drawn with bars; a cell of spaces is blank. All values stay text."""
    lines = [ln.strip().strip("|") for ln in drawn.strip().splitlines() if ln.strip()]
    cells = [[c.strip() for c in ln.split("|")] for ln in lines if not set(ln) <= set("|-+ ")]
    head, *rows = cells
    assert all(len(r) == len(head) for r in rows), "rows of the drawn table differ in length"
    return pd.DataFrame(rows, columns=[h.upper() for h in head], dtype=object)


def full(key: str, drawn: str | pd.DataFrame, **constants: str) -> pd.DataFrame:
    """Return the table with every column of the return; missing ones constant or blank."""
    frame = table(drawn) if isinstance(drawn, str) else drawn
    names = [c.upper() for c in tables()[key].columns if c not in DERIVED]
    made = {
        n: frame[n] if n in frame else pd.Series(constants.get(n.lower(), ""), index=frame.index)
        for n in names
    }
    return pd.DataFrame(made, dtype=object)


DERIVED = ("pl_la", "pl_location", "pl_distance", "uasc")


def header(drawn: str) -> pd.DataFrame:
    """Return a Header; what is not drawn is plausible."""
    return full("header", drawn, sex="1", dob="15/06/2010", ethnic="WBRI", upn="UN1")


def episodes(drawn: str) -> pd.DataFrame:
    """Return an Episodes table; what is not drawn is plausible."""
    plain = {"ls": "C2", "cin": "N1", "place": "U4", "place_provider": "PR1", "rne": "S"}
    return full("episodes", drawn, **plain)


def write_csv(folder: Path, returns: Mapping[str, Return], encoding: str = "utf-8") -> None:
    """Write each return's tables as ``<name>-<table>.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in returns.items():
        for key, frame in parts.items():
            path = folder / f"{name}-{key}.csv"
            path.write_bytes(frame.to_csv(index=False, lineterminator="\r\n").encode(encoding))


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files by name; folders in a name are made."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))


def _tags(row: Mapping[str, Any], names: list[str]) -> str:
    rename = {"CHILD": "CHILDID", "PLACE": "PL"}
    return "".join(
        f"<{rename.get(n, n)}>{escape(str(row[n]))}</{rename.get(n, n)}>" for n in names if row[n]
    )


def as_xml(parts: Return) -> str:
    """Return one return as the text of an EXPSSDA903 document."""
    out = ['<?xml version="1.0" encoding="utf-8"?>', "<EXPSSDA903>"]
    by_child = {
        key: {c: g.to_dict("records") for c, g in frame.groupby("CHILD", sort=False)}
        for key, frame in parts.items()
    }
    for row in parts["header"].to_dict("records"):
        child = row["CHILD"]
        uasc = by_child.get("uasc", {}).get(child, [])
        out.append("<CHILD><HEADER>" + _tags(row, [n for n in HEADER_OF_XML if n in row]))
        out.append(f"<UASC>{int(bool(uasc))}</UASC>")
        out.extend(_tags(r, ["DUC"]) for r in uasc)
        for key in FLAT:
            for r in by_child.get(key, {}).get(child, []):
                out.append(_tags(r, [n for n in r if n not in ("CHILD", "DOB")]))
        out.append(_tags(row, [n for n in ("MOTHER", "MC_DOB") if n in row]))
        for key, tag in NESTED.items():
            for r in by_child.get(key, {}).get(child, []):
                inner = _tags(r, [n for n in r if n not in ("CHILD", "DOB")])
                out.append(f"<{tag}>{inner}</{tag}>")
        out.append("</HEADER>")
        for r in by_child["episodes"].get(child, []):
            out.append("<EPISODE>" + _tags(r, [n for n in r if n != "CHILD"]) + "</EPISODE>")
        out.append("</CHILD>")
    return "\n".join([*out, "</EXPSSDA903>\n"])


def study(
    folder: Path,
    patterns: tuple[str, ...] = ("**/*.*",),
    year: str = "2022-23",
    as_at: dt.date | None = None,
    **settings: Any,
) -> Study:
    """Return a study whose SSDA903 inputs are the files of the folder.

    ``inputs`` among the settings adds to that section (``return_years`` and so on).
    """
    inputs = Inputs(ssda903=patterns, **settings.pop("inputs", {}))
    made = Study(
        schema_version=1,
        authority=Authority(
            name="Testshire County Council",
            short_name="Testshire",
            dfe_code="999",
            ons_code="E10000999",
        ),
        period=Period(reporting_year=year, as_at=as_at or dt.date(2000 + int(year[-2:]), 3, 31)),
        inputs=inputs,
        **settings,
    )
    object.__setattr__(made, "_folder", folder)
    return made
