"""Words converted by quarto: by a stand-in everywhere, by the real one where it is installed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from needs.report import quarto as quarto_module
from needs.report.publish import PAGE, publish
from needs.report.quarto import convert, find_quarto, same_words
from needs.report.run import run
from needs.vocabulary.errors import EnvironmentFault, RenderError

pytestmark = pytest.mark.unit

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
STAND_IN = """\
#!{python}
import re, sys
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
assert sys.argv[1:] == ["pandoc", "--from", "gfm", "--to", "html5", "--wrap", "preserve"]
words = IPythonRenderer(escape=False, exclude_anchor_links=True)
html = MarkdownWithMath(renderer=words).render(sys.stdin.read())
html = re.sub(r"<h(\\d)[^>]*>", r'<h\\1 class="own" id="own">', html)
{more}
print(html)
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Return a function that installs a stand-in, which may do something to the HTML."""
    if sys.platform == "win32":
        pytest.skip("the stand-in is a script that names its interpreter")

    def install(more=""):
        path = tmp_path / "bin" / "quarto"
        path.parent.mkdir(exist_ok=True)
        path.write_text(STAND_IN.format(python=sys.executable, more=more))
        path.chmod(0o755)
        monkeypatch.setenv("NEEDS_QUARTO", str(path))
        return path

    return install


def with_quarto(study):
    report = study.report.model_copy(update={"engine": "quarto"})
    return study.model_copy(update={"report": report})


def test_the_page_is_the_same_with_either_engine(report, study, stand_in):
    publish(report.folder, study, report.notebooks, pdf=False, progress=lambda _: None)
    usual = (report.folder / PAGE).read_text()
    stand_in()
    mine = with_quarto(study)
    publish(report.folder, mine, report.notebooks, pdf=False, progress=lambda _: None)
    assert (report.folder / PAGE).read_text() == usual


def test_words_that_the_engine_changes_are_refused(report, study, stand_in):
    stand_in('html = html.replace("Words", "Other words")')
    with pytest.raises(RenderError) as refused:
        publish(report.folder, with_quarto(study), report.notebooks, pdf=False,
                progress=lambda _: None)  # fmt: skip
    assert "chapter 20" in str(refused.value)
    assert "“Words” became “Other”" in str(refused.value)


def test_a_block_that_runs_into_the_next_cell_is_refused(stand_in):
    stand_in()
    with pytest.raises(RenderError, match="run into each other"):
        convert(["```\nnever closed", "next"])


@pytest.mark.parametrize(
    ("more", "said"), [("sys.exit('out of paper')", "out of paper"), ("raise SystemExit(3)", "3")]
)
def test_an_engine_that_fails_is_named_with_the_mend(stand_in, more, said):
    stand_in(more)
    with pytest.raises(EnvironmentFault, match="NEEDS_QUARTO") as failed:
        convert(["a"])
    assert said in str(failed.value)


def test_without_quarto_nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr(quarto_module, "find_quarto", lambda: None)
    study = tmp_path / "study.toml"
    study.write_text(
        'schema_version = 1\n[authority]\nname = "Anyshire"\nshort_name = "Anyshire"\n'
        'dfe_code = "999"\nons_code = "E10000099"\n'
        '[period]\nreporting_year = "2022-23"\nas_at = 2023-03-31\n[inputs]\npublished = []\n'
    )
    with pytest.raises(EnvironmentFault, match="quarto was not found"):
        run(study, out=tmp_path / "report", engine="quarto")
    assert not (tmp_path / "report").exists()


def test_the_program_named_is_taken_before_the_one_on_the_path(stand_in, monkeypatch, tmp_path):
    path = stand_in()
    other = tmp_path / "other" / "quarto"
    other.parent.mkdir()
    other.write_bytes(path.read_bytes())
    other.chmod(0o755)
    assert find_quarto({"NEEDS_QUARTO": str(path), "PATH": str(other.parent)}) == path
    assert find_quarto({"PATH": str(other.parent)}) == other
    assert find_quarto({"PATH": str(tmp_path)}) is None


@pytest.mark.skipif(find_quarto() is None, reason="quarto is not installed: see quarto.org")
def test_the_real_one_reads_every_notebook_as_nbconvert_does():
    words = MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True))
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        sources = [c.source for c in cells if c.cell_type == "markdown"]
        for source, html in zip(sources, convert(sources), strict=True):
            same_words(path.stem, str(words.render(source)), html)
            assert len(re.findall(r"<h\d", html)) == len(re.findall(r"(?m)^#+ ", source))
