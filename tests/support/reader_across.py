"""What a reader can do with all chapters of a report: 10 beside 20, 20 beside 50, 25 and 90.

Like ``reader.py`` it shares no code with the project's own disclosure control.
"""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
from reader import FAR, Reader, learn_report
from reader_costs import learn_costs

PART_OF = {
    "cla_short_breaks": "children_n",
    "cla_move_reason": "moves_n",
    "cla_long_term_stability": "children_n",
    "cla_leavers_in_touch": "people_n",
    "cla_leavers_activity": "people_n",
    "cla_leavers_higher": "people_n",
    "cla_leavers_accommodation": "people_n",
    "cla_stay_remaining": "children_n",
}
"""Results whose groups make up all of them."""
HELD = {
    "fostering": "all_fostering",
    "kinship": "kinship",
    "in_house_fostering": "in_house_foster",
    "ifa": "ifa",
    "homes": "all_homes",
    "in_house_homes": "in_house_home",
    "external_homes": "external_home",
    "all": "all",
}
COUNTS_OF = {
    "children_n": "cla_stock.children_n.all.{day}",
    "started_n": "cla_flows.started_n.all.{year}",
    "ceased_n": "cla_flows.ceased_n.all.{year}",
}


class Whole(Reader):
    """A reader of everything; only counts of people are looked for."""

    def __init__(self, printed, true, threshold=6, people=()):
        super().__init__(printed, true, threshold)
        self.people = set(people) or set(printed)

    def small(self):
        return [i for i in super().small() if i in self.people]

    def _bounds(self, figure):
        if re.search(r"\.error_n\.", figure):
            return (-FAR, FAR)
        return super()._bounds(figure)


def end_of(year):
    return f"{int(year[:4]) + 1}-03-31"


def year_of(day):
    year = int(day[:4])
    return f"{year - 1}-{year % 100:02d}"


def learn_all(reader):
    """Teach a reader whatever the chapters say of one another."""
    learn_report(reader)
    ids = list(reader.printed)
    _learn_parts(reader, ids)
    _learn_activity(reader, ids)
    _learn_returns(reader, ids)
    _learn_lists(reader)
    _learn_stays(reader, ids)
    _learn_providers(reader, ids)
    _learn_outcomes(reader, ids)
    learn_costs(reader, ids)
    for i in ids:
        _learn_year(reader, i)
        _learn_repeated(reader, i)


def rest_known(reader, plus, minus, spread=False):
    """Learn a sum of which what is left over is known; needs a number on either side.

    Where it is few people, it is they who are protected, and the reader knows that they are few;
    unless both signs are in it (``spread``): then who guesses it learns of no people.
    """
    there = [[i for i in side if i in reader.printed] for side in (plus, minus)]
    if all(there):
        rest = sum(reader.true[i] for i in there[0]) - sum(reader.true[i] for i in there[1])
        low, high = (rest, rest) if spread or not 1 <= abs(rest) < reader.threshold else (-5, 5)
        reader.know(*there, low, high)


def _learn_parts(reader, ids):
    parts = defaultdict(list)
    for i in ids:
        result, measure, group, *rest = i.split(".")
        if PART_OF.get(result) == measure and group != "all":
            parts[result, measure, ".".join(rest)].append(i)
    for (result, measure, rest), some in parts.items():
        whole = f"{result}.{measure}.all.{rest}"
        if whole in reader.printed:
            reader.know([whole], some)


def _learn_activity(reader, ids):
    """Know that one table of care leavers parts a group of the other in two."""
    parts = {"eet": ("higher", "other_eet"), "neet": ("neet",), "not_known": ("not_known",)}
    for i in ids:
        result, measure, group, *rest = i.split(".")
        if result == "cla_leavers_activity" and measure == "people_n" and group in parts:
            some = [".".join(("cla_leavers_higher", measure, g, *rest)) for g in parts[group]]
            if set(some) <= set(reader.printed):
                reader.know([i], some)


def _learn_returns(reader, ids):
    for i in ids:
        result, measure, *_, year = i.split(".")
        if result != "returns_read":
            continue
        if measure == "children_n":
            short = f"cla_flows.short_breaks_n.all.{year}"
            rest_known(reader, [i], [f"cla_missing.looked_after_n.all.{year}", short], spread=True)
        first = f"cla_restated.first_n.stock_{year.replace('-', '_')}.{end_of(year)}"
        if measure == "stock_n" and first not in reader.printed:
            rest_known(reader, [i], [f"cla_stock.children_n.all.{end_of(year)}"], spread=True)

    episodes = [i for i in ids if i.startswith("annex_category_map.episodes_n.")]
    for i in episodes:
        if i.count(".") == 2 and not i.endswith(".all"):
            reader.know([i], [j for j in episodes if j.startswith(f"{i}.")])
    whole = "annex_category_map.episodes_n.all"
    if whole in episodes:
        types = [i for i in episodes if i.count(".") == 2 and i != whole]
        reader.know([whole], types)
        rest_known(reader, [whole], [i for i in ids if i.startswith("places_known.")])


