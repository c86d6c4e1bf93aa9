"""A reader who holds every table of a report against every other, and does the sums.

It knows the printed figures by id, what the rule says of hidden ones, relations between
figures, and, as a strong reader, which hidden figures are the small ones. For any of these it
finds the least and the greatest whole number that agrees with all that. It shares no code
with the project's own disclosure control.
"""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

FAR = 10_000


class Reader:
    """What can be worked out from printed figures.

    Parameters
    ----------
    printed : mapping
        Figure id -> number as printed, None where it is hidden.
    true : mapping
        Figure id -> true number, to know which hidden figures are small and to throw out
        relations that do not hold.
    threshold : int
        Counts from 1 to threshold - 1 are small.
    """

    def __init__(self, printed, true, threshold=6):
        self.printed, self.true, self.threshold = printed, true, threshold
        self.known = []
        self.touching = defaultdict(list)
        self.passed_over = 0

    def small(self):
        """Return the hidden figures that are small."""
        return [
            i
            for i, v in self.printed.items()
            if v is None and 1 <= abs(self.true[i]) < self.threshold
        ]

    def know(self, plus, minus=(), low=0.0, high=0.0):
        """Learn that figures less others lie between two bounds; what is not there is nought."""
        terms = defaultdict(int)
        for sign, ids in ((1, plus), (-1, minus)):
            for i in ids:
                if i in self.printed:
                    terms[i] += sign
        true = sum(s * self.true[i] for i, s in terms.items())
        if not low <= true <= high:
            self.passed_over += 1
            return
        shown = sum(s * self.printed[i] for i, s in terms.items() if self.printed[i] is not None)
        hidden = {i: s for i, s in terms.items() if self.printed[i] is None}
        if hidden:
            self.known.append((hidden, low - shown, high - shown))
            for i in hidden:
                self.touching[i].append(len(self.known) - 1)

    def same(self, *ids):
        """Learn that figures are one and the same."""
        there = [i for i in ids if i in self.printed]
        for other in there[1:]:
            self.know([there[0]], [other])

    def at_most(self, less, more):
        """Learn that the sum of some figures is at most the sum of others."""
        self.know(more, less, 0.0, np.inf)

    def around(self, figure):
        """Return the hidden figures that relations tie to one, itself first."""
        seen, todo = {figure: None}, [figure]
        while todo:
            for k in self.touching[todo.pop()]:
                for other in self.known[k][0]:
                    if other not in seen:
                        seen[other] = None
                        todo.append(other)
        return list(seen)

    def reach(self, figure):
        """Return the least and greatest whole number that a hidden figure may hold."""
        cells = self.around(figure)
        at = {i: n for n, i in enumerate(cells)}
        lines = sorted({k for i in cells for k in self.touching[i]})
        a = np.zeros((len(lines), len(cells)))
        for row, k in enumerate(lines):
            for i, sign in self.known[k][0].items():
                a[row, at[i]] = sign
        low = np.array([self.known[k][1] for k in lines])
        high = np.array([self.known[k][2] for k in lines])
        bounds = np.array([self._bounds(i) for i in cells])
        out = []
        for sign in (1, -1):
            goal = np.zeros(len(cells))
            goal[0] = sign
            made = milp(
                goal,
                constraints=LinearConstraint(a, low, high) if lines else (),
                bounds=Bounds(bounds[:, 0], bounds[:, 1]),
                integrality=np.ones(len(cells)),
                options={"presolve": False},  # with it HiGHS 1.12 misses whole-number optima
            )
            assert made.x is not None, f"what is known of {figure} contradicts itself"
            out.append(round(float(made.x[0])))
        return tuple(out)

    def _bounds(self, figure):
        true, top = self.true[figure], self.threshold - 1
        small = 1 <= abs(true) <= top
        if re.search(r"\.(net_change_n|residual_n)\.", figure):
            return (-top, top) if small else (-FAR, FAR)
        return (1, top) if small else (0 if true == 0 else 1, FAR)

    def narrowed(self):
        """Return the small figures of which something can be learnt: id -> what is left."""
        whole = (1, self.threshold - 1)
        found = {i: self.reach(i) for i in self.small()}
        return {
            i: (low, high) for i, (low, high) in found.items() if low > whole[0] or high < whole[1]
        }

    def told(self, learn):
        """Return what is learnt that would not be if every figure but the noughts were hidden.

        A sum of few small figures bounds them even if it is hidden itself: nothing helps that.
        """
        found = self.narrowed()
        if not found:
            return {}
        everything = {i: None if self.true[i] else v for i, v in self.printed.items()}
        blind = Reader(everything, self.true, self.threshold)
        learn(blind)
        return {i: reach for i, reach in found.items() if blind.reach(i) != reach}


