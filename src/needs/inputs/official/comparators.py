"""The Department for Education's figures on children looked after, every area and release.

Files of the release "Children looked after in England including adoptions" are read as they
are downloaded: numbers and rates, children who started and ceased, new placements and reasons
for change, placement stability, net gain, short breaks, and children at 31 March by
characteristic. Columns renamed from release to release come to one form.
"""

from __future__ import annotations

import pandas as pd

from needs.inputs.official.areas import (
    AREA_COLUMNS,
    area_faults,
    areas,
    contradictions,
    period_faults,
    periods,
)
from needs.inputs.official.distinct import looked_up, per_distinct, stacked
from needs.inputs.official.figures import number_faults, numbers
from needs.inputs.official.files import Source, at_rows, facts, finish, read_sources
from needs.inputs.official.words import breakdown_key, file_measure, group_of, measure_of
from needs.vocabulary.errors import Fault
from needs.vocabulary.official import FIGURE
from needs.vocabulary.records import Table
from needs.vocabulary.results import ALL
from needs.vocabulary.study import Study

__all__ = ["COLUMNS", "read"]

COLUMNS = (
    *AREA_COLUMNS,
    "period",
    "measure",
    "group",
    "by",
    "value",
    "marker",
    "label",
    "vintage",
    "file",
)
"""Columns of the frame; see :func:`read`."""

_ENDINGS = {
    "rates": {"number": "_n", "rate": "_rate_per_10k"},
    "split": {"number": "_n", "percentage": "_pct"},
    "net_gain": {"number": "_n"},
    "short_breaks": {"number": "_n"},
}
"""Kind of file -> column of numbers -> ending of its measure."""

_POPULATION = "population_0_17_n"
_AGAIN = "download the file again, with every row of the release"


def read(study: Study) -> Table:
    """Read the DfE files that a study names under ``inputs.comparators``.

    Parameters
    ----------
    study : Study
        Files of any number of releases, side by side.

    Returns
    -------
    Table
        ``frame``, one row a figure and vintage, sorted: ``area_code`` (ONS), ``dfe_code``
        (three digits for an authority, else empty), ``area_name``, ``area_type`` (authority,
        region, sub_region, England), ``period`` (2022-23), ``measure``, ``group``, ``by``,
        ``value`` (float, NaN where suppressed or not available), ``marker`` (as printed: c, k,
        x, z …; empty for a number), ``label`` (category in the words of that release),
        ``vintage`` (year of the release), ``file``. All but ``value`` are categories.

        Measures: ``children_n``, ``started_n``, ``ceased_n``, each with ``_rate_per_10k`` and
        ``_pct`` (share of the group's total); ``population_0_17_n`` (what the rates are
        counted on); ``new_placements_n``, ``placement_changes_n``, ``stability_n`` with
        ``_pct``; ``placed_here_n``, ``placed_elsewhere_n``, ``net_gain_n``;
        ``short_breaks_only_n``. ``group`` is ``all`` and ``by`` empty where a figure is not
        split; else ``by`` is ``all`` for the group's total. Counts are as rounded by the DfE
        (to 10 for England and regions).

        ``facts`` adds ``kind``, ``vintage`` and ``rows_n``; nothing is left out.

    Raises
    ------
    InputError
        With every fault of every file: encoding, columns, areas, years, cells that are neither
        number nor known marker, figures given twice and differently, a file of a later year
        than its folder says.

    Notes
    -----
    The vintage is the year named by the file's folder (``release-2023``), else the last year
    in the file. :func:`needs.vocabulary.official.latest` takes the newest of each figure.
    """
    sources, faults = read_sources(study, "comparators")
    made = []
    vintages: dict[str, str] = {}
    for source in sources:
        found = _source_faults(source)
        faults += found
        if not found:
            vintages[source.file] = _vintage(source)
            made.append(_long(source, vintages[source.file]))
    if not made:
        finish("comparators", faults)
    frame, repeats, differing = _joined(made)
    finish("comparators", [*faults, *differing])
    count = facts(sources, vintage=vintages, duplicates_n=repeats)
    frame = frame.sort_values(["vintage", *FIGURE], ignore_index=True)[list(COLUMNS)]
    return Table(frame, count)


def _source_faults(source: Source) -> list[Fault]:
    kind, frame = source.layout.kind, source.frame
    names = {k: v[0] for k, v in source.layout.required.items()}
    columns = [*_ENDINGS[kind], *(["population_estimate"] if kind == "rates" else [])]
    faults = area_faults(source) + period_faults(source)
    faults += number_faults(source.file, frame, columns, names)
    faults += _split_faults(source) if kind == "split" else _population_faults(source)
    return faults or _folder_faults(source)


