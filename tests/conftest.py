"""What every test of the house may lean on: one hypothesis profile, and services that may not be missing quietly."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

# Set where every service is installed on purpose; there a test that skips for want of one has found a fault.
REQUIRE_SERVICES = os.environ.get("FLATBOOK_REQUIRE_SERVICES") == "1"

# Two shared cores make wall-clock deadlines a lottery; where results are recorded the examples are the same each time.
settings.register_profile(
    "flatbook", deadline=None, print_blob=True, derandomize=REQUIRE_SERVICES, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("flatbook")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if REQUIRE_SERVICES and report.skipped and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped with FLATBOOK_REQUIRE_SERVICES=1: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Debian's Chromium is; tests that need it skip, and say what to run, where it is not."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine: make browser")
    return path
