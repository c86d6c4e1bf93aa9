"""Returns drawn as text and written as files, for studies that are read as users' are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from needs.inputs.registry import open_data
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import load_study

STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[authority.scope]
unaccompanied = {unaccompanied}
[period]
reporting_year = "{year}"
as_at = {last}
[inputs]
ssda903 = ["inputs/*.csv"]
{inputs}
[inputs.return_years]
{told}
"""
EPISODES = (
    "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN"
).split()
HEADER = "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB".split()
USUAL = {
    "RNE": "S", "LS": "C2", "CIN": "N1", "PLACE": "U4", "PLACE_PROVIDER": "PR1", "SEX": "1",
    "DOB": "15/06/2010", "ETHNIC": "WBRI", "UPN": "UN1",
}  # fmt: skip


def rows(drawn: str) -> list[dict[str, str]]:
    """Return the rows of a table drawn with bars."""
    lines = [
        [c.strip() for c in ln.strip().strip("|").split("|")] for ln in drawn.strip().splitlines()
    ]
    return [dict(zip(lines[0], ln, strict=True)) for ln in lines[1:]]


def _csv(columns: list[str], drawn: list[dict[str, str]]) -> str:
    lines = [",".join(columns)]
    for row in drawn:
        lines.append(",".join(row[c] if c in row else USUAL.get(c, "") for c in columns))
    return "\n".join(lines) + "\n"


def write(
    folder: Path,
    returns: Mapping[int, str],
    people: Mapping[int, Mapping[str, Mapping[str, str]]] | None = None,
    uasc: Mapping[int, str] | None = None,
    *,
    unaccompanied: bool = True,
    inputs: str = "",
    as_at: str = "",
) -> StudyData:
    """Write a study and open it.

    Parameters
    ----------
    returns : mapping of int to str
        End year -> episodes drawn with bars.
    people : mapping
        End year -> child -> cells of the Header that are not the usual ones.
    uasc : mapping of int to str
        End year -> children in the UASC table, apart by spaces.
    inputs : str
        More lines of the section of that name.
    as_at : str
        Day that the study looks from; the end of the last return where it is not given.
    """
    (folder / "inputs").mkdir(parents=True, exist_ok=True)
    told = []
    for year, drawn in returns.items():
        episodes = rows(drawn)
        mine = (people or {}).get(year, {})
        heads = [
            {"CHILD": c, **mine.get(c, {})} for c in dict.fromkeys(r["CHILD"] for r in episodes)
        ]
        tables = {"episodes": _csv(EPISODES, episodes), "header": _csv(HEADER, heads)}
        if asylum := (uasc or {}).get(year, "").split():
            lines = [{"CHILD": c, "SEX": "1", **mine.get(c, {})} for c in asylum]
            tables["uasc"] = _csv(["CHILD", "SEX", "DOB", "DUC"], lines)
        for name, text in tables.items():
            (folder / "inputs" / f"{year}-{name}.csv").write_text(text)
            told.append(f'"{year}-{name}.csv" = "{year - 1}-{year % 100:02d}"')
    last = max(returns)
    study = STUDY.format(
        year=f"{last - 1}-{last % 100:02d}", last=as_at or f"{last}-03-31", inputs=inputs,
        told="\n".join(told), unaccompanied=str(unaccompanied).lower(),
    )  # fmt: skip
    (folder / "study.toml").write_text(study)
    return open_data(load_study(folder / "study.toml"))
