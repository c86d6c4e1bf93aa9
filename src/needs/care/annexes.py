"""Chapter 90 from records: how codes became placement types, and the rules that were used."""

from __future__ import annotations

import pandas as pd

from needs.care.ages import completed_years
from needs.care.basis import COUNTING_RULE, Basis
from needs.care.kin import FAMILY
from needs.care.placements import placement_type, temporary_rule
from needs.care.windows import day_words
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.study import Categories, CategoryRule, PlacementType
from needs.vocabulary.wording import inside

__all__ = ["category_map", "rules_used"]

NAME = "annex_category_map"
UNMAPPED, BLANK = "no_rule", "not_recorded"
EPISODES = Measure("episodes_n", "Episodes", "episodes")


@FAMILY
def category_map(data: StudyData) -> Result:
    """Return how many episodes each placement and provider code brought to each own type.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``annex_category_map``: ``episodes_n`` of all returns by own type (group) and by DfE
        placement with provider (by); each type also over all codes.

    Notes
    -----
    Episodes, not children, and of all returns: nothing here counts the children of a day
    again. Rules of the category map that look at age see the age at the start of the episode.
    """
    basis = Basis.of(data)
    frame = _typed(basis)
    own = frame.groupby("group", observed=True, sort=False).size()
    keys = [k for k in [t.key for t in basis.study.categories.types] if k in own.index]
    keys += [k for k in (UNMAPPED, BLANK) if k in own.index]
    pairs = frame.groupby(["group", "by"], sort=True).size().rename("value").reset_index()
    sums = pd.DataFrame({"group": [ALL, *keys], "value": [len(frame), *own.reindex(keys)]})
    table = long_table(pd.concat([sums, pairs]).assign(measure="episodes_n"))
    words = {t.key: t.label for t in basis.study.categories.types}
    words |= {UNMAPPED: "No rule takes it", BLANK: "Placement not recorded"}
    by = sorted(set(pairs["by"]))
    return Result(
        name=NAME,
        title="DfE codes and the placement types they became",
        subtitle=f"Episodes in all returns, {basis.study.authority.name}",
        table=table,
        measures=(EPISODES,),
        labels={
            ALL: "All episodes",
            "": "All codes",
            **{k: words[k] for k in keys},
            **{k: _pair_words(k) for k in by},
            "group": "Own type",
            "by": "DfE placement and provider",
        },
        source=basis.source,
        layout=Layout(("group", "by"), ("measure",)),
        text=_largest(pairs, words),
        checks=(_all_mapped(UNMAPPED in keys),),
        additive=(Additive("group", ALL, tuple(keys)), Additive("by", "", tuple(by))),
        notes=(
            "Rules of the category map are tried in order and the first that holds decides. "
            "Rules that look at age see the age at the start of the episode here, and the age "
            "on the day wherever children are counted.",
            "Temporary moves have a code of their own here; in counts on a day "
            f"{temporary_rule(basis.study.counting)}.",
            "All episodes of the returns stand here, with short breaks. A child may have many.",
        ),
    )


def _typed(basis: Basis) -> pd.DataFrame:
    """Return each episode's own type (``group``) and pair of codes (``by``)."""
    e = basis.records.episodes
    born = basis.records.children["dob"].to_numpy()[e["child"].to_numpy()]
    age = completed_years(born, e["decom"].to_numpy(), basis.records.counting)
    frame = pd.DataFrame({c: e[c].array for c in ("place", "provider", "urn")}).assign(age=age)
    # A last rule that takes all, since an episode outside every day counted needs no type.
    given = basis.study.categories
    rest = PlacementType(key=UNMAPPED, label=UNMAPPED, group="other")
    every = Categories(
        types=(*given.types, rest), rules=(*given.rules, CategoryRule(type=UNMAPPED))
    )
    kind = pd.Series(placement_type(frame, every)).astype(object)
    blank = frame["place"].isna()
    place = frame["place"].astype(object).where(~blank, "blank").astype(str)
    provider = frame["provider"].astype(object).where(frame["provider"].notna(), "blank")
    by = place.str.lower() + "_" + provider.astype(str).str.lower()
    return pd.DataFrame({"group": kind.mask(blank & (kind == UNMAPPED), BLANK), "by": by})