OWN_TYPES = ("kinship", "in_house_foster", "in_house_home")
BOUGHT = ("ifa", "other_la_foster", "external_home")
"""Placement types by whose they are, as the default category map has them."""


def _learn_providers(reader, ids):
    """What one table has over the other is of the few who are placed otherwise."""
    for i in ids:
        if not i.startswith("cla_distance_by_placement.children_n.no_provider.all."):
            continue
        day = i.rsplit(".", 1)[1]

        def of(*types, day=day):
            return [f"cla_placement_mix.children_n.{t}.{day}" for t in types]

        def by(*groups, i=i):
            return [i.replace("no_provider", g) for g in groups]

        rest_known(reader, by("no_provider"), of("parents"))
        rest_known(reader, by("own"), of(*OWN_TYPES))
        rest_known(reader, by("public", "private", "voluntary"), of(*BOUGHT))
        reader.know(by("fostering"), of(*OWN_TYPES[:2], *BOUGHT[:2]))


def _learn_outcomes(reader, ids):
    """Bases of health and of reviews are made of those who do, who do not and who are unknown."""
    for i in ids:
        result, measure, group, *rest = i.split(".")
        if result not in {"cla_health", "cla_reviews"} or measure != "base_n":
            continue
        year = ".".join(rest)

        def at(name, key, group=group, result=result, year=year):
            return f"{result}.{name}.{key or group}.{year}"

        reader.know([i], [at(f"{state}_n", "") for state in ("yes", "no", "not_known")])
        stock = f"cla_stock.children_n.all.{end_of(year)}"
        young, old = (
            [f"cla_age.children_n.{band}.{end_of(year)}" for band in bands]
            for bands in (("age_under_1", "age_1_to_4"), ("age_10_to_15", "age_16_plus"))
        )
        over = {"development": young, "convicted": old, "on_time": [stock]}
        over["took_part"] = [at("base_n", "on_time")]
        over["health_assessment"] = [stock]
        rest_known(reader, over.get(group, []), [i])
        if group in {"dental", "immunised", "substance_misuse"}:
            reader.same(i, at("base_n", "health_assessment"))
        if group in {"intervention", "refused"}:
            reader.same(i, at("yes_n", "substance_misuse"))
        if group == "health_assessment":
            rest_known(reader, [i], [at("base_n", "development"), at("base_n", "convicted")])
            rest_known(reader, [f"cla_reviews.base_n.on_time.{year}"], [i])
            rest_known(reader, [at("no_n", "intervention")], [at("yes_n", "refused")])
            rest_known(reader, [at("no_n", "refused")], [at("yes_n", "intervention")])
            unknown = at("not_known_n", "refused"), at("not_known_n", "intervention")
            rest_known(reader, [unknown[0]], [unknown[1]])


def _learn_lists(reader):
    """Rows of the lists that count are the requests and the people of the other chapter."""
    for name, counted in (
        ("referrals", r"edge_referrals\.referred_n\.all\..*"),
        ("care_leavers", r"entitled\.people_n\.all\..*\.all"),
    ):
        kept = [f"child_inputs.rows_n.{name}"]
        less = [f"child_inputs.{m}.{name}" for m in ("duplicates_n", "left_out_n")]
        there = [i for i in reader.printed if re.fullmatch(counted, i)]
        rest_known(reader, kept, [*less, *there])
    strange = [i for i in reader.printed if re.fullmatch(r"entitled\.people_n\.all\..*unknown", i)]
    rows = [f"child_joins.rows_n.care_leavers_child_{o}" for o in ("unknown", "blank")]
    rest_known(reader, rows, strange)


