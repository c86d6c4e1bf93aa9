"""One run at a time, and a killed one holds nobody up."""

import os
import signal
import subprocess
import sys

import pytest

from needs.report.lock import locked
from needs.vocabulary.errors import BusyError, EnvironmentFault

pytestmark = pytest.mark.unit

HOLD = """
import sys, time
from pathlib import Path
from needs.report.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "study")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_is_refused_and_told_who_holds_the_lock(tmp_path, holder):
    with pytest.raises(BusyError, match=f"process {holder.pid}"), locked(tmp_path / "study"):
        pass


def test_another_report_is_not_held_up(tmp_path, holder):
    with locked(tmp_path / "other"):
        pass


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_the_lock_of_a_killed_run_is_taken_over(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with locked(tmp_path / "study"):
        pass


def test_the_lock_is_given_back_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "study"):
        raise ZeroDivisionError
    with locked(tmp_path / "study"):
        pass


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="--out"), locked(tmp_path / "file" / "study"):
        pass