def figures_of(released):
    """Return the printed figures of released results: id -> number, None where hidden."""
    return {
        r.id: None if r.marker == "c" else float(r.value or 0) for b in released for r in b.rows
    }


def truth_of(results):
    """Return the true figures of results before disclosure control, by id."""
    out = {}
    for result in results:
        keys = result.table[["measure", "group", "by", "period", "area"]].itertuples(index=False)
        for key, value in zip(keys, result.table["value"], strict=True):
            out[".".join((result.name, *(k for k in key if k)))] = float(np.nan_to_num(value))
    return out


def _parts(ids):
    """Return the figures of each result: result -> {(measure, group, period): id}."""
    out = defaultdict(dict)
    for i in ids:
        result, measure, group, *rest = i.split(".")
        out[result][measure, group, rest[0] if rest else ""] = i
    return out


LOST = ("r13_lost", "r27_gone", "r27_replaced")
REVISED = ("rne", "ls", "cin", "place", "place_provider", "urn", "home_post", "pl_post")
COUNTS = ("rows_n", "children_n", "stock_n")
EPISODES_LEFT_OUT = (
    "r02_blank r02_unreadable r08_before r09_duplicate r09_same_start r09_inside "
    "r16_starts_after r27_replaced"
).split()
EPISODES_REPAIRED = (
    "r03_unknown r04_unknown r05_unknown r06_unknown r07_rec_without_dec r07_continued "
    "r07_rec_unknown r08_unreadable r08_before_then_next r09_overlap r09_open_then_another "
    "r13_lost r14_after_start r16_ends_after r20_unknown r27_gone"
).split()


def _before(period):
    year = int(period[:4])
    return f"{year - 1}-{year % 100:02d}"


def learn_quality(reader):
    """Teach a reader what chapter 10 says of its own tables."""
    ids = _parts(reader.printed)
    _learn_rules(reader, ids["by_rule"], ids["by_check"])
    for result in ("by_rule", "by_check", "latest_return"):
        for (measure, group, period), i in ids[result].items():
            for more, less in (("rows_n", "children_n"), ("children_n", "stock_n")):
                if measure == less:
                    reader.at_most([i], [ids[result][more, group, period]])
            if result == "latest_return":
                reader.same(i, f"by_check.{measure}.{group}.{period}")
    for (measure, _, period), i in ids["returns_read"].items():
        for done, checks in (("left_out", EPISODES_LEFT_OUT), ("repaired", EPISODES_REPAIRED)):
            if measure != f"{done}_n":
                continue
            rows = [f"by_check.rows_n.{c}.{period}" for c in checks]
            for row in rows:
                reader.at_most([row], [i])
            reader.at_most([i], rows)
            reader.know([i], rows)  # where no episode is found twice
            reader.at_most([f"returns_read.{done}_children_n.{period}.{period}"], [i])
    _learn_differences(reader, ids["conflicts"], ids["by_check"])


def _learn_rules(reader, rules, checks):
    """A rule's rows are those of its checks, each once."""
    for (measure, rule, period), whole in rules.items():
        if measure in COUNTS:
            parts = [
                i
                for (m, c, p), i in checks.items()
                if (m, p) == (measure, period) and c.startswith(f"{rule}_")
            ]
            for part in parts:
                reader.at_most([part], [whole])
            apart = [i for i in parts if "r07_x1_without_dec" not in i]
            rest = sum(reader.true.get(i, 0) for i in apart) - reader.true.get(whole, 0)
            reader.know(apart, [whole], rest, rest)  # one who knows which checks exclude others