def _learn_stays(reader, ids):
    at = {tuple(i.split(".")[1:3]): i for i in ids if i.startswith("cla_stay_estimates.")}
    days = {i.split(".")[3] for i in at.values()}
    for measure in ("periods_n", "ended_n", "still_open_n"):
        groups = [g for m, g in at if m == measure and g != "all"]
        for start in ("age_", "first_", "recent_"):
            parts = [at[measure, g] for g in groups if g.startswith(start)]
            if parts:
                reader.know([at[measure, "all"]], parts)
    for (measure, group), i in at.items():
        if measure == "periods_n":
            reader.know([i], [at["ended_n", group], at["still_open_n", group]])
        if measure == "still_open_n":
            for day in days:
                mine = f"cla_stay_remaining.children_n.{group}.{day}"
                if reader.true.get(mine) == reader.true[i]:
                    reader.same(i, mine)
    for day in days:
        reader.at_most(
            [f"cla_stay_remaining.children_n.all.{day}"], [f"cla_stock.children_n.all.{day}"]
        )


def _learn_year(reader, i):
    result, measure, group, *rest = i.split(".")
    period = rest[0] if rest else ""
    if (result, measure) == ("cla_moves", "moves_n"):
        reader.same(i, f"cla_move_reason.moves_n.all.{period}")
        reader.at_most([i.replace("moves_n", "movers_n")], [i])
    if (result, measure) == ("cla_flows", "short_breaks_n"):
        reader.same(i, f"cla_short_breaks.children_n.all.{period}")
    if (result, measure) == ("cla_missing", "looked_after_n"):
        came = [f"cla_flows.{m}.all.{period}" for m in ("stock_start_n", "started_n")]
        _learn_twice(reader, came, i, period)
        for kind in ("missing", "away"):
            reader.at_most([f"cla_missing.{kind}_children_n.all.{period}"], [i])
    if result == "cla_missing" and re.fullmatch("(missing|away)_n", measure):
        reader.at_most([i.replace(measure, measure.replace("_n", "_children_n"))], [i])
    if (result, measure) == ("cla_placement_days", "in_type_n"):
        reader.at_most([f"cla_placement_mix.children_n.{group}.{end_of(period)}"], [i])
    if (result, measure, group) == ("cla_leavers_in_touch", "people_n", "all"):
        reader.same(*(i.replace("in_touch", w) for w in ("in_touch", "activity", "accommodation")))


def _learn_twice(reader, came, every, period):
    """Who was there at the start and started again counts twice, and left in between.

    So these are of those who came back within a year. Where there are none, a reader guesses so.
    """
    if any(i not in reader.printed for i in came):
        return
    twice = sum(reader.true[i] for i in came) - reader.true[every]
    reader.know(came, [every], 0.0, np.inf if twice > 0 else 0.0)
    reader.at_most(came, [every, f"cla_re_entries.children_n.within_a_year.{period}"])


def _learn_repeated(reader, i):
    """Numbers of other chapters that are counts of chapter 20."""
    result, measure, group, *rest = i.split(".")
    period = rest[0] if rest else ""
    if (result, measure) == ("printed_agreement", "records_n"):
        day = end_of(period) if period else ""
        reader.same(i, f"cla_placement_mix.children_n.{HELD[group]}.{day}")
    if result == "ahead_past" and group == "counted":
        # Figure ids have the breakdown before or after the day, whichever they name.
        day = next(p for p in rest if re.fullmatch(r"\d{4}-\d\d-\d\d", p))
        reader.same(i, f"cla_stock.children_n.all.{day}")
    if (result, measure, group) == ("ahead_each", "total_n", "last_value"):
        days = [k for k in reader.printed if k.startswith("cla_stock.children_n.all.")]
        reader.same(i, max(days))
    if (result, measure) == ("ahead_total", "level_n"):
        reader.same(i, f"cla_stock.children_n.all.{period}")
    if result == "ahead_demand" and measure in {"level_n", "projected_n"}:
        reader.same(i, f"cla_placement_mix.children_n.{group}.{period}")
    if measure == "children_n" and result in {"ahead_total", "ahead_demand", "ahead_ages"}:
        there = {"ahead_total": "cla_stock", "ahead_demand": "cla_placement_mix"}
        reader.same(i, i.replace(result, there.get(result, "cla_age")))
    if result == "comparison_records" and measure == "records_n":
        reader.same(i, COUNTS_OF[group].format(day=end_of(period), year=period))
    if result == "scorecard_records" and measure == "value_children":
        by = next(p for p in rest if p in {"value", "previous", "neighbours", "england", "target"})
        year = next(p for p in rest if p != by)
        year = year if by == "value" else year_of(f"{int(year[:4])}-03-31")
        if by in {"value", "previous"}:
            reader.same(i, COUNTS_OF[group].format(day=end_of(year), year=year))
