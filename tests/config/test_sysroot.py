"""System libraries come from the machine or from privately unpacked packages; nothing is installed."""

import subprocess

import pytest

from config import sysroot


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An unpacked Pango in a folder of this test."""
    folder = tmp_path / "sysroot"
    (folder / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
    (folder / "pango.done").write_text("")
    monkeypatch.setattr(sysroot, "place", lambda: folder)
    return folder


def test_unpacked_libraries_are_found_first_and_the_callers_stay(place, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/own")
    found = sysroot.environment()["LD_LIBRARY_PATH"].split(":")
    assert found == [str(place / "usr/lib/x86_64-linux-gnu"), "/opt/own"]


def test_a_machine_with_its_own_pango_keeps_its_library_path(place, monkeypatch):
    (place / "pango.done").unlink()
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    assert "LD_LIBRARY_PATH" not in sysroot.environment()
    assert not sysroot.is_unlinked()


def test_a_process_started_without_the_unpacked_libraries_is_started_again(place, monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    assert sysroot.is_unlinked()
    monkeypatch.setenv("LD_LIBRARY_PATH", sysroot.environment()["LD_LIBRARY_PATH"])
    assert not sysroot.is_unlinked()


def test_the_plan_of_apt_is_read_and_the_machines_c_library_stays(tmp_path, monkeypatch):
    plan = (
        "Inst libpango-1.0-0 (1.50.12+ds-1 Debian:12.11/stable [amd64])\n"
        "Inst libglib2.0-0 [2.74.6-1] (2.74.6-2+deb12u6 Debian-Security:12/stable [amd64])\n"
        "Inst libc6 (2.36-9+deb12u10 Debian:12.11/stable [amd64])\n"
        "Conf libpango-1.0-0 (1.50.12+ds-1 Debian:12.11/stable [amd64])\n"
    )
    apt = sysroot.Apt.__new__(sysroot.Apt)
    monkeypatch.setattr(apt, "output", lambda *_: plan)
    assert apt.needed(("libpango-1.0-0",)) == [
        ("libglib2.0-0", "2.74.6-2+deb12u6"),
        ("libpango-1.0-0", "1.50.12+ds-1"),
    ]


def test_without_apt_the_part_says_what_it_lacks(monkeypatch, tmp_path):
    monkeypatch.setattr(sysroot, "place", lambda: tmp_path)
    monkeypatch.setattr(sysroot, "is_provided", FalseOnce())
    monkeypatch.setattr(sysroot.shutil, "which", lambda name: None)
    said = []
    assert sysroot.provide("pango", said.append) is False
    assert "install Pango" in said[0]


def test_a_mirror_out_of_reach_is_a_sentence_and_no_crash(monkeypatch, tmp_path):
    monkeypatch.setattr(sysroot, "place", lambda: tmp_path)
    monkeypatch.setattr(sysroot, "is_provided", FalseOnce())
    monkeypatch.setattr(sysroot.shutil, "which", lambda name: f"/usr/bin/{name}")

    def refuse(part):
        raise subprocess.CalledProcessError(100, "apt-get", stderr="E: Unable to locate package chromium")

    monkeypatch.setattr(sysroot, "unpack", refuse)
    said = []
    assert sysroot.provide("chromium", said.append) is False
    assert "Unable to locate package" in said[-1]
    assert "mirror" in said[-1]


def test_a_folder_that_others_may_write_is_not_trusted(tmp_path):
    open_folder = tmp_path / "open"
    open_folder.mkdir()
    assert sysroot.is_ours(open_folder)
    open_folder.chmod(0o777)
    assert not sysroot.is_ours(open_folder)


class FalseOnce:
    """Stands for the cached question whether a part is there: it is not."""

    def __call__(self, part: str) -> bool:
        return False

    def cache_clear(self) -> None:
        """Nothing is kept."""