def _learn_differences(reader, conflicts, checks):
    """What a return does not continue was lost by the one before; details and revisions agree."""
    for (_, field, period), i in conflicts.items():
        if field == "not_continued":
            lost = [f"by_check.rows_n.{c}.{_before(period)}" for c in LOST]
            reader.know([i], lost)
        if field in {"sex", "dob", "ethnic", "upn"}:
            reader.same(i, f"by_check.rows_n.r24_{field}.{period}")
    for (measure, check, period), i in checks.items():
        if (measure, check) == ("rows_n", "r27_revised"):
            differ = [f"conflicts.rows_n.{f}.{period}" for f in REVISED]
            for one in differ:
                reader.at_most([one], [i])
            reader.at_most([i], differ)


def learn_inputs(reader):
    """Teach a reader that each join parts the same rows, and that the worst of them is printed."""
    ids = _parts(reader.printed)
    joins = defaultdict(dict)
    for (measure, group, _), i in ids["child_joins"].items():
        name, join, outcome = re.match(r"(.+)_(child|care|provider)_(.+)", group).groups()
        joins[measure, name, join][outcome] = i
    for (measure, name, join), parts in joins.items():
        if measure == "children_n":
            for outcome, i in parts.items():
                reader.at_most([i], [joins["rows_n", name, join][outcome]])
            continue
        if measure != "rows_n":
            continue
        cells = list(parts.values())
        lost = [i for o, i in parts.items() if o in ("unknown", "outside")]
        reader.at_most(lost, [f"child_inputs.unmatched_n.{name}"])
        worst = f"child_inputs.unmatched_n.{name}"
        reader.know([worst], lost)  # passed over where another join is the worst
        if join == "care":
            child = joins["rows_n", name, "child"]
            reader.know(cells, [child.get(o, "") for o in ("matched", "by_placement")])
        else:
            less = [f"child_inputs.{m}.{name}" for m in ("duplicates_n", "left_out_n")]
            reader.know([f"child_inputs.rows_n.{name}"], [*less, *cells])
    for (measure, _, period), i in ids["returns_read"].items():
        if measure == "episodes_n":
            known = [j for (_, _, p), j in ids["places_known"].items() if p == period]
            if known:
                reader.know([i], [f"returns_read.left_out_n.{period}.{period}", *known])


DIVIDED = (
    "cla_age",
    "cla_sex",
    "cla_legal_status",
    "cla_need",
    "cla_placement_mix",
    "cla_ethnicity",
    "cla_distance",
    "cla_placements_a_year",
)
NESTED = ("cla_placement_mix", "cla_distance", "cla_permanence")
"""Results with groups of groups: their own relations are looked at where they are tested."""


def _days(period):
    """Return the day before a year and its last day."""
    year = int(period[:4])
    return f"{year}-03-31", f"{year + 1}-03-31"


def learn_care(reader):
    """Teach a reader what chapters 20 and 50 say of their own tables."""
    ids = _parts(reader.printed)
    for name in (*DIVIDED, "cla_started_age", "cla_re_entries"):
        if name not in NESTED:
            _learn_parts(reader, ids[name])
    for name in ("stock", "started", "ceased"):
        _learn_parts(reader, ids[f"cla_uasc_{name}"])
    for _, _, day in ids["cla_stock"]:
        total = f"children_n.all.{day}"
        reader.same(
            *(f"{n}.{total}" for n in ("cla_stock", *DIVIDED, "cla_uasc_stock", "ahead_total"))
        )
    for (measure, group, day), i in ids["ahead_demand"].items():
        if measure == "children_n":
            reader.same(i, f"cla_placement_mix.children_n.{group}.{day}")
    for measure, _, year in list(ids["cla_flows"]):
        if measure == "started_n":
            _learn_year(reader, year)


KINDS = {
    "stock": ("cla_stock", "children_n"),
    "started": ("cla_flows", "started_n"),
    "ceased": ("cla_flows", "ceased_n"),
}


