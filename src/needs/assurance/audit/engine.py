"""The audit: every relation judged, the figures at fault found, one verdict for each figure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

import pandas as pd

from needs.assurance.audit import across, bases, blame, discover, generate, official, say, typed
from needs.assurance.audit.index import Index
from needs.assurance.audit.printed import Figure, Span, figures_of
from needs.assurance.audit.relation import Relation, Status, judge, outcome
from needs.vocabulary.records import Published

__all__ = ["BETWEEN", "COLUMNS", "VERDICTS", "audit"]

VERDICTS: dict[str, str] = {
    "contradicts": "Contradicts other figures of its document",
    "mislabelled_base": "Agrees with another base than the one named",
    "conflicts": "Conflicts with another document or another count",
    "agrees": "Agrees to the printed digit",
    "agrees_rounding": "Agrees within rounding",
    "cannot_check": "Cannot be checked",
}
"""Verdict -> words, the gravest first: a figure has the gravest that applies."""

COLUMNS = (
    "figure", "document", "place", "area", "period", "measure", "group", "by", "printed",
    "verdict", "would_agree", "evidence", "checked_by", "relations_n",
)  # fmt: skip

BETWEEN = " | "
"""Stands between the lines of a figure's evidence."""

CUT_VOTES = 3
"""Numbers of a document that tell rounding from cutting off, before cutting off is ruled out."""


@dataclass
class _Found:
    """What is known of one figure."""

    verdicts: set[str] = field(default_factory=set)
    lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    would: str = ""
    relations: int = 0
    recomputed: bool = False

    def cannot(self, line: str) -> None:
        """Add a reason why nothing makes it, which is no verdict while anything does."""
        if line not in self.lines["cannot_check"]:
            self.lines["cannot_check"].append(line)

    def add(self, verdict: str, line: str) -> None:
        self.verdicts.add(verdict)
        if line not in self.lines[verdict]:
            self.lines[verdict].append(line)


def _all_relations(index: Index, published: Published) -> list[Relation]:
    """Return typed relations, then those of structure; a typed one replaces what is implied."""
    said = typed.relations(index, published.relations)
    own = {r.result for r in said}
    found = [*generate.relations(index), *discover.sums(index)]
    keep = [r for r in found if not own & ({*r.members} if r.kind == "same number" else {r.result})]
    unique = {
        (r.result, r.form, frozenset(zip(r.operands, r.powers, strict=True))): r for r in keep
    }
    return [*said, *unique.values()]


def _rounding(judged: list[tuple[Relation, Status]], index: Index) -> set[str]:
    """Return the documents that are seen to round: the others may have cut numbers off."""
    votes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for r, status in judged:
        f = index.all[r.result]
        if r.form != "product" or not all(index.all[o].counted for o in r.operands):
            continue
        if status == "cut":
            votes[f.document][0] += 1
        elif status == "agrees" and _tells(r, index):
            votes[f.document][1] += 1
    return {d for d, (cut, up) in votes.items() if up >= CUT_VOTES and up > 3 * cut}


def _tells(r: Relation, index: Index) -> bool:
    """Whether a number that was rounded would have been another had it been cut off."""
    made = outcome(r, [(index.all[o].value,) * 2 for o in r.operands])
    return made is not None and made[1] < index.all[r.result].value


def _split(
    judged: list[tuple[Relation, Status]], index: Index
) -> tuple[list[Relation], list[tuple[Relation, Status]]]:
    """Return broken relations and those that hold; of alternatives one has to hold."""
    held: list[tuple[Relation, Status]] = [
        (r, s)
        for r, s in judged
        if s != "broken" and not (s == "cut" and index.all[r.result].document in index.rounding)
    ]
    fine = {(r.result, r.either) for r, _ in held if r.either}
    known = {id(r) for r, _ in held}
    broken: list[Relation] = []
    for r, _ in judged:
        if id(r) in known or (r.result, r.either) in fine:
            continue
        if r.either:
            fine.add((r.result, r.either))  # the first of them speaks for all
        broken.append(r)
    return broken, held


_PARTS = re.compile(r" \+ |\.\.|\*")
"""Between the ids of a number that was made from several."""


