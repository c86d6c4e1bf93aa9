"""A browser is installed only where the system and the user's rights allow it."""

from __future__ import annotations

import platform
from collections.abc import Sequence

import pytest

from needs.cli import environment
from needs.cli.environment import install_browser
from needs.report import browser

pytestmark = pytest.mark.unit

DEBIAN = {"ID": "debian"}
MINT_DEBIAN = {"ID": "linuxmint", "ID_LIKE": "debian"}
UBUNTU = {"ID": "ubuntu", "ID_LIKE": "debian"}
ON_UBUNTU = {"ID": "pop", "ID_LIKE": "ubuntu debian"}
FEDORA = {"ID": "fedora"}


class Machine:
    """A machine that writes down what it is asked to run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch, self.ran = monkeypatch, list[list[str]]()
        self.codes: dict[str, int] = {}
        self.set(DEBIAN, root=True)
        monkeypatch.setattr(environment, "_quietly", self.run)

    def set(self, release: dict[str, str], *, root: bool, programs: tuple[str, ...] = ("apt-get",)):
        self.patch.setattr(platform, "freedesktop_os_release", lambda: release)
        self.patch.setattr(environment.os, "geteuid", lambda: 0 if root else 1000)
        self.patch.setattr(environment.shutil, "which", lambda p, **_: p if p in programs else None)

    def run(self, command: Sequence[str]) -> int:
        self.ran.append(list(command))
        return next((c for word, c in self.codes.items() if word in command), 0)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.mark.parametrize("release", [DEBIAN, MINT_DEBIAN])
def test_root_on_debian_gets_chromium(machine: Machine, release: dict[str, str]):
    machine.set(release, root=True)
    assert install_browser()
    assert [c[-1] for c in machine.ran] == ["update", "chromium"]
    assert all("sudo" not in c for c in machine.ran)


@pytest.mark.parametrize("release", [UBUNTU, ON_UBUNTU, FEDORA])
def test_other_systems_are_left_alone(machine: Machine, release: dict[str, str]):
    machine.set(release, root=True)
    assert not install_browser() and machine.ran == []


def test_sudo_is_used_only_where_it_asks_no_password(machine: Machine):
    machine.set(DEBIAN, root=False, programs=("apt-get", "sudo"))
    assert install_browser()
    assert all(c[:2] == ["sudo", "-n"] for c in machine.ran)
    machine.codes, machine.ran = {"true": 1}, []
    assert not install_browser()
    assert machine.ran == [["sudo", "-n", "true"]]


def test_user_without_sudo_is_left_alone(machine: Machine):
    machine.set(DEBIAN, root=False)
    assert not install_browser() and machine.ran == []


def test_step_that_fails_stops_the_installation(machine: Machine):
    machine.codes = {"update": 100}
    assert not install_browser() and len(machine.ran) == 1


def test_failure_is_told_with_its_mend_and_is_not_fatal(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("NEEDS_BROWSER", raising=False)
    monkeypatch.setattr(browser, "find_browser", lambda: None)
    monkeypatch.setattr(browser, "browser_fix", lambda: "do this")
    machine.codes = {"chromium": 100}
    assert environment.main(["browser"]) == 0
    assert "No PDF will be made. do this" in capsys.readouterr().out


def test_nothing_is_installed_where_the_user_named_a_browser(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("NEEDS_BROWSER", "none")
    assert environment.main(["browser"]) == 0
    assert machine.ran == [] and "NEEDS_BROWSER" in capsys.readouterr().out