def learn_restated(reader):
    """Teach a reader what the tables of restated counts say, and what stands in others of them."""
    ids = [i.split(".") for i in reader.printed if i.startswith("cla_restated")]
    groups = {g: p for r, _, g, p in (i for i in ids if i[0] == "cla_restated")}

    def of(measure, group):
        return f"cla_restated.{measure}.{group}.{groups.get(group, '')}"

    for group, period in groups.items():
        kind, _, year = group.partition("_")
        result, measure = KINDS[kind]
        reader.same(of("now_n", group), f"{result}.{measure}.all.{period}")
        reader.know(
            [of("now_n", group), of("removed_n", group)],
            [of("first_n", group), of("added_n", group)],
        )
        whole = year.replace("_", "-")
        if kind == "stock":  # what the return of the year says by its own rows alone
            alone = f"returns_read.stock_n.{whole}.{whole}"
            reader.same(of("first_n", group), alone)
            for i in list(reader.printed):
                if re.fullmatch(rf"by_(check|rule)\.stock_n\..*\.{whole}", i):
                    reader.at_most([i], [alone])
        for m in ("added_n", "removed_n"):
            parts = [
                ".".join(i)
                for i in ids
                if i[0] == "cla_restated_reasons" and (i[1], i[3], i[4:]) == (m, whole, [kind])
            ]
            if parts:
                reader.know([of(m, group)], parts)
        if kind == "stock":  # one who takes the change of the stock for that of those who came
            came = [
                of("added_n", group),
                of("removed_n", f"started_{year}"),
                of("added_n", f"ceased_{year}"),
            ]
            went = [
                of("removed_n", group),
                of("added_n", f"started_{year}"),
                of("removed_n", f"ceased_{year}"),
            ]
            reader.know(came, went)


def _learn_parts(reader, cells):
    for (measure, group, period), i in cells.items():
        if (measure, group) == ("children_n", "all"):
            parts = [
                j
                for (m, g, p), j in cells.items()
                if (m, p) == ("children_n", period) and g != "all"
            ]
            reader.know([i], parts)


def _learn_year(reader, year):
    """Stock before, started, ceased and stock after, of all and of unaccompanied children."""
    before, after = _days(year)

    def flow(measure):
        return f"cla_flows.{measure}.all.{year}"

    reader.same(flow("stock_start_n"), f"cla_stock.children_n.all.{before}")
    reader.same(flow("stock_end_n"), f"cla_stock.children_n.all.{after}")
    for word, divided in (("started", "cla_started_age"), ("ceased", "cla_permanence")):
        reader.same(
            flow(f"{word}_n"),
            f"{divided}.children_n.all.{year}",
            f"cla_uasc_{word}.children_n.all.{year}",
        )
    reader.know([flow("started_n")], [flow("ceased_n"), flow("net_change_n")])
    came = [flow("stock_start_n"), flow("net_change_n"), flow("residual_n")]
    reader.know([flow("stock_end_n")], came)

    def period(measure):
        return f"cla_periods_of_care.{measure}.all.{year}"

    reader.know(
        [period("open_end_n"), period("ended_n")], [period("open_start_n"), period("begun_n")]
    )
    for group in ("uasc", "not_uasc"):
        was, now = (f"cla_uasc_stock.children_n.{group}.{d}" for d in (before, after))
        if was in reader.printed:
            plus = [was, f"cla_uasc_started.children_n.{group}.{year}"]
            minus = [now, f"cla_uasc_ceased.children_n.{group}.{year}"]
            value = reader.true.get
            rest = sum(value(i, 0) for i in plus) - sum(value(i, 0) for i in minus)
            reader.know(plus, minus, rest, rest)  # one who guesses the rest


ENDS = ("placed_n", "avoided_n", "withdrawn_n", "open_n", "not_said_n")
OF_HOMELESS = ("assessed", "home", "accommodated", "section_17")
UNITS = ("requests_n", "children_n", "families_n", "cases_n")
SUPPORT = ("in_touch", "activity", "accommodation")


def learn_services(reader):
    """Teach a reader what services' lists and counts say of one another."""
    for i in list(reader.printed):
        result, _, group, period = (*i.split("."), "", "")[:4]
        if i.startswith("edge_referrals.referred_n."):
            _learn_requests(reader, period)
        if i.startswith("edge_of_care.") and group == "homeless_seen":
            for part in OF_HOMELESS:
                reader.at_most([i.replace("homeless_seen", f"homeless_{part}")], [i])
        if result == "edge_of_care" and "_first_n." in i:
            first = {"homeless": "homeless_seen", "conference": "conference_held"}
            head = first.get(group.split("_")[0], "placement_duty_referred")
            reader.same(i, i.replace("_first_n", "_n").replace(group, head))
        if i.startswith("entitled.people_n.all.") and i.endswith(".all"):
            _learn_entitled(reader, period)


