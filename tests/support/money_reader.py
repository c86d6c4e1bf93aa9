"""A reader who does every sum of the pounds of chapter 60, and learns which withheld ones.

It shares no code with the project's own disclosure control. Pounds need no counting: what sums
of others make is known to the penny, or not at all.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

PAYERS = ("health", "education", "grant")
POOLED = "all_years"


def sums_of_pounds(ids, nodes, bands, together):
    """Return sums that make nought, as lists of (figure id, sign), from the ids there are.

    Parameters
    ----------
    ids : collection of str
    nodes : mapping of str to list of str
        A row of the placement mix -> the rows that make it up; its own key for "all".
    bands : list of str
        Keys of bands of high prices.
    together : mapping of str to list of str
        Result -> the years that it takes together.
    """
    ids = set(ids)
    years = sorted({i.rsplit(".", 1)[1] for i in ids if i.startswith("cost_trend.gross_gbp.all.")})
    made = [*_profiles(ids, bands, together), *_uplifts(ids)]
    for year in years:
        made += [*_types(ids, nodes, year), *_net(ids, nodes, year), *_year(ids, bands, year)]
    there = [(whole, [p for p in parts if p in ids]) for whole, parts in made if whole in ids]
    return [[(whole, 1), *((p, -1) for p in parts)] for whole, parts in there if parts]


def _types(ids, nodes, year):
    """Yield that rows of the mix make up the rows above them, and routes a type."""
    for measure in ("gross_gbp", "net_gbp"):
        at = f"cost_trend.{measure}.{{}}.{year}"
        for whole, parts in nodes.items():
            yield at.format(whole), [at.format(p) for p in parts]
    for i in _like(ids, "cost_trend.gross_gbp.", year):
        kind = i.split(".")[2]
        yield i, _like(ids, f"cost_routes.gross_gbp.{kind}.", year)
        yield i, [f"cost_units.gross_gbp.{kind}.{year}"]


def _net(ids, nodes, year):
    """Yield that gross is net and what others pay, who pay for all what they pay for types."""
    for i in _like(ids, "cost_trend.gross_gbp.", year):
        kind = i.split(".")[2]
        if kind == "all" or kind not in nodes:
            paid = [f"cost_others.gbp.{kind}.{p}.{year}" for p in PAYERS]
            yield i, [i.replace("gross", "net"), *paid]
    for payer in PAYERS:
        every = f"cost_others.gbp.all.{payer}.{year}"
        yield every, [i for i in _like(ids, "cost_others.gbp.", f"{payer}.{year}") if i != every]


def _year(ids, bands, year):
    yield f"cost_high.gross_gbp.all.{year}", [f"cost_high.gross_gbp.{b}.{year}" for b in bands]
    yield f"cost_trend.gross_gbp.unregistered.{year}", [f"cost_bespoke.gross_gbp.all.{year}"]
    yield f"cost_money.gross_gbp.placed.{year}", [f"cost_trend.gross_gbp.all.{year}"]


def _uplifts(ids):
    """Yield that types make up all uplifts of a year, and routes too."""
    for every in _like(ids, "cost_uplifts.", ""):
        _, measure, group, year = every.split(".")
        if group == "all" and measure.endswith("_gbp"):
            for kind in ("type_", "route_"):
                yield every, _like(ids, f"cost_uplifts.{measure}.{kind}", year)


def _profiles(ids, bands, together):
    """Yield that years make up all years, groups of a kind all, and bands all prices."""
    at = f"cost_bespoke.gross_gbp.all.{POOLED}"
    yield at, [f"cost_bespoke.gross_gbp.all.{y}" for y in together.get("cost_bespoke", ())]
    groups = defaultdict(list)
    for i in ids:
        if i.startswith(("cost_high_profile.gross_gbp.", "cost_bespoke.gross_gbp.")):
            result, _, group, *rest = i.split(".")
            if group != "all" and rest[-1] == POOLED:
                groups[result, group.split("_")[0], ".".join(rest)].append(i)
    for (result, _, rest), parts in groups.items():
        yield f"{result}.gross_gbp.all.{rest}", parts
    high = "cost_high_profile.gross_gbp"
    for band in ("all", *bands):
        years = together.get("cost_high_profile", ())
        yield f"{high}.all.{band}.{POOLED}", [f"cost_high.gross_gbp.{band}.{y}" for y in years]
    for i in _like(ids, f"{high}.", f"all.{POOLED}"):
        yield i, [i.replace(f".all.{POOLED}", f".{b}.{POOLED}") for b in bands]


def _like(ids, start, end):
    return sorted(i for i in ids if i.startswith(start) and i.endswith(end))


def told(printed, sums):
    """Return the withheld figures that the sums determine, and how many are withheld.

    Parameters
    ----------
    printed : mapping of str to float or None
        Figure id -> number, None where it is withheld.
    sums : list of list of (str, int)
        From :func:`sums_of_pounds`.
    """
    hidden = sorted({i for s in sums for i, _ in s if printed[i] is None})
    at = {i: k for k, i in enumerate(hidden)}
    matrix = np.zeros((len(sums), len(hidden)))
    for row, terms in enumerate(sums):
        for i, sign in terms:
            if i in at:
                matrix[row, at[i]] += sign
    if not hidden:
        return [], 0
    # A figure is determined where it is nought in everything that leaves all sums as they are.
    _, sizes, right = np.linalg.svd(matrix)
    rank = int((sizes > 1e-9).sum())
    free = np.abs(right[rank:]).max(axis=0, initial=0.0)
    return [i for i in hidden if free[at[i]] < 1e-9], len(hidden)


def children_of(figure):
    """Return the figure id of the children whom pounds are of; none for net, which is of all."""
    result, measure, *rest = figure.split(".")
    if measure.startswith("net"):
        return ""
    if result in {"cost_trend", "cost_units"}:
        return ".".join(["cost_routes", "paid_n", *rest])
    if result == "cost_money":
        return ".".join([result, "in_outcome_n", *rest])
    return ".".join([result, "children_n", *rest])
