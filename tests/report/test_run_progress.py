"""What a run says while it goes on."""

import io
import re

import pytest

from needs.report.progress import LineProgress, Silent, TerminalProgress, progress_for, steps

pytestmark = pytest.mark.unit


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_pipe_gets_plain_lines_and_a_terminal_gets_a_spinner():
    assert isinstance(progress_for(io.StringIO()), LineProgress)
    assert isinstance(progress_for(Terminal()), TerminalProgress)


@pytest.mark.parametrize("kind", [LineProgress, TerminalProgress])
def test_a_step_is_one_line_with_its_duration(kind):
    stream = io.StringIO()
    with kind(stream).step("reading [inputs]"):
        pass
    (line,) = stream.getvalue().strip().splitlines()
    assert re.search(r"reading \[inputs\]:? 0\.\d s", line)


@pytest.mark.parametrize("kind", [LineProgress, TerminalProgress])
def test_a_step_that_fails_says_so_and_hides_nothing(kind):
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), kind(stream).step("reading"):
        raise ZeroDivisionError
    assert "failed after" in stream.getvalue()


@pytest.mark.parametrize("kind", [LineProgress, TerminalProgress])
def test_a_note_is_a_line_and_no_markup(kind):
    stream = io.StringIO()
    kind(stream).note("setting [period] changed")
    assert stream.getvalue().strip() == "setting [period] changed"


def test_single_messages_become_steps_that_follow_one_another():
    stream = io.StringIO()
    with steps(LineProgress(stream)) as begin:
        begin("workbook")
        assert stream.getvalue() == ""
        begin("PDF")
    assert [line.split(":")[0] for line in stream.getvalue().splitlines()] == ["workbook", "PDF"]


def test_an_error_fails_the_step_that_it_broke():
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), steps(LineProgress(stream)) as begin:
        begin("workbook")
        begin("PDF")
        raise ZeroDivisionError
    first, second = stream.getvalue().splitlines()
    assert "failed" not in first and "failed" in second


def test_silence():
    with Silent().step("x"):
        Silent().note("y")
