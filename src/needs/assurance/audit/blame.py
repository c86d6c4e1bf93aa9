"""Which figure is at fault where a relation breaks: the fewest that explain all that is broken.

The principle is that of Fellegi and Holt (1976), "A systematic approach to automatic edit and
imputation", Journal of the American Statistical Association 71(353): change as few values as
will satisfy every edit. A figure can be blamed only where one value of it would mend every
broken relation that it is in and keep those that hold. The cover is sought greedily.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from needs.assurance.audit.printed import EPS, Figure, Span, meet
from needs.assurance.audit.relation import EVERYTHING, Relation, implied

__all__ = ["localise"]


LEAST_AGREEING = 2
"""Broken relations that have to agree on a figure before a further one is laid aside."""
MOST_TURNED = 1e9
"""Counts above it are not printed digit by digit."""


def _room(
    member: Figure, broken: Sequence[Relation], held: Sequence[Relation],
    figures: Mapping[str, Figure],
) -> Span | None:  # fmt: skip
    """Return the values of a figure that mend all that is broken and keep what holds."""
    room: Span | None = EVERYTHING
    # A figure that holds to another by mere rounding would move within its last digit.
    slack = member.step / 2 if not member.counted else 0.0
    for r in (*broken, *held):
        low, high = implied(r, member.id, figures, wide=r in held)
        if room is not None:
            room = meet(room, (low - slack, high + slack))
    if room is None or (member.counted and not _a_whole_number(room)):
        return None
    return room


def _typed(r: Relation, figures: Mapping[str, Figure]) -> set[str]:
    return {m for m in r.members if figures[m].typed}


def _reach(
    member: Figure, broken: list[Relation], held: Sequence[Relation],
    figures: Mapping[str, Figure],
) -> tuple[Span | None, list[Relation]]:  # fmt: skip
    """Return the room of a figure and what it mends: all that is broken, or all but one result.

    Two errors may meet in one relation: a total that its parts and a share agree against is at
    fault, even where a second share of it is wrong for a reason of its own.
    """
    room = _room(member, broken, held, figures)
    if room is not None or len(broken) < LEAST_AGREEING + 1:
        return room, broken
    for other in broken:
        rest = [r for r in broken if r is not other]
        room = _room(member, rest, held, figures) if other.result != member.id else None
        if room is not None:
            return room, rest
    return None, broken


def _a_whole_number(room: Span) -> bool:
    if room[1] - room[0] >= 1 or room == EVERYTHING:
        return True
    return round(room[0] + 0.4999999) <= room[1] + 1e-6 or abs(room[0] - round(room[0])) < 1e-6


def localise(
    broken: Sequence[Relation],
    held: Sequence[Relation],
    figures: Mapping[str, Figure],
    elsewhere: Mapping[str, Sequence[float]],
) -> dict[str, tuple[Span, tuple[Relation, ...]]]:
    """Return the figures at fault, with the values that would agree and the relations broken.

    Parameters
    ----------
    broken, held : sequence of Relation
        Those that do not hold, and those that do.
    figures : mapping of str to Figure
        Every figure by id.
    elsewhere : mapping of str to sequence of float
        Figure id -> what other documents print of the same thing.

    Returns
    -------
    dict
        Figure id -> (least and greatest value that would agree, what it explains).
    """
    holds: dict[str, list[Relation]] = defaultdict(list)
    for r in held:
        for m in dict.fromkeys(r.members):
            holds[m].append(r)
    left = list(dict.fromkeys(broken))
    at_fault: dict[str, tuple[Span, tuple[Relation, ...]]] = {}
    while left:
        member, room, explained = _worst(left, holds, figures, elsewhere, set(at_fault))
        at_fault[member] = room, explained
        left = [r for r in left if r not in explained and not at_fault.keys() >= _typed(r, figures)]
    return at_fault


def _transposed(figure: Figure, room: Span) -> bool:
    """Whether two neighbouring digits that change places would mend a count.

    Such slips are common, and the difference they make, a multiple of nine, is not.
    """
    low, high = room
    if not figure.counted or high - low > EPS or abs(low - figure.value) > MOST_TURNED:
        return False
    text, wanted = f"{figure.value:.0f}", f"{low:.0f}"
    turned = (text[:k] + text[k + 1] + text[k] + text[k + 2 :] for k in range(len(text) - 1))
    return wanted != text and wanted in turned


def _worst(
    left: Sequence[Relation],
    holds: Mapping[str, list[Relation]],
    figures: Mapping[str, Figure],
    elsewhere: Mapping[str, Sequence[float]],
    blamed: Set[str],
) -> tuple[str, Span, tuple[Relation, ...]]:
    """Return the figure that explains most at the least cost, its room, and what it explains.

    First comes one of which another document prints a number that would mend it.
    """
    inside: dict[str, list[Relation]] = defaultdict(list)
    for r in left:
        for m in dict.fromkeys(r.members):
            if figures[m].typed and m not in blamed:
                inside[m].append(r)
    order = {m: i for i, m in enumerate(inside)}
    reach = {m: _reach(figures[m], inside[m], holds[m], figures) for m in inside}
    rooms = {m: room for m, (room, _) in reach.items()}
    inside = {m: rest for m, (_, rest) in reach.items()}

    def cost(m: str) -> tuple[int, float, int, int, int, int]:
        as_result = sum(r.result == m for r in inside[m])
        turned = all(_transposed(figures[m], implied(r, m, figures, wide=False)) for r in inside[m])
        light = -len(inside[m]) + 0.5 * len(holds[m])
        mended = any(_within(v, rooms[m]) for v in elsewhere.get(m, ()))
        return -mended, light, len(holds[m]), -turned, -as_result, order[m]

    for m in sorted(inside, key=cost):
        room = rooms[m]
        if room is not None:
            return m, room, tuple(inside[m])
    # Nothing mends all of its relations: take the result that the fewest others rest on.
    m = min((r.result for r in left if r.result in inside), key=cost, default="")
    m = m or min(inside, key=cost)
    mine = [r for r in left if m in r.members]
    return m, implied(mine[0], m, figures, wide=False), tuple(mine)


def _within(value: float, room: Span | None) -> bool:
    return room is not None and meet((value, value), room) is not None
