"""Ask cs-demand-model, where a Python that has it is named in ``NEEDS_PEER_PYTHON``.

The sector's program needs pandas below 2 and is no dependency: it lives in an environment of its
own. To make one: ``python3 -m venv PEER``, then ``PEER/bin/pip install "cs-demand-model[cli]"
"pandas<2"``.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from needs.synthetic.episodes import Lives
from needs.synthetic.text import dfe_days

PROGRAM = Path(__file__).with_name("peer_program.py")
VARIABLE = "NEEDS_PEER_PYTHON"

STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ssda903 = ["ssda903/*/*.csv"]
[report]
synthetic = true
"""
"""Settings of a study whose returns are forecast by both programs."""


def peer_python() -> str:
    """Return the Python that has the peer; skip the test where there is none."""
    python = os.environ.get(VARIABLE, "")
    if not python:
        pytest.skip(f"{VARIABLE} names no Python that has cs-demand-model")
    if not Path(python).exists():
        pytest.skip(f"{VARIABLE} names {python}, which is not there")
    return python


def ask(jobs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the peer's answers to jobs (see ``peer_program.py``), its version, time and memory."""
    words = [peer_python(), str(PROGRAM)]
    env = {"PATH": os.environ.get("PATH", ""), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        words, input=json.dumps(list(jobs)), capture_output=True, text=True, env=env, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def ask_many(jobs: Sequence[dict[str, Any]], hands: int = 1) -> list[dict[str, Any]]:
    """Return the peer's answer to each job, by so many of its processes at a time."""
    peer_python()
    shares = [list(jobs)[k::hands] for k in range(hands)]
    with ThreadPoolExecutor(hands) as pool:
        parts = [a["answers"] for a in pool.map(ask, shares)]
    return [parts[k % hands][k // hands] for k in range(len(jobs))]


GROUPS = {
    "FOSTERING": ("kinship", "in_house_foster", "ifa"),
    "RESIDENTIAL": ("in_house_home", "external_home"),
    "SUPPORTED": ("supported",),
}
"""Its placement categories as placement types of a synthetic authority; the rest is OTHER."""


def flat_returns(returns: Path, folder: Path, last: int) -> Path:
    """Copy the Header and Episodes of each return up to a year's, as the peer reads them.

    Parameters
    ----------
    returns : Path
        With a folder a reporting year, as :func:`needs.synthetic.returns.write_returns` leaves.
    folder : Path
        Where they go.
    last : int
        Calendar year in which the last return ends.
    """
    folder.mkdir(parents=True)
    for path in sorted(returns.glob("*/*.csv")):
        year = int(path.parent.name[:4]) + 1
        if path.stem in ("header", "episodes") and year <= last:
            shutil.copy(path, folder / f"{year}-{path.name}")
    return folder


def known_returns(told: Lives, since: dt.date, origin: dt.date, folder: Path) -> Path:
    """Write Header and Episodes as known on a day, every year in one file."""
    folder.mkdir(parents=True)
    e, end = told.episodes, pd.Timestamp(origin)
    e = e[(e["decom"] <= end) & (e["dec"].isna() | (e["dec"] >= pd.Timestamp(since)))]
    open_ = e["dec"].isna() | (e["dec"] > end)
    reason = e["reason_place_change"].mask(open_, "")
    pd.DataFrame(
        {
            "CHILD": e["child"], "DECOM": dfe_days(e["decom"]), "RNE": e["rne"], "LS": e["ls"],
            "CIN": e["cin"], "PLACE": e["place"], "PLACE_PROVIDER": e["provider"],
            "DEC": dfe_days(e["dec"].mask(open_)), "REC": e["rec"].mask(open_, ""),
            "REASON_PLACE_CHANGE": reason, "HOME_POST": "", "PL_POST": "",
        }
    ).to_csv(folder / "episodes.csv", index=False)  # fmt: skip
    c = told.children[told.children["child"].isin(e["child"])]
    pd.DataFrame(
        {
            "CHILD": c["child"], "SEX": np.where(c["male"], 1, 2), "DOB": dfe_days(c["dob"]),
            "ETHNIC": c["ethnic"], "UPN": "", "MOTHER": "", "MC_DOB": "",
        }
    ).to_csv(folder / "header.csv", index=False)  # fmt: skip
    return folder


def by_group(types: Mapping[str, float]) -> dict[str, float]:
    """Return the total, and each of the peer's categories, as it names types."""
    named = {g: float(types.get(g, 0.0)) for g in (*GROUPS, "OTHER")}
    return {"all": sum(named.values()), **named}
