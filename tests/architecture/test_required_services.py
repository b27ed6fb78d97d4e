"""Where every service was installed on purpose, a browser test that skips for want of one is a failure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
TEST = """
import pytest

@pytest.mark.browser
def test_the_page(chromium):
    pass

def test_skipped_for_another_reason():
    pytest.skip("no recorded data here")
"""


def outcome(folder: Path, **environment: str) -> tuple[int, str]:
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "test_page.py").write_text(TEST)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = browser: drives a real headless Chromium\n")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
    # No command is found on this path, Chromium included.
    bare = {name: value for name, value in os.environ.items() if name != "FLATBOOK_REQUIRE_SERVICES"} | {"PATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=bare | environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout


def test_without_chromium_the_page_is_skipped_and_says_how_to_get_it(tmp_path):
    status, report = outcome(tmp_path)
    assert status == 0
    assert "make browser" in report
    assert "2 skipped" in report


def test_where_services_are_required_the_same_skip_is_a_failure_and_other_skips_are_not(tmp_path):
    status, report = outcome(tmp_path, FLATBOOK_REQUIRE_SERVICES="1")
    assert status == 1
    assert "may not be skipped with FLATBOOK_REQUIRE_SERVICES=1" in report
    assert "1 skipped, 1 error" in report
