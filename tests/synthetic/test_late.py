"""What was planted as learnt late is what the analysis finds, to the child; nothing else moves."""

import pandas as pd
import pytest

from needs.care.basis import Basis
from needs.care.flows import flow_counts
from needs.care.restated import restated
from needs.inputs.registry import open_data
from needs.synthetic.study import oxfordshire, synthesise
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Synthesis, load_study

pytestmark = pytest.mark.unit

STUDY = """\
schema_version = 1
[authority]
name = "Oxfordshire County Council"
short_name = "Oxfordshire"
dfe_code = "931"
ons_code = "E10000025"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ssda903 = ["inputs/ssda903/*/*.csv"]
[report]
synthetic = true
"""
FIRST_YEAR = "2020-21"


@pytest.fixture(scope="module", params=[False, True], ids=["clean", "dirt"])
def folder(tmp_path_factory, request, long_form_of_module):
    if not request.param and not long_form_of_module:
        pytest.skip("long form: make validate")
    root = tmp_path_factory.mktemp("late")
    (root / "study.toml").write_text(STUDY)
    first = "2018-19" if long_form_of_module else FIRST_YEAR
    settings = Synthesis(dirt=request.param, late=True, first_year=first)
    synthesise(root / "inputs", oxfordshire(), settings, ReportingYear(2023), 20230331)
    return root


@pytest.fixture(scope="module")
def long_form_of_module(request):
    return request.config.getoption("--long")


@pytest.fixture(scope="module")
def basis(folder):
    return Basis.of(open_data(load_study(folder / "study.toml")))


def test_every_change_planted_is_found_with_its_reason_and_no_other(basis, folder):
    planted = pd.read_csv(folder / "inputs/truth/late.csv")
    windows = basis.shown.windows
    found = restated(basis.records, windows, basis.scope).changes
    found = found.assign(return_year=[windows[w].year.end_year for w in found["window"]])
    keys = ["reason", "kind", "return_year", "sign"]
    got = found.groupby(keys).size()
    want = planted.rename(columns={"count": "kind"}).set_index(keys)["children_n"]
    assert want.sum() > 80
    assert got.sort_index().to_dict() == want.sort_index().to_dict()


def test_counts_from_all_returns_are_what_was_published(basis):
    counts = flow_counts(basis.records, basis.shown.windows, basis.scope)["stock_end_n"]
    printed = [oxfordshire().targets[w.year.end_year].total for w in basis.shown.windows]
    assert counts.tolist() == printed
