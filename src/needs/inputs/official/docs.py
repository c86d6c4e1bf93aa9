"""What a person needs to know to bring an official file: a page made from the layouts."""

from __future__ import annotations

from needs.inputs.official.figures import MARKERS
from needs.inputs.official.layouts import LAYOUTS, Layout

__all__ = ["page"]

_TOP = """\
# Official files

This page is made from `src/needs/inputs/official/layouts.py`.

- Every input is optional. A chapter that lacks one says so, and the rest runs.
- Put the files into the study's folder as you downloaded them and name them in `study.toml`,
  section `[inputs]`, such as `comparators = ["inputs/dfe/**/*.csv"]`. CSV (UTF-8 or cp1252),
  Excel (`.xlsx`) and Parquet are read; a title above the column names does no harm.
- A file is known by its columns, whatever its name. Other columns are kept out, and counted.
- Files of several releases may lie side by side. A folder named after its release, such as
  `release-2023`, says which it is; without one the last year in the file does. Every vintage is
  kept; analyses take the newest of each figure and can say what it revised.
- What stands in the place of a number is kept as it is, and is never a number:
"""

_TITLES = {
    "comparators": (
        "Comparators",
        'Files of "Children looked after in England including adoptions", Department for '
        "Education: every authority, region and England.",
    ),
    "neighbours": (
        "Statistical neighbours",
        "Ten neighbours of every authority and how close each is, groupings of 2021 and 2025.",
    ),
    "population": (
        "Population",
        "Mid-year estimates by the Office for National Statistics, as a whole from 0 to 17 or by "
        "single year of age to 25.",
    ),
    "projections": (
        "Projections",
        "Subnational population projections by single year of age, Office for National "
        "Statistics. The 2022-based file gives districts: add the lookup of districts to "
        "upper-tier authorities, and counties are summed.",
    ),
    "ofsted": (
        "Ofsted",
        'Provider-level list of "Children\'s social care in England". Names that Ofsted '
        "withholds stay blank, and addresses are not read.",
    ),
    "unit_costs": (
        "Unit costs",
        "Weekly unit costs of section 251 outturn, Department for Education: the data of the Local "
        "Authority Interactive Tool, one row an area, measure and year, of which looked-after "
        "children, fostering and residential care are read (`LACFinance`, `FosteringFinance`, "
        "`RescareFinance`).",
    ),
}


def page() -> str:
    """Return the documentation of every official input, as Markdown."""
    markers = [f"  - `{marker}`: {words}" for marker, words in MARKERS.items()]
    lines = [_TOP.rstrip("\n"), *markers]
    for name, (title, about) in _TITLES.items():
        lines += ["", f"## {title} (`{name}`)", "", about, ""]
        lines += ["| file | required columns | other columns read |", "|---|---|---|"]
        lines += [_row(layout) for layout in LAYOUTS if layout.input == name]
    return "\n".join(lines) + "\n"


def _row(layout: Layout) -> str:
    required = [_named(spellings) for spellings in layout.required.values()]
    if layout.series_words:
        required.append(layout.series_words)
    optional = [_named(spellings) for spellings in layout.optional.values()]
    return f"| {layout.label} | {', '.join(required)} | {', '.join(optional)} |"


def _named(spellings: tuple[str, ...]) -> str:
    if len(spellings) > 4:  # the same name with the year of its geography
        return f"`{spellings[0]}` to `{spellings[-1]}`"
    return " or ".join(f"`{s}`" for s in spellings)
