"""Reports in miniature for comparing: figures, one notebook, and a manifest."""

from __future__ import annotations

import csv
import json

import nbformat

from needs.inputs.files import hash_file
from needs.report.csvs import FIGURE_COLUMNS
from needs.report.display import block_bundle
from needs.vocabulary.released import ReleasedResult, ReleasedTable

AUTHORITY = {
    "name": "Anyshire County Council", "short_name": "Anyshire",
    "dfe_code": "999", "ons_code": "E10000099", "label": "children we care for",
}  # fmt: skip

TITLE = "=1+1 Children"


def write_report(folder, year, rows, *, code="a", dfe_code="999", note=""):
    """Write as much of a report as comparing reads: figures, one notebook, a manifest."""
    (folder / "notebooks").mkdir(parents=True)
    with (folder / "figures.csv").open("w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(FIGURE_COLUMNS)
        for fid, value, shown, marker, *unit in rows:
            period, measured = fid.split(".")[3], unit[0] if unit else "children"
            out.writerow([fid, value, shown, measured, period, "", "returns", "20", marker])
    table = ReleasedTable(
        ("Place",), ("Number",), tuple((r[0].split(".")[2], r[2]) for r in rows),
        tuple((r[0],) for r in rows),
    )  # fmt: skip
    block = ReleasedResult("result", "20", "stock", TITLE, "", note, "", True, table=table)
    output = nbformat.v4.new_output("display_data", data=block_bundle(block))
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    nbformat.write(nb, str(folder / "notebooks" / "20.ipynb"))
    period = {"reporting_year": year, "as_at": f"{int(year[:4]) + 1}-03-31"}
    settings = {
        "authority": {**AUTHORITY, "dfe_code": dfe_code},
        "period": period,
        "report": {"synthetic": True},
    }
    manifest = {
        "study": {"name": f"study-{year}", "settings": settings},
        "chapters": {"20": {"components": {"code": code, "settings.period": year}}},
        "files": {"figures.csv": hash_file(folder / "figures.csv")},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
