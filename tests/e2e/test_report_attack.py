"""A reader takes every table of a finished report together, and learns no hidden small count."""

from __future__ import annotations

import csv
from contextlib import suppress

import pytest
from peer_sample import ROOT, peer_study
from reader import Reader, learn_report, second_starts, truth_of

from needs.assurance import data_quality
from needs.assurance.release import release
from needs.care import chapter20, chapter20_services
from needs.forecast import demand as chapter50
from needs.inputs.registry import open_data
from needs.report.run import run
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.e2e

QUALITY = (
    data_quality.returns_read,
    data_quality.by_rule,
    data_quality.latest_return,
    data_quality.by_check,
    data_quality.conflicts,
)
CARE = (
    *(getattr(chapter20, name) for name in chapter20.__all__),
    *(getattr(chapter20_services, name) for name in chapter20_services.__all__),
    chapter50.total_ahead,
    chapter50.demand_ahead,
    chapter50.ages_ahead,
)


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """A study made from the peer's five returns."""
    return peer_study(tmp_path_factory.mktemp("peer")) / "study.toml"


def results_of(data, analyses):
    """Return every result, without those whose input the study lacks."""
    made = []
    for analysis in analyses:
        with suppress(InputMissing):
            found = analysis(data)
            made += found if isinstance(found, tuple) else (found,)
    return made


def attack(printed, results, threshold):
    true = truth_of(results)
    printed = {i: n for i, n in printed.items() if i in true}  # bounds of forecasts count nobody
    reader = Reader(printed, true, threshold)
    learn_report(reader)
    assert reader.small()
    told = reader.told(learn_report)
    few = {i: n for i, n in second_starts(printed).items() if 1 <= abs(n) < threshold}
    return told, few


def test_no_table_of_children_tells_what_another_hides(peer):
    data = open_data(load_study(peer))
    results = results_of(data, CARE)
    released = [release(r, data.study, "20") for r in results]
    printed = {
        r.id: None if r.marker == "c" else float(r.value or 0) for b in released for r in b.rows
    }
    assert attack(printed, results, data.study.disclosure.threshold) == ({}, {})


@pytest.mark.parametrize("name", ["peer", "oxfordshire-2022-23"])
def test_no_figure_of_a_finished_report_tells_what_another_hides(
    name, request, long_form, tmp_path
):
    if not long_form:
        pytest.skip("long form: make validate")
    study = ROOT / "analysis" / name / "study.toml"
    if name == "peer":
        study = request.getfixturevalue("peer")
    data = open_data(load_study(study))
    if not data.study.inputs.patterns("ssda903") or not list(study.parent.glob("inputs/**/*.csv")):
        pytest.skip("the study's records are not written: needs synthesise")
    done = run(study.parent, out=tmp_path / "report", pdf=False)
    with (done.folder / "figures.csv").open(encoding="utf-8-sig", newline="") as f:
        rows = list(csv.DictReader(f))
    results = results_of(data, (*QUALITY, *CARE))
    ours = {r.name for r in results}
    printed = {
        r["id"]: None if r["marker"] == "c" else float(r["value"] or 0)
        for r in rows
        if r["id"].split(".")[0] in ours
    }
    assert attack(printed, results, data.study.disclosure.threshold) == ({}, {})