def _population_faults(source: Source) -> list[Fault]:
    unknown = source.frame.index[looked_up(source.frame["population"], measure_of) == ""]
    if not len(unknown):
        return []
    column = source.layout.required["population"][0]
    rule = "not a group of children that is known"
    return [at_rows(source.file, column, rule, _AGAIN, unknown)]


def _split_faults(source: Source) -> list[Fault]:
    """Return a fault if nothing in the file tells which children its shared groups split."""
    groups = {label: group_of(label) for label in source.frame["cla_group"].cat.categories}
    if file_measure(groups.values()) or all(g.measure for g in groups.values()):
        return []
    rule = "cannot be told apart as children looked after, started or ceased"
    return [Fault(source.file, rule, _AGAIN, column=source.layout.required["cla_group"][0])]


def _folder_faults(source: Source) -> list[Fault]:
    last = max(periods(source.frame).cat.categories)
    if source.folder_year is None or source.folder_year >= int(last[:4]) + 1:
        return []
    rule = "the file has figures of a later year than its folder's name"
    mend = "move the file into a folder named after its release, such as release-2023"
    return [Fault(source.file, rule, mend, column="time_period")]


def _vintage(source: Source) -> str:
    last = int(max(periods(source.frame).cat.categories)[:4]) + 1
    return str(source.folder_year or last)


def _long(source: Source, vintage: str) -> pd.DataFrame:
    """Return a file's figures, one row each, with the row of the file."""
    frame, kind = source.frame, source.layout.kind
    named = ["cla_group", "by"] if kind == "split" else ["population"]
    make = _split_names if kind == "split" else _population_names
    base = areas(frame).assign(period=periods(frame))
    base = pd.concat([base, per_distinct(frame, named, make)], axis=1)
    base = base.assign(vintage=_all(vintage, base), file=_all(source.file, base), row=base.index)
    parts = [_figures(base, frame[c], ending) for c, ending in _ENDINGS[kind].items()]
    if kind == "rates":
        parts.append(_population(base, frame["population_estimate"]))
    return stacked(parts)


def _all(text: str, like: pd.DataFrame) -> pd.Series[str]:
    """Return one text for every row."""
    cells = pd.Categorical.from_codes([0] * len(like), pd.Index([text], dtype=object))
    return pd.Series(cells, index=like.index)


def _population_names(rows: pd.DataFrame) -> pd.DataFrame:
    stem = rows["population"].map(measure_of)
    return pd.DataFrame({"measure": stem, "group": ALL, "by": "", "label": rows["population"]})


def _split_names(rows: pd.DataFrame) -> pd.DataFrame:
    groups = {label: group_of(label) for label in rows["cla_group"].unique()}
    whole = file_measure(groups.values()) or ""
    group = rows["cla_group"].map({k: g.key for k, g in groups.items()})
    pairs = zip(rows["by"], group, strict=True)
    return pd.DataFrame(
        {
            "measure": rows["cla_group"].map({k: g.measure or whole for k, g in groups.items()}),
            "group": group,
            "by": [breakdown_key(label, key) for label, key in pairs],
            "label": rows["by"],
        }
    )


def _figures(base: pd.DataFrame, text: pd.Series[str], ending: str) -> pd.DataFrame:
    value, marker = numbers(text)
    measure = looked_up(base["measure"], lambda stem: stem + ending)
    return base.assign(measure=measure, value=value, marker=marker)


def _population(base: pd.DataFrame, text: pd.Series[str]) -> pd.DataFrame:
    """Return the population of each area and year once: it stands beside every rate."""
    value, marker = numbers(text)
    named = {"measure": _POPULATION, "group": ALL, "by": "", "label": ""}
    made = base.assign(**{k: _all(v, base) for k, v in named.items()}, value=value, marker=marker)
    return made.drop_duplicates(["area_code", "period", "value", "marker"])


def _joined(made: list[pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, int], list[Fault]]:
    """Return all figures without repeats, the repeated rows of each file, and contradictions."""
    mend = "keep one of the rows; files of another release go into a folder named after it"
    key, said = [*FIGURE, "vintage"], ["value", "marker"]
    kept, repeats, faults = contradictions(stacked(made), key, said, "", mend)
    count = repeats.groupby("file", observed=True)["row"].nunique()
    return kept, {str(file): int(n) for file, n in count.items()}, faults
