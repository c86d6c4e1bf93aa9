"""Hand-made executed notebooks: what the runner would leave in a staging folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest

from needs.report.chapters import CHAPTERS, ChapterSpec
from needs.report.display import block_bundle, chart_bundle
from needs.report.theme import template
from needs.vocabulary.released import (
    ReleasedChart,
    ReleasedResult,
    ReleasedRow,
    ReleasedTable,
    Span,
)
from needs.vocabulary.results import figure_id
from needs.vocabulary.study import Authority, Inputs, Period, ReportSettings, Study
from needs.vocabulary.units import printed, round_half_up

YEARS = ("2018-19", "2019-20", "2020-21", "2021-22", "2022-23")
TYPES = {
    "kinship": "Kinship foster care",
    "in_house": "In-house foster care",
    "ifa": "Independent fostering agency",
    "home": "Children's home",
}


def released_row(
    result: str, group: str, period: str, value: float | None, unit: str, marker: str = ""
) -> ReleasedRow:
    """Return one released number."""
    fid = figure_id(result, f"{unit}_n", group, period)
    plain = "" if value is None else str(round_half_up(value, 1 if unit == "gbp_m" else 0))
    shown = printed(value, unit, marker)
    return ReleasedRow(
        fid, "E10000025", period, f"{unit}_n", group, "", plain, shown, unit, marker, "SSDA903"
    )


def released_result(
    name: str,
    chapter: str,
    values: dict[str, Sequence[float | None]],
    *,
    unit: str = "children",
    title: str = "Children by placement type",
    labels: dict[str, str] | None = None,
    markers: dict[tuple[str, str], str] | None = None,
    chart: bool = True,
    **more: Any,
) -> ReleasedResult:
    """Return a result whose table has one row a group and one column a year."""
    words = labels or TYPES
    rows = [
        [
            released_row(name, g, y, v, unit, (markers or {}).get((g, y), ""))
            for y, v in zip(YEARS, vs, strict=True)
        ]
        for g, vs in values.items()
    ]
    table = ReleasedTable(
        ("Placement type",),
        YEARS,
        tuple(
            (words.get(g, g), *(r.printed for r in line))
            for g, line in zip(values, rows, strict=True)
        ),
        tuple(tuple(r.id for r in line) for line in rows),
    )
    charts = ()
    if chart:
        traces = [
            {
                "uid": f"{name}-{i}",
                "type": "scatter",
                "mode": "lines+markers",
                "name": words.get(g, g),
                "x": list(YEARS),
                "y": [float(r.value) if r.value else None for r in line],
            }
            for i, (g, line) in enumerate(zip(values, rows, strict=True))
        ]
        layout = {
            "template": template(),
            "height": 420,
            "xaxis": {"type": "category", "categoryarray": list(YEARS), "tickangle": 0},
            "yaxis": {"rangemode": "tozero"},
            "legend": {
                "orientation": "h",
                "x": 0,
                "xref": "container",
                "y": 0,
                "yref": "container",
            },
            "margin": {"l": 8, "r": 24, "t": 40, "b": 8},
        }
        charts = (
            ReleasedChart(
                "trend",
                "More children live with kinship carers",
                "Children, Oxfordshire, years to 31 March",
                "Lines by placement type over five years; kinship rises, homes stay level.",
                f"chart-{name}-trend",
                {"data": traces, "layout": layout},
                table,
            ),
        )
    first = rows[0][0]
    told = {
        "subtitle": "Number of children on 31 March, Oxfordshire",
        "source": "SSDA903 returns of the authority",
        "scope": "Children looked after: including unaccompanied children.",
        "synthetic": False,
        "sentences": ((Span("There were "), Span(first.printed, first.id), Span(" children.")),),
        "checks": (("Adds up", "pass", "The parts add up to the total."),),
        "notes": ("Children on 31 March of each year.",),
    } | more
    return ReleasedResult(
        "result",
        chapter,
        name,
        title,
        rows=tuple(r for line in rows for r in line),
        table=table,
        charts=charts,
        **told,
    )


def outputs_of(block: ReleasedResult) -> list[Any]:
    """Return the notebook outputs that showing a result leaves behind."""
    made = [
        nbformat.v4.new_output(
            "display_data", data=block_bundle(block), metadata={"needs": {"result": block.name}}
        )
    ]
    made += [
        nbformat.v4.new_output(
            "display_data", data=chart_bundle(block, c), metadata={"needs": {"chart": c.key}}
        )
        for c in block.charts
    ]
    return made


@dataclass
class Staging:
    """A staging folder with executed notebooks in it."""

    folder: Path
    notebooks: list[tuple[ChapterSpec, Path]] = field(default_factory=list)

    def add(self, number: str, *parts: str | ReleasedResult | list[Any]) -> Staging:
        """Write a chapter: text is a markdown cell, a result or a list of outputs a code cell."""
        cells = [nbformat.v4.new_code_cell("study = 'study.toml'")]
        for part in parts:
            if isinstance(part, str):
                cells.append(nbformat.v4.new_markdown_cell(part))
            else:
                outputs = outputs_of(part) if isinstance(part, ReleasedResult) else part
                cells.append(
                    nbformat.v4.new_code_cell("chapter.show(secret_source)", outputs=outputs)
                )
        for k, cell in enumerate(cells):
            cell["id"] = f"cell-{k}"
        spec = CHAPTERS[number]
        path = self.folder / "notebooks" / spec.notebook
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), str(path))
        self.notebooks.append((spec, path))
        return self


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    """Return an empty staging folder."""
    return Staging(tmp_path / "staging")


@pytest.fixture
def make_result() -> Callable[..., ReleasedResult]:
    """Return the builder of released results."""
    return released_result


@pytest.fixture
def make_outputs() -> Callable[[ReleasedResult], list[Any]]:
    """Return the builder of notebook outputs."""
    return outputs_of


@pytest.fixture
def study() -> Study:
    """Return a study of an invented year of a real place."""
    return Study(
        schema_version=1,
        authority=Authority(
            name="Oxfordshire County Council",
            short_name="Oxfordshire",
            dfe_code="931",
            ons_code="E10000025",
            label="children we care for",
        ),
        period=Period(reporting_year="2022-23", as_at=dt.date(2023, 3, 31)),
        inputs=Inputs(),
        report=ReportSettings(synthetic=True),
    )


@pytest.fixture
def report(staging: Staging) -> Staging:
    """Return executed notebooks of three small chapters: charts, a gap, a missing input."""
    stock = released_result(
        "stock",
        "20",
        {
            "kinship": [120, 131, 140, 155, 171],
            "in_house": [301, 296, 288, 280, 274],
            "ifa": [140, 152, 160, 171, 190],
            "home": [60, None, 71, 75, 82],
        },
        markers={("home", "2019-20"): "c", ("ifa", "2022-23"): "r"},
        synthetic=True,
    )
    spend = released_result(
        "spend",
        "50",
        {"ifa": [5.1, 5.6, 6.0, 6.6, 7.4], "home": [-0.3, 9.8, 11.2, 13.0, 15.9]},
        unit="gbp_m",
        title="Spending on placements",
        checks=(("Rounding", "review", "Totals differ by rounding."), ("Sum", "fail", "Off.")),
    )
    absent = ReleasedResult(
        "missing", "90", "costs", "Costs by provider", "", "", "", False, notes=("No costs here.",)
    )
    return (
        staging.add("20", "# Children looked after\n\nWords *here*.", "#### Trends", stock)
        .add("50", "# Demand", spend)
        .add("90", "No heading of its own.", absent)
    )
