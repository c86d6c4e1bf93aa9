"""Consistent printed figures of an authority that does not exist, and errors planted in them.

Counts are drawn, and everything else is worked out from them and rounded half up once: what the
audit says of them is known beforehand.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import pandas as pd

from needs.vocabulary.records import Published

YEARS = ["2017-18", "2018-19", "2019-20", "2020-21", "2021-22", "2022-23"]
MONTHS = ["2022-07", "2022-08", "2022-09", "2022-10", "2022-11", "2022-12"]
SERVICES = ["education", "families", "placements", "central"]
AREAS = ["north", "east", "south", "west"]
FIXED = {"fostering": 62.0, "ifa": 24.0, "homes": 15.8, "sixteen_plus": 10.0}


def half_up(x, decimals=0):
    """Round half up, independently of the code under test."""
    return math.floor(round(x * 10**decimals, 9) + 0.5) / 10**decimals


def printed(value, unit):
    decimals = 1 if unit in {"percent1", "gbp_m"} else 0
    text = f"{value:,.{decimals}f}"
    return f"{text}%" if unit.startswith("percent") else text


@dataclass
class Sheet:
    """Figures as they are typed."""

    rows: list = field(default_factory=list)

    def put(self, document, table, period, measure, group, value, unit, by=""):
        name = "_".join(
            p for p in (f"d{document}", table or "text", measure, group, by, period) if p
        )
        self.rows.append(
            {
                "figure": name.lower().replace("-", "_").replace(" ", "_"), "document": document,
                "place": table or "text", "table": table, "area": "E10000099", "period": period,
                "measure": measure, "group": group, "by": by, "value": float(value),
                "printed": printed(value, unit), "unit": unit, "note": "",
            }
        )  # fmt: skip

    def frame(self):
        return pd.DataFrame(self.rows)


def _placements(sheet, rng, document):
    """Two tables with nested groups and shares of two bases; return the counts."""
    counts = {}
    total = rng.integers(600, 900)
    for year in YEARS:
        total = int(total * rng.uniform(0.95, 1.1))
        kin, own, ifa = (int(total * rng.uniform(a, a + 0.05)) for a in (0.14, 0.18, 0.23))
        inside, outside = int(rng.integers(8, 30)), int(total * rng.uniform(0.1, 0.14))
        c = {
            "all": total, "fostering": kin + own + ifa, "kinship": kin, "ifa": ifa,
            "in_house_fostering": own, "homes": inside + outside, "in_house_homes": inside,
            "external_homes": outside,
        }  # fmt: skip
        counts[year] = c
    tables = {
        "mix": ("fostering", ["kinship", "in_house_fostering", "ifa"]),
        "homes": ("homes", ["in_house_homes", "external_homes"]),
    }
    for table, (whole, parts) in tables.items():
        for group in ["all", whole, *parts]:
            for year in YEARS:
                n = counts[year][group]
                sheet.put(document, table, year, "children_n", group, n, "children")
                base = "all" if group == whole else whole
                if group != "all":
                    name = "children" if base == "all" else whole
                    share = half_up(100 * n / counts[year][base])
                    measure = f"share_of_{name}_pct"
                    sheet.put(document, table, year, measure, group, share, "percent")
    return counts


def _changes(sheet, document, counts):
    """What the text says of the tables: changes by year in number and per cent."""
    for before, after in itertools.pairwise(YEARS):
        for group in ("all", "ifa", "homes"):
            a, b = counts[before][group], counts[after][group]
            pct = half_up(100 * (b / a - 1))
            sheet.put(document, "", after, "growth_pct", group, pct, "percent")
            sheet.put(document, "", after, "growth_n", group, b - a, "children")


def _finance(sheet, rng, document):
    for year in YEARS[-2:]:
        tenths = {s: (int(rng.integers(50, 900)), int(rng.integers(-9, 90))) for s in SERVICES}
        for measure in ("budget_gbp_m", "outturn_gbp_m", "overspend_gbp_m"):
            made = {
                s: {"b": x, "o": x + y, "v": y}[
                    {"budget_gbp_m": "b", "outturn_gbp_m": "o", "overspend_gbp_m": "v"}[measure]
                ]
                for s, (x, y) in tenths.items()
            }
            for s in SERVICES:
                sheet.put(document, "finance", year, measure, s, made[s] / 10, "gbp_m")
            total = sum(made.values()) / 10
            sheet.put(document, "finance", year, measure, "all", total, "gbp_m")


def _districts(sheet, rng, document):
    """A table whose groups nobody declared: only its numbers show that they add up."""
    for month in MONTHS:
        n = {a: int(rng.integers(40, 200)) for a in AREAS}
        for a in AREAS:
            sheet.put(document, "areas", month, "referrals_n", a, n[a], "count")
        sheet.put(document, "areas", month, "referrals_n", "all", sum(n.values()), "count")


def _projection(sheet, rng, document):
    total = int(rng.integers(700, 900))
    for group, share in FIXED.items():
        sheet.put(document, "demand", "2024-2029", "fixed_share_pct", group, share, "percent1")
    for year in range(2024, 2030):
        total = int(total * rng.uniform(0.98, 1.04))
        sheet.put(document, "demand", str(year), "projected_n", "all", total, "children")
        for group, share in FIXED.items():
            n = half_up(total * share / 100)
            sheet.put(document, "demand", str(year), "projected_n", group, n, "children")


def consistent(rng):
    """Return two documents whose figures all agree."""
    sheet = Sheet()
    counts = _placements(sheet, rng, "a")
    _changes(sheet, "a", counts)
    _finance(sheet, rng, "a")
    _districts(sheet, rng, "a")
    _projection(sheet, rng, "a")
    for year in YEARS:  # the later document prints the earlier one's counts again
        for group in ("all", "fostering", "homes"):
            n = counts[year][group]
            sheet.put("b", "", year, "children_n", group, n, "children")
    boys = int(counts[YEARS[-1]]["all"] * rng.uniform(0.5, 0.6))
    last = counts[YEARS[-1]]["all"]
    for sex, n in (("male", boys), ("female", last - boys)):
        sheet.put("b", "", YEARS[-1], "children_n", sex, n, "children")
        share = half_up(100 * n / last)
        sheet.put("b", "", YEARS[-1], "share_of_children_pct", sex, share, "percent")
    return sheet.frame()


def published(frame):
    documents = pd.DataFrame(
        {"id": ["a", "b"], "title": ["A", "B"], "date": ["2021", "2023"], "publisher": ["", ""]}
    )
    columns = ["figure", "operation", "operands", "either", "note"]
    return Published(frame, documents, pd.DataFrame(columns=columns, dtype=str))


def _other(rng, frame, rows):
    return int(rng.choice(frame.index[rows]))


def _count(frame, measure, group, period, document="a"):
    rows = frame[(frame["measure"] == measure) & (frame["group"] == group)]
    return rows[(rows["period"] == period) & (rows["document"] == document)]["value"].iloc[0]


def swapped_digits(frame, rng):
    """Two digits of a part change places."""
    parts = frame["group"].isin(["kinship", "in_house_fostering", "ifa", "external_homes", *AREAS])
    rows = parts & frame["measure"].isin(["children_n", "referrals_n"]) & (frame["value"] > 20)
    while True:
        i = _other(rng, frame, rows)
        text = str(int(frame.loc[i, "value"]))
        k = int(rng.integers(len(text) - 1))
        turned = text[:k] + text[k + 1] + text[k] + text[k + 2 :]
        if turned != text and turned[0] != "0":
            return i, float(turned)


def other_base(frame, rng):
    """A share of fostering or of homes is printed that was taken of all children."""
    rows = frame["measure"].isin(["share_of_fostering_pct", "share_of_homes_pct"])
    while True:
        i = _other(rng, frame, rows)
        row = frame.loc[i]
        part = _count(frame, "children_n", row["group"], row["period"])
        share = half_up(100 * part / _count(frame, "children_n", "all", row["period"]))
        if abs(share - row["value"]) > 1:
            return i, share


def total_off_by_one(frame, rng):
    """A total is one more or less than its parts."""
    rows = (frame["table"] == "areas") & (frame["group"] == "all")
    rows |= frame["table"].isin(["mix", "homes"]) & frame["group"].isin(["fostering", "homes"])
    i = _other(rng, frame, rows & frame["measure"].isin(["children_n", "referrals_n"]))
    return i, frame.loc[i, "value"] + float(rng.choice([-1, 1]))


def growth_of_another_year(frame, rng):
    """A change in per cent was taken from another year than the one before."""
    rows = (frame["measure"] == "growth_pct") & (frame["period"] > "2018-19")
    while True:
        i = _other(rng, frame, rows)
        row = frame.loc[i]
        start = YEARS[YEARS.index(row["period"]) - 2]
        now = _count(frame, "children_n", row["group"], row["period"])
        pct = half_up(100 * (now / _count(frame, "children_n", row["group"], start) - 1))
        if abs(pct - row["value"]) > 1:
            return i, pct


def copied_wrongly(frame, rng):
    """A count of another document is taken from the column beside."""
    rows = (frame["document"] == "b") & frame["group"].isin(["fostering", "homes"])
    while True:
        i = _other(rng, frame, rows & (frame["measure"] == "children_n"))
        row = frame.loc[i]
        at = YEARS.index(row["period"])
        beside = YEARS[at - 1 if at else 1]
        value = _count(frame, "children_n", row["group"], beside)
        if value != row["value"]:
            return i, value


def money_off(frame, rng):
    """A sum of money is off by more than the rounding of its parts allows."""
    i = _other(rng, frame, (frame["table"] == "finance") & (frame["group"] == "all"))
    return i, round(frame.loc[i, "value"] + float(rng.choice([-1.0, 0.5, 1.0])), 1)


def product_off(frame, rng):
    """A projected part is two off its share of the total."""
    i = _other(rng, frame, (frame["measure"] == "projected_n") & (frame["group"] != "all"))
    return i, frame.loc[i, "value"] + float(rng.choice([-2, 2]))


def share_slipped(frame, rng):
    """A share is printed two to five points off."""
    rows = frame["measure"].isin(["share_of_children_pct", "share_of_fostering_pct"])
    i = _other(rng, frame, rows)
    return i, frame.loc[i, "value"] + float(rng.choice([-5, -3, -2, 2, 3, 5]))


PLANTS = (
    swapped_digits, other_base, total_off_by_one, growth_of_another_year, copied_wrongly,
    money_off, product_off, share_slipped,
)  # fmt: skip


def plant(frame, rng, kinds=PLANTS):
    """Return the figures with one error of each kind, and kind -> id of the figure changed."""
    wrong, changed = {}, frame.copy()
    for kind in kinds:
        while True:
            i, value = kind(frame, rng)
            if frame.loc[i, "figure"] not in wrong.values():
                break
        wrong[kind.__name__] = frame.loc[i, "figure"]
        changed.loc[i, "value"] = value
        changed.loc[i, "printed"] = printed(value, frame.loc[i, "unit"])
    return changed, wrong