def _note_held(found: dict[str, _Found], held: list[tuple[Relation, Status]], index: Index) -> None:
    for r, status in held:
        if r.kind == "bound":
            _note_bound(found, r, index)
            continue
        line = say.evidence(r, index.all)
        line += " (cut off, not rounded)" if status == "cut" else ""
        verdict = "agrees" if status == "agrees" else "agrees_rounding"
        for m in dict.fromkeys(r.members):
            for one in _PARTS.split(m):
                if one in found:
                    as_one = (
                        line
                        if one in _PARTS.split(r.result)
                        else f"{_said(index.all[r.result])}: {line}"
                    )
                    found[one].add(verdict, as_one)
                    found[one].relations += 1
                    found[one].recomputed |= r.kind != "same number"


def _note_bound(found: dict[str, _Found], r: Relation, index: Index) -> None:
    """Say of both sides of a bound that holds, that it is all there is to hold them against."""
    large, small = index.all[r.operands[0]], index.all[r.result]
    if large.typed and small.id in found:
        line = f"{say.evidence(r, index.all)}: so it is, but nothing printed makes the number"
        found[small.id].cannot(line)
        found[large.id].cannot(f"{_said(small)}: {line}")


def _note_broken(
    found: dict[str, _Found], fault: Set[str], broken: Sequence[Relation], index: Index
) -> None:
    """Say which figure breaks the only relations that others are in."""
    for r in broken:
        members = [one for m in r.members for one in _PARTS.split(m) if one in found]
        wrong = next((m for m in members if m in fault), "")
        for m in members:
            if wrong and m not in fault and not found[m].verdicts:
                why = (
                    f"only in a relation that another figure breaks: {say.named(index.all[wrong])}"
                )
                found[m].cannot(why)


def _said(f: Figure) -> str:
    return f"with {say.named(f)}"


def _note_fault(
    found: dict[str, _Found],
    fault: dict[str, tuple[Span, tuple[Relation, ...]]],
    index: Index,
    every: Sequence[Relation],
) -> None:
    others: dict[tuple[str, str], list[Relation]] = defaultdict(list)
    for r in every:
        if r.either:  # what else was tried belongs to the evidence
            others[r.result, r.either].append(r)
    for name, (room, broken) in fault.items():
        f, told = index.all[name], found[name]
        other = next(
            (b for r in broken if r.result == name for b in [bases.another(index, r)] if b), None
        )
        told.relations += len(broken)
        told.recomputed |= any(r.kind != "same number" for r in broken)
        verdict = "mislabelled_base" if other is not None else "contradicts"
        if all(_crosses(r, index) or _open(r, name) for r in broken):
            verdict = "conflicts"
        if other is not None:
            told.add(verdict, f"agrees with another base: {say.evidence(other, index.all)}")
        for r in (x for b in broken for x in (b, *others.get((b.result, b.either), ()))):
            line = say.evidence(r, index.all)
            about = index.all[r.result]
            plain = name in _PARTS.split(r.result) or not about.typed
            told.add(verdict, line if plain else f"{_said(about)}: {line}")
        told.would = _would(f, room, broken, index, others)


def _crosses(r: Relation, index: Index) -> bool:
    """Whether a relation holds figures of several documents, or official statistics."""
    return len({index.all[m].document for m in r.members} - {""}) > 1


def _open(r: Relation, name: str) -> bool:
    """Whether the document leaves open what its number follows from: no reading may be meant."""
    return bool(r.either) and r.result == name


def _would(
    f: Figure, room: Span, broken: tuple[Relation, ...], index: Index,
    others: Mapping[tuple[str, str], Sequence[Relation]],
) -> str:  # fmt: skip
    """Return what would agree: what its own operands make, where it follows from any."""
    for r in sorted(broken, key=lambda r: r.kind == "bound"):
        if r.result == f.id and r.kind == "bound":
            return f"at most {index.all[r.operands[0]].printed}"
        if r.result == f.id and (r.kind != "same number" or r.either):
            tried = others.get((r.result, r.either), [r]) if r.either else [r]
            made = [outcome(x, [(index.all[o].value,) * 2 for o in x.operands]) for x in tried]
            said = dict.fromkeys(say.number(m[1], f) for m in made if m is not None)
            if said:
                return " or ".join(said)
    return say.would_agree(f, room)