def _pair_words(key: str) -> str:
    """Return a pair of codes in words: ``K2, children's home; PR1, own provision``."""
    parts = []
    for code, name in zip(key.upper().split("_"), ("PLACE", "PLACE_PROVIDER"), strict=True):
        if code == "BLANK":
            parts.append("no placement code" if name == "PLACE" else "no provider")
        else:
            words = code_set(name).labels.get(code, "not a code of the DfE")
            parts.append(f"{code} {inside(words)}")
    return "; ".join(parts)


def _largest(pairs: pd.DataFrame, words: dict[str, str]) -> tuple[Sentence, ...]:
    if pairs.empty:
        return ()
    row = pairs.loc[pairs["value"].idxmax()]
    group, by = str(row["group"]), str(row["by"])
    return (
        Sentence(
            "Most episodes have the codes “{codes}”, and the type “{type}”: {n} of {all}.",
            {
                "n": figure_id(NAME, "episodes_n", group, by=by),
                "all": figure_id(NAME, "episodes_n"),
            },
            {"codes": _pair_words(by), "type": words[group]},
        ),
    )


def _all_mapped(unmapped: bool) -> Check:
    return Check(
        "Every placement code has a type",
        "review" if unmapped else "pass",
        "some episodes meet no rule: none of them is open on a day counted"
        if unmapped
        else "every recorded placement meets a rule",
    )


def rules_used(data: StudyData) -> Result:
    """Return the settings that are numbers, and the counting rules as notes.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``annex_rules``: number of returns, days counted, types and rules of the category map;
        the least count shown; the limits at which faults stop a run.
    """
    basis = Basis.of(data)
    study, returns = basis.study, basis.records.returns.sort_values("return_year")
    counts = {
        "returns": ("Returns read", len(returns)),
        "days": ("Days on which children are counted", len(basis.shown.dates)),
        "types": ("Own placement types", len(study.categories.types)),
        "map_rules": ("Rules of the category map", len(study.categories.rules)),
        "least_shown": (
            "Least count of children shown, but for nought",
            study.disclosure.threshold,
        ),
    }
    limits = {
        "unreadable": (
            "Most cells of a column that may be unreadable",
            study.quality.max_invalid_share,
        ),
        "doubled": ("Most children twice in one Header", study.quality.max_duplicate_share),
    }
    rows = [{"group": k, "measure": "number_n", "value": v} for k, (_, v) in counts.items()]
    rows += [{"group": k, "measure": "limit_pct", "value": 100 * v} for k, (_, v) in limits.items()]
    labels = {k: words for k, (words, _) in {**counts, **limits}.items()}
    return Result(
        name="annex_rules",
        title="Rules and settings used",
        subtitle=f"{study.authority.name}, {study.period.reporting_year}",
        table=long_table(pd.DataFrame(rows)),
        measures=(
            Measure("number_n", "Number", "count"),
            Measure("limit_pct", "Limit", "percent1"),
        ),
        labels={**labels, "group": "Setting"},
        source=f"{basis.source}; the study's settings",
        layout=Layout(("group", "measure"), ()),
        notes=_rules(basis, returns),
    )


def _rules(basis: Basis, returns: pd.DataFrame) -> tuple[str, ...]:
    study = basis.study
    read = [
        f"{label}, to {day_words(end.date())}" + (" (in-year extract)" if part else "")
        for label, end, part in zip(
            returns["label"], returns["end"], returns["extract"], strict=True
        )
    ]
    return (
        f"Looked from {day_words(study.period.as_at)}.",
        f"Returns read: {'; '.join(read)}. A later return takes the place of an earlier one for "
        "the same episode.",
        COUNTING_RULE,
        f"Temporary moves: {temporary_rule(basis.study.counting)}. See the table of "
        "what the Department leaves open.",
        study.authority.scope.words(study.authority.label),
        *basis.shown.notes,
    )
