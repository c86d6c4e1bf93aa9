"""Records drawn as text, as the tests of the care room draw them, and a study with targets."""

from __future__ import annotations

import pytest
from drawn_needs import CARE
from whole_report import sparse_study

from needs.inputs.registry import open_data
from needs.vocabulary.study import load_study

draw = CARE.draw

HEAD = (
    "target,label,measure,group,of,reading_of,base,direction,value,unit,date,baseline,"
    "baseline_date,source"
)
ROWS = """\
foster,,share_pct,fostering,,,all children,at_least,60,percent,2025-03-31,,,Plan
foster_half,,share_pct,fostering,,,all children,at_least,60,percent,2024-09-30,,,Plan
ifa,,share_pct,ifa,fostering,,foster care,at_most,33,percent,2025-03-31,51,2021-03-31,Plan
ifa_all,,share_pct,ifa,,ifa,all children,at_most,33,percent,2025-03-31,51,2021-03-31,Plan
far,,share_pct,outside_over_20_miles,,,all children,at_most,24,percent,2025-03-31,31,2021-03-31,Plan
rate,,rate_per_10k,all,,,children of the area,at_most,49,rate_per_10k,2025-03-31,54,2021-03-31,Plan
fewer,,change_pct,all,,,each year,at_most,-5,percent,2025-03-31,,2021-03-31,Plan
past,,children_n,all,,,children,at_most,1,children,2022-03-31,,,Plan
past_met,,children_n,all,,,children,at_most,9999,children,2022-03-31,,,Plan
beyond,,children_n,all,,,children,at_most,9,children,2040-03-31,,,Plan
"""
QUICK = "[forecast]\ndraws = 100\ntested_draws = 50\nscenario_draws = 20\n"


@pytest.fixture(scope="session")
def aimed(tmp_path_factory):
    """A small synthetic authority with targets, scenarios, homes to open and strategies."""
    path = sparse_study(tmp_path_factory.mktemp("targets") / "small", entries=30, first="2018-19")
    (path.parent / "inputs" / "targets.csv").write_text(f"{HEAD}\n{ROWS}", "utf-8")
    text = path.read_text("utf-8").replace(
        "[inputs]\n", '[inputs]\ntargets = ["inputs/targets.csv"]\n'
    )
    path.write_text(text + QUICK, "utf-8")
    return open_data(load_study(path))