def _learn_requests(reader, year):
    def of(result, measure, group="all"):
        return f"edge_{result}.{measure}.{group}.{year}"

    reader.know([of("referrals", "referred_n")], [of("referrals", m) for m in ENDS])
    reader.at_most([of("referrals", "re_said_n")], [of("referrals", "referred_n")])
    reader.at_most([of("referrals", "re_referred_n")], [of("referrals", "re_said_n")])
    placed = of("referrals", "placed_n")
    reader.same(placed, of("same_day", "placed_n"))
    reader.at_most([of("same_day", "same_day_n")], [placed])
    head = of("asked_placed", "asked_n")
    if head not in reader.printed:
        return
    reader.same(placed, head, of("asked_placed", "found_n"))
    ids = [i.split(".")[2] for i in reader.printed if i.startswith("edge_asked_placed.asked_n.")]
    for measure in ("asked_n", "as_asked_n", "found_n"):
        parts = [of("asked_placed", measure, g) for g in ids if g != "all"]
        reader.know([of("asked_placed", measure)], parts)
    for group in ids:
        for whole in ("asked_n", "found_n"):
            reader.at_most(
                [of("asked_placed", "as_asked_n", group)], [of("asked_placed", whole, group)]
            )


def _learn_entitled(reader, day):
    there = [i.split(".") for i in reader.printed if i.startswith("entitled.people_n.")]
    groups, bands = ({i[n] for i in there} - {"all"} for n in (2, 4))

    def of(group, band):
        return f"entitled.people_n.{group}.{day}.{band}"

    for band in (*bands, "all"):
        reader.know([of("all", band)], [of(g, band) for g in groups])
    for group in (*groups, "all"):
        reader.know([of(group, "all")], [of(group, b) for b in bands])
    for name in SUPPORT:
        mine = [i.split(".") for i in reader.printed if i.startswith(f"entitled_{name}.people_n.")]
        states = {i[2] for i in mine} - {"all"}

        def at(state, by, name=name):
            return f"entitled_{name}.people_n.{state}.{day}.{by}"

        for by in {i[4] for i in mine}:
            reader.know([at("all", by)], [at(s, by) for s in states])
        for state in (*states, "all"):
            reader.know([at(state, "all")], [at(state, "from_17"), at(state, "from_19")])
            reader.know([at(state, "all")], [at(state, "relevant"), at(state, "former_relevant")])
        former = [of("former_relevant", b) for b in ("to_17", "at_18", "from_19")]
        reader.know([at("all", "former_relevant")], former)
        both = [of(g, "from_19") for g in ("relevant", "former_relevant")]
        reader.know([at("all", "from_19")], both)
        reader.at_most([of("former_relevant", "at_18")], [at("all", "from_17")])


def apart(printed):
    """Return the differences of services' figures that can be taken, and count people."""
    pairs = []
    for i, n in printed.items():
        head, measure, *rest = i.split(".")
        tail = ".".join(rest)
        if head == "edge_asked_placed" and measure == "as_asked_n":
            pairs += [(f"{head}.asked_n.{tail}", n), (f"{head}.found_n.{tail}", n)]
        if head == "edge_same_day" and measure == "same_day_n":
            pairs.append((f"{head}.placed_n.{tail}", n))
        if head == "edge_of_care" and f"{head}.{measure[:-2]}_first_n.{tail}" in printed:
            pairs.append((f"{head}.{measure[:-2]}_first_n.{tail}", n))
    known = {w: (printed.get(w), n) for w, n in pairs if n is not None}
    return {w: m - n for w, (m, n) in known.items() if m is not None}


def learn_report(reader):
    """Teach a reader all that it could know of a report."""
    learn_quality(reader)
    learn_inputs(reader)
    learn_care(reader)
    learn_restated(reader)
    learn_services(reader)


def second_starts(printed):
    """Return the differences between periods of care and children that can be taken."""
    pairs = {"begun_n": "started_n", "ended_n": "ceased_n", "open_end_n": "stock_end_n"}
    out = {}
    for i, number in printed.items():
        result, measure, *rest = i.split(".")
        if result == "cla_periods_of_care" and measure in pairs and number is not None:
            other = printed[".".join(("cla_flows", pairs[measure], *rest))]
            if other is not None:
                out[i] = number - other
    return out
