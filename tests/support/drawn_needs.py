"""A small authority in memory whose children's needs are known, for tests of chapter 30."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from needs.vocabulary.records import StudyData, Table

PLACE = {
    "home": ("K2", "PR4"),
    "foster": ("U6", "PR1"),
    "parents": ("P1", "PR0"),
    "adoption": ("A3", "PR0"),
    "supported": ("P2", "PR4"),
}
DAY = "2023-03-31"


def _care():
    path = Path(__file__).resolve().parents[1] / "care" / "conftest.py"
    spec = importlib.util.spec_from_file_location("care_conftest", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CARE = _care()


def authority(children, domains=("A", "B", "C"), figures=None, oc2=None, weights=None, **sections):
    """Return a study of children drawn one by one.

    Parameters
    ----------
    children : list of (str, str, int, object)
        Kind of placement (``PLACE``), sex, age on the day, and scores by domain: None has no
        assessment, a list of lists one assessment a year, the latest last.
    domains : tuple of str
    figures : list of dict
        Printed figures.
    oc2 : pandas.DataFrame
        Outcomes table.
    weights : dict of str to float
        Weights of domains.
    """
    who = pd.DataFrame(
        {
            "child": [f"c{i}" for i in range(len(children))],
            "sex": [sex for _, sex, *_ in children],
            "dob": [f"{2022 - age}-10-01" for *_, age, _ in children],
            "uasc": None,
        }
    )
    e = pd.DataFrame(
        {
            "child": who["child"],
            "decom": "2019-05-01", "dec": None, "rne": "S", "ls": "C2", "cin": "N1",
            "place": [PLACE[kind][0] for kind, *_ in children],
            "provider": [PLACE[kind][1] for kind, *_ in children],
            "rec": None, "urn": None,
        }
    )  # fmt: skip
    records = CARE.make_records(who, e, [2020, 2021, 2022, 2023])
    if oc2 is not None:
        records.tables["oc2"] = oc2
    rows = [
        {"child": i, "date": pd.Timestamp(2024 - len(many) + k, 2, 1), "domain": d.lower(),
         "score": float(s)}
        for i, (*_, many) in enumerate(children)
        for k, scores in enumerate(many or [])
        for d, s in zip(domains, scores, strict=True)
        if s is not None and not np.isnan(s)
    ]  # fmt: skip
    columns = ["child", "date", "domain", "score"]
    frame = pd.DataFrame(rows, columns=columns)
    inputs = {"ssda903": ["s/*.csv"], "assessments": ["a.csv"]}
    readers = {"ssda903": lambda _: records, "assessments": lambda _: Table(frame, pd.DataFrame())}
    if figures is not None:
        inputs["published"] = ["p.csv"]
        typed = SimpleNamespace(figures=pd.DataFrame(figures), documents=pd.DataFrame())
        readers["published"] = lambda _: typed
    tool = {"domains": domains, "weights": weights or {}}
    study = CARE.make_study(inputs=inputs, assessment=tool, **sections)
    return StudyData(study, readers)


def printed(table, measure, group, value, by="", period="2022-23"):
    """Return one figure of a printed table of the authority."""
    return {
        "figure": f"f_{measure}_{group}_{by}", "document": "1", "place": "page", "table": table,
        "area": "E10000099", "period": period, "measure": measure, "group": group, "by": by,
        "value": float(value), "printed": str(value), "unit": "score", "note": "",
    }  # fmt: skip
