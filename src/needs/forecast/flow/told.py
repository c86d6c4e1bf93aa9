"""Count what came: children by place, age group and status in every month, entries and exits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import AGE_GROUPS
from needs.forecast.flow.lives import OLDEST

if TYPE_CHECKING:
    from needs.forecast.flow.run import Block

__all__ = ["Lived", "told"]

Ints = npt.NDArray[np.int64]
Single = npt.NDArray[np.float32]

_BANDS = tuple(12 * low for low, _ in AGE_GROUPS.values())
GROUPS = len(_BANDS)


@dataclass(frozen=True, eq=False)
class Lived:
    """What came: children by place, age group, status; entries and exits in the month.

    Where asked for, ``leavers`` (by status, age left and place) and ``eligible`` (by status)
    as :mod:`needs.forecast.flow.leavers` needs them.
    """

    children: Single
    ages: Single
    status: Single
    entries: Single
    exits: Single
    leavers: Single
    eligible: Single


def _count(block: Block, keys: Ints, width: int) -> Ints:
    shape = (block.draws, block.asked.months, width)
    return np.bincount(keys, minlength=int(np.prod(shape))).reshape(shape)


def told(block: Block) -> Lived:
    """Count what came, from each child's start, moves and stop."""
    lives, p = block.lives, len(block.model.places)
    seated = lives.admitted
    came = np.flatnonzero(seated & (lives.start > 0))
    left = np.flatnonzero(seated & np.isfinite(block.stop))
    entered = block.month_of(lives.draw[came], lives.start[came])
    ended = block.month_of(lives.draw[left], block.stop[left])
    place = block.types[block.place(left)]
    moved = [np.concatenate([m[i] for m in block.moved]) for i in (0, 1)]
    change = _count(block, np.append(entered * p + lives.place[came], moved[1]), p)
    change -= _count(block, np.append(ended * p + place, moved[0]), p)
    children = np.bincount(block.model.present.place, minlength=p) + change.cumsum(axis=1)
    ages, status, entries, exits = _who(block, came, left, entered, ended)
    return Lived(
        children.astype(np.float32),
        ages,
        status,
        entries,
        exits,
        *_beyond(block, left, ended, place),
    )


def _who(block: Block, came: Ints, left: Ints, entered: Ints, ended: Ints) -> tuple[Single, ...]:
    """Return children by age group and by status; entries by status, exits by age."""
    lives, width = block.lives, GROUPS + 1
    turned = [np.float32(edge) - lives.born for edge in (*_BANDS[1:], OLDEST)]
    for at in turned[:-1]:
        # No comparison with what is no number holds.
        at[at >= block.asked.months] = np.nan
    # Of the same comparisons, so that nobody is lost between two groups.
    first = len(block.model.present.place) * block.draws
    keys = []
    older = _older([at[:first] for at in turned], lives.start[:first])
    keys.append(lives.uasc[:first] * width + older)
    for who, when in ((came, lives.start), (left, block.stop)):
        older = _older([at.take(who) for at in turned], when.take(who))
        keys.append(lives.uasc.take(who) * width + older)
    cells = 2 * width
    begin = np.bincount(lives.draw[:first] * cells + keys[0], minlength=block.draws * cells)
    plus = _count(block, entered * cells + keys[1], cells)
    minus = _count(block, ended * cells + keys[2], cells)
    shape = (block.draws, block.asked.months, 2, width)
    plus, minus = plus.reshape(shape), minus.reshape(shape)
    change = (plus - minus).cumsum(axis=1) + begin.reshape(-1, 1, 2, width)
    ages = change.sum(axis=2)
    # Who left on the 18th birthday was of the last group until then.
    ages[:, :, GROUPS - 1] += ages[:, :, GROUPS]
    for group, at in enumerate(turned[:-1]):
        crossed = (at > lives.start) & (at <= block.stop) & lives.admitted
        who = np.flatnonzero(crossed)
        n = _count(block, block.month_of(lives.draw[who], at[who]), 1).cumsum(axis=1)[:, :, 0]
        ages[:, :, group] -= n
        ages[:, :, group + 1] += n
    exits = minus.sum(axis=2)
    told = (
        ages[:, :, :GROUPS],
        change.sum(axis=3),
        plus.sum(axis=3),
        np.stack([exits[:, :, :GROUPS].sum(axis=2), exits[:, :, GROUPS]], axis=2),
    )
    return tuple(x.astype(np.float32) for x in told)


def _older(turned: list[Single], when: Single) -> npt.NDArray[np.int8]:
    """Return how many ages children have turned by a moment of each."""
    older = np.zeros(len(when), np.int8)
    for at in turned:
        older += at <= when
    return older


def _beyond(block: Block, left: Ints, ended: Ints, place: Ints) -> tuple[Single, Single]:
    """Return who left at 16 or over after 13 weeks, and who might yet."""
    if not block.asked.beyond:
        nothing = np.zeros((block.draws, 0), np.float32)
        return nothing, nothing
    lives, p = block.lives, len(block.model.places)
    # From when on a child is 16 and has been in care for three months.
    begins = np.maximum(np.maximum(192 - lives.born, 3 - lives.since), lives.start)
    entitled = lives.admitted & (begins < np.minimum(block.stop, block.asked.months))
    age = ((lives.born[left] + block.stop[left]) / 12 + 1e-4).astype(np.int64) - 16
    key = ((ended * 2 + lives.uasc[left]) * 3 + np.clip(age, 0, 2)) * p + place
    leavers = _count(block, key[entitled[left]], 6 * p)
    uasc, now = lives.uasc, np.flatnonzero(entitled & (begins <= 0))
    first = np.bincount(lives.draw[now] * 2 + uasc[now], minlength=2 * block.draws)
    plus = np.flatnonzero(entitled & (begins > 0))
    minus = np.flatnonzero(entitled & np.isfinite(block.stop))
    change = _count(block, block.month_of(lives.draw[plus], begins[plus]) * 2 + uasc[plus], 2)
    change -= _count(
        block, block.month_of(lives.draw[minus], block.stop[minus]) * 2 + uasc[minus], 2
    )
    eligible = first.reshape(-1, 1, 2) + change.cumsum(axis=1)
    shape = (block.draws, block.asked.months, 2, 3, p)
    return leavers.reshape(shape).astype(np.float32), eligible.astype(np.float32)