def _note_tables(
    found: dict[str, _Found], index: Index, judged: list[tuple[Relation, Status]]
) -> None:
    """Add what shares without a printed base, and ranks, say of each other."""
    known = {r.result for r, _ in judged if r.kind == "share"}
    for i in discover.latent_bases(index, known):
        f, part = index.all[i.figure], index.all[i.part]
        base = f"{i.base[0]:,.0f} to {i.base[1]:,.0f}"
        line = f"share: {say.named(part)} of the base that {i.others} other shares imply ({base})"
        found[f.id].relations += 1
        found[f.id].recomputed = True
        found[f.id].add("agrees_rounding" if i.fits else "contradicts", line)
        if not i.fits:
            room = 100 * part.value / i.base[1], 100 * part.value / i.base[0]
            found[f.id].would = say.would_agree(f, room)
    for cells, wrong in discover.ranks(index):
        for f in cells:
            found[f.id].relations += 1
            found[f.id].recomputed = True
            if f.id in wrong:
                found[f.id].add("contradicts", "rank: its column repeats or leaves out a place")
            elif not wrong:
                found[f.id].add("agrees", "rank: its column uses each place once")


def _note_across(found: dict[str, _Found], index: Index) -> None:
    fault = {name for name, told in found.items() if told.verdicts & {"contradicts"}}
    for m in across.meetings(index, fault):
        for me, other in ((m.a, m.b), (m.b, m.a))[: 2 if m.both else 1]:
            g = index.all[other]
            line = f"{m.why}: document {g.document} has {say.named(g)}"
            if m.agrees and m.explained:
                found[me].cannot(line)
            elif m.agrees:
                found[me].add(
                    "agrees" if index.all[me].value == g.value else "agrees_rounding", line
                )
            else:
                found[me].add("cannot_check" if m.explained else "conflicts", line)
                if not m.explained and not found[me].would:
                    found[me].would = g.printed
            found[me].relations += 1


def _row(f: Figure, told: _Found) -> dict[str, object]:
    verdict = next((v for v in VERDICTS if v in told.verdicts), "cannot_check")
    lines = list(told.lines.get(verdict, []))
    if verdict in {"contradicts", "mislabelled_base", "conflicts"}:
        lines += [f"but {x}" for v in ("agrees", "agrees_rounding") for x in told.lines.get(v, [])]
    if verdict == "agrees":
        lines += told.lines.get("agrees_rounding", [])
    if not lines:
        lines = ["no other printed figure bears on it"]
    would = told.would if verdict in {"contradicts", "mislabelled_base", "conflicts"} else ""
    return {
        "figure": f.id, "document": f.document, "place": f.place, "area": f.area,
        "period": f.period, "measure": f.measure, "group": f.group, "by": f.by,
        "printed": f.printed, "verdict": verdict, "would_agree": would,
        "evidence": BETWEEN.join(lines), "relations_n": told.relations,
        "checked_by": "" if verdict == "cannot_check" else
        "recomputed" if told.recomputed else "repeated",
    }  # fmt: skip


def audit(published: Published, population: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give every printed figure a verdict, with evidence.

    Parameters
    ----------
    published : Published
        Figures, and relations between them where the study has typed any.
    population : DataFrame, optional
        Official population by area, year and age, for rates.

    Returns
    -------
    DataFrame
        One row a figure, in the order of the files; columns :data:`COLUMNS`. ``verdict`` is a
        key of :data:`VERDICTS`; ``would_agree`` the value that would agree with the other
        figures; ``evidence`` each relation with its operands and what they give;
        ``checked_by`` is ``recomputed`` where other numbers make it, ``repeated`` where it is
        only printed more than once;
        ``relations_n`` how many relations the figure is in.
    """
    listed = published.documents
    dates = dict(zip(listed["id"], listed["date"], strict=True)) if len(listed) else {}
    index = Index(figures_of(published.figures), dates)
    every = _all_relations(index, published)
    if population is not None:
        every = [*every, *official.relations(index, population)]
    judged = [(r, s) for r in every if (s := judge(r, index.all)) is not None]
    index.rounding = _rounding(judged, index)
    broken, held = _split(judged, index)
    firm = [r for r, _ in held if r.kind != "bound"]
    fault = blame.localise(broken, firm, index.all, across.elsewhere(index))
    found = {f.id: _Found() for f in index.typed}
    _note_held(found, held, index)
    _note_fault(found, fault, index, every)
    _note_broken(found, fault.keys(), broken, index)
    _note_tables(found, index, judged)
    _note_across(found, index)
    return pd.DataFrame([_row(f, found[f.id]) for f in index.typed], columns=list(COLUMNS))
