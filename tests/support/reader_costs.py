"""What a reader can do with counts of children in chapter 60, beside those of chapter 20.

Like ``reader.py`` it shares no code with the project's own disclosure control.
"""

from __future__ import annotations

from collections import defaultdict

PAYERS = ("health", "education", "grant")
POOLED = "all_years"
NEAR = 6
"""Who is left over by fewer than so many is taken to be known: nearly all are the same."""


def learn_costs(reader, ids):
    """Teach a reader what the tables of chapter 60 say of one another."""
    for i in ids:
        result, measure, group, *rest = i.split(".")
        if (result, measure) == ("cost_routes", "paid_n"):
            _learn_paid(reader, ids, i, group, rest[-1])
        if (result, measure, group) == ("cost_others", "children_n", "all"):
            payer, year = rest
            parts = [j for j in ids if j.startswith("cost_others.children_n.")
                     and j.endswith(f".{payer}.{year}") and j != i]  # fmt: skip
            reader.know([i], parts)
        if (result, measure) == ("cost_others", "children_n"):
            reader.at_most([f"cost_routes.paid_n.{group}.{rest[-1]}"], [i])
        if (result, measure) == ("cost_bespoke", "children_n") and rest[-1] != POOLED:
            near(reader, f"cla_placement_days.in_type_n.unregistered.{rest[-1]}", [i])
    _learn_profiles(reader, ids)
    _learn_uplifts(reader, ids)


def near(reader, whole, parts):
    """Learn that parts make up a whole, but for a few who are known, or are no more than it."""
    parts = [p for p in parts if p in reader.printed]
    if whole not in reader.printed or not parts:
        return
    rest = reader.true[whole] - sum(reader.true[p] for p in parts)
    if abs(rest) < NEAR:
        reader.know([whole], parts, rest, rest)
    elif rest > 0:
        reader.at_most([whole], parts)


def _learn_paid(reader, ids, figure, kind, year):
    near(reader, f"cla_placement_days.in_type_n.{kind}.{year}", [figure])
    start = f"cost_routes.children_n.{kind}."
    near(reader, figure, [j for j in ids if j.startswith(start) and j.endswith(year)])
    near(reader, figure, [f"cost_providers.children_n.{kind}.every.{year}"])


def _learn_profiles(reader, ids):
    groups = defaultdict(list)
    bands = {j.split(".")[2] for j in ids if j.startswith("cost_high.children_n.")} - {"all"}
    years = {j.split(".")[3] for j in ids if j.startswith("cost_high.children_n.")}
    for i in ids:
        result, measure, group, *rest = i.split(".")
        if result not in {"cost_high_profile", "cost_bespoke"} or measure != "children_n":
            continue
        if group != "all":
            groups[result, group.split("_")[0], ".".join(rest)].append(i)
        elif result == "cost_high_profile":
            _some_years(reader, i, [f"cost_high.children_n.{rest[0]}.{y}" for y in sorted(years)])
        elif rest[-1] == POOLED:
            _some_years(reader, i, [i.replace(POOLED, y) for y in sorted(years)])
        if result == "cost_high_profile" and rest[0] == "all":
            reader.know([i], [i.replace(f".all.{POOLED}", f".{b}.{POOLED}") for b in bands])
        if group.startswith("type_") and rest[0] == "all":
            kind = group.removeprefix("type_")
            there = [f"cla_placement_days.in_type_n.{kind}.{y}" for y in years]
            if all(t in reader.printed for t in there):
                rest_n = sum(reader.true[t] for t in there) - reader.true[i]
                high = rest_n if abs(rest_n) < NEAR else 10_000
                reader.know(there, [i], rest_n if abs(rest_n) < NEAR else 0, high)
    for (result, _, rest), parts in groups.items():
        reader.know([f"{result}.children_n.all.{rest}"], parts)


def _some_years(reader, figure, years):
    """Learn that a number is that of the years of which the note says that they are not few."""
    years = [y for y in years if y in reader.printed]
    for k in range(len(years)):
        if sum(reader.true[y] for y in years[k:]) == reader.true[figure]:
            reader.know([figure], years[k:])
            return


def _learn_uplifts(reader, ids):
    own = [i for i in ids if i.startswith("cost_uplifts.")]
    for every in (i for i in own if i.split(".")[2] == "all"):
        measure, year = every.split(".")[1], every.split(".")[3]
        for kind in ("type_", "route_"):
            start = f"cost_uplifts.{measure}.{kind}"
            parts = [i for i in own if i.startswith(start) and i.endswith(year)]
            if parts:
                rest = reader.true[every] - sum(reader.true[p] for p in parts)
                reader.know([every], parts, rest, rest)
