"""The workbook, opened by another program than the one that wrote it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from needs.report.blocks import read_chapters
from needs.report.workbook import write_workbook

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not OFFICE, reason="LibreOffice is not installed: apt install libreoffice-calc"
    ),
]

HOSTILE = (
    '=HYPERLINK("http://example.org","x")',
    "=1+1",
    "@SUM(1)",
    "+1+1",
    "-1+1",
    "=cmd|'/c x'!A0",
)


def read_again(path: Path, folder: Path) -> openpyxl.Workbook:
    """Open a workbook with LibreOffice, save it, and read what it saved."""
    profile = (folder / "profile").as_uri()
    command = [OFFICE, f"-env:UserInstallation={profile}", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "saved"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return openpyxl.load_workbook(folder / "saved" / path.name)


def values(book: openpyxl.Workbook) -> dict[tuple[str, str], object]:
    """Return every cell that holds something; numbers as far as both programs keep them."""
    return {
        (sheet.title, c.coordinate): round(c.value, 9) if isinstance(c.value, float) else c.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for c in row
        if c.value not in {None, ""}
    }


def test_libreoffice_reads_the_values_that_were_written(report, study, tmp_path):
    path = tmp_path / "tables.xlsx"
    write_workbook(path, study, read_chapters(report.notebooks))
    wrote = openpyxl.load_workbook(path)
    found = read_again(path, tmp_path)
    assert found.sheetnames == wrote.sheetnames
    assert values(found) == values(wrote)
    assert len(values(found)) > 50


def test_no_cell_becomes_a_formula_in_it(staging, make_result, study, tmp_path):
    rows = {f"k{n}": [n + 10] * 5 for n in range(len(HOSTILE))}
    words = {f"k{n}": said for n, said in enumerate(HOSTILE)}
    staging.add("20", make_result("stock", "20", rows, title="=2+2", labels=words))
    path = tmp_path / "tables.xlsx"
    write_workbook(path, study, read_chapters(staging.notebooks))
    found = read_again(path, tmp_path)
    cells = [c for sheet in found.worksheets for row in sheet.iter_rows() for c in row]
    assert not [c.coordinate for c in cells if c.data_type == "f"]
    text = {str(c.value).lstrip("'") for c in cells if c.value is not None}
    assert set(HOSTILE) <= text
