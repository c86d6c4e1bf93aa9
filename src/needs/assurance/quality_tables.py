"""Findings laid out as long tables, and the words that go with them."""

from __future__ import annotations

import pandas as pd

from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.results import Measure, figure_id, long_table

__all__ = [
    "CHILDREN",
    "DONE",
    "FIELDS",
    "READ",
    "ROWS",
    "SHARE",
    "STOCK",
    "checks_only",
    "field_label",
    "findings_table",
    "how_notes",
    "label_of",
    "numbered_labels",
    "of_checks",
    "over_the_stock",
    "rules_only",
    "source_of",
    "stock_base",
    "years_of",
]

ANY, READ = "any", "00"
DONE = {"kept": "Kept", "repaired": "Repaired", "left_out": "Left out"}
# A row may be the only one of its child: few rows are hidden as few children are, and rows
# of few children with the count of these.
ROWS = Measure("rows_n", "Rows of data", "child_rows", derived_from=("children_n",))
CHILDREN = Measure("children_n", "Children", "children")
STOCK = Measure("stock_n", "Children of the stock", "children")
SHARE = Measure(
    "stock_pct",
    "Stock affected",
    "percent1",
    "children looked after at the end of the return",
    ("stock_n",),
)
FIELDS = {
    "decom": "Start date",
    "dec": "End date",
    "rec": "End reason",
    "rne": "Reason for new episode",
    "ls": "Legal status",
    "cin": "Category of need",
    "place": "Placement type",
    "place_provider": "Provider",
    "reason_place_change": "Reason of placement change",
    "home_post": "Home postcode",
    "pl_post": "Placement postcode",
    "urn": "Ofsted number",
    "sex": "Sex",
    "dob": "Date of birth",
    "ethnic": "Ethnicity",
    "upn": "Pupil number",
    "mother": "Mother",
    "mc_dob": "Date of birth of a mother's child",
    "uasc.duc": "End of unaccompanied status",
    "not_continued": "Episode open at the end, and not in the next return",
    "added_later": "Episode that the return before should have had",
    "overlap": "Episode that runs into the later return's account",
}


def field_label(field: str) -> str:
    """Return words for a field that returns differ in; a table's name stands before its own."""
    if field in FIELDS:
        return FIELDS[field]
    words = field.replace(".", ", ").replace("_", " ")
    return words[:1].upper() + words[1:]


def source_of(data: StudyData) -> str:
    """Return the line of source under a table."""
    return f"SSDA903 returns of {data.study.authority.short_name}"


def years_of(records: Records) -> str:
    """Return the years covered, in words."""
    labels = records.returns.sort_values("return_year")["label"].tolist()
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"


def label_of(year: int) -> str:
    """Return the reporting year that ends in ``year``, in words."""
    return str(ReportingYear(int(year)))


def _numbered(rule: str, label: str) -> str:
    return f"{int(rule)}. {label}"


def findings_table(findings: pd.DataFrame, base: pd.Series) -> pd.DataFrame:
    """Return findings as a long table: rows, children, stock and share of the stock.

    Parameters
    ----------
    findings : pandas.DataFrame
        Columns ``key`` and ``return_year``, and the counts.
    base : pandas.Series
        Children in the stock, by return year.
    """
    f = findings.assign(
        group=findings["key"],
        period=findings["return_year"].map(label_of),
        stock_pct=100 * findings["stock_n"] / findings["return_year"].map(base).replace(0, None),
    )
    f["stock_pct"] = f["stock_pct"].astype(float)
    measures = [m.key for m in (ROWS, CHILDREN, STOCK, SHARE)]
    melted = f.melt(["group", "period"], measures, var_name="measure", ignore_index=False)
    return long_table(melted.sort_index(kind="stable"))


def over_the_stock(name: str, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what shares of a stock lean on: its number, which they would give back."""
    shares = table[table["measure"] == SHARE.key]
    return {
        figure_id(name, SHARE.key, group, period): (
            figure_id("returns_read", "stock_n", period, period),
        )
        for group, period in shares[["group", "period"]].itertuples(index=False)
    }


def stock_base(findings: pd.DataFrame) -> pd.Series:
    """Return the children in the stock at the end of each return, by its year."""
    read = findings[(findings["rule"] == READ) & (findings["check"] == "read")]
    return read.set_index("return_year")["stock_n"]


def checks_only(records: Records) -> pd.DataFrame:
    """Return the findings check by check, with ``key`` such as ``r07_rec_without_dec``."""
    f = records.findings
    f = f[(f["rule"] != READ) & (f["check"] != ANY)]
    return f.assign(key="r" + f["rule"] + "_" + f["check"])


def rules_only(records: Records) -> pd.DataFrame:
    """Return the findings of whole rule groups, each row once, with ``key`` such as ``r07``."""
    f = records.findings
    f = f[(f["rule"] != READ) & (f["check"] == ANY)]
    return f.assign(key="r" + f["rule"])


def of_checks(findings: pd.DataFrame) -> dict[str, str]:
    """Return :func:`numbered_labels`, and the heading of the column they stand in."""
    return {"group": "Rule and check", **numbered_labels(findings)}


def how_notes(findings: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the text column that says what was done."""
    once = findings.drop_duplicates("key")
    return {"What was done": dict(zip(once["key"], once["how"], strict=True))}


def numbered_labels(findings: pd.DataFrame) -> dict[str, str]:
    """Return words for each key, with the number of its rule."""
    once = findings.drop_duplicates("key")
    return {
        k: _numbered(r, w) for k, r, w in zip(once["key"], once["rule"], once["label"], strict=True)
    }
