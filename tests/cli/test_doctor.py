"""The doctor finds what is wrong, says what to do, and leaves nothing behind."""

import socket

import pytest

from flatbook.cli import checks, main


@pytest.fixture
def held_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def levels(findings) -> dict[str, str]:
    return {finding.what: finding.level for finding in findings}


def test_a_healthy_machine_has_no_problem_and_keeps_no_trace(tmp_path, held_port):
    found = levels(checks.examine(tmp_path / "var", held_port))
    assert found.pop("port") == "problem"
    assert "problem" not in found.values(), found
    assert list((tmp_path / "var").iterdir()) == []


def test_the_kernels_give_the_textbooks_number():
    finding = checks.kernels_agree()
    assert finding.level == "ok", finding


def test_a_port_that_somebody_holds_is_a_problem_with_a_way_out(held_port):
    finding = checks.port_is_free(held_port)
    assert finding.level == "problem"
    assert str(held_port) in finding.found
    assert "--port" in finding.remedy


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path):
    (tmp_path / "var").write_text("a file where a folder should be")
    finding = checks.examine(tmp_path / "var", 0)[4]
    assert (finding.what, finding.level) == ("durable writes", "problem")


def test_a_full_disk_is_a_problem_and_a_narrow_one_a_warning(tmp_path, monkeypatch):
    for free, level in ((1e8, "problem"), (1e9, "warning"), (1e11, "ok")):
        monkeypatch.setattr(checks.shutil, "disk_usage", lambda _place, free=free: type("Usage", (), {"free": free}))
        assert checks.disk_space(tmp_path / "not" / "made" / "yet").level == level


def test_a_clock_before_its_time_is_a_problem(monkeypatch):
    monkeypatch.setattr(checks.time, "time_ns", lambda: 1_000_000_000)
    assert checks.clock_is_sane().level == "problem"


def test_a_check_that_breaks_is_a_finding(monkeypatch):
    def broken():
        raise RuntimeError("no such instruction")

    monkeypatch.setattr(checks, "kernels_agree", broken)
    assert levels(checks.examine(checks.Path("."), 0))["kernels"] == "problem"


def test_the_table_names_the_problem_and_the_exit_code_says_so(tmp_path, held_port, capsys):
    with pytest.raises(SystemExit) as gone:
        main(["doctor", "--var", str(tmp_path), "--port", str(held_port)])
    assert gone.value.code == 1
    shown = capsys.readouterr().out
    assert "would not run here yet" in shown
    assert "port" in shown
