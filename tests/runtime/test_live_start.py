"""Where a live desk begins on a recording, and what it says when it comes back in another mode."""

import pytest

from flatbook.basics import InputFault
from flatbook.events import Pause
from flatbook.runtime import load_config, run_desk
from flatbook.runtime.live import open_desk
from flatbook.runtime.recovery import save


def test_a_simulated_market_begins_now_and_nowhere_else(tmp_path):
    with pytest.raises(InputFault, match="--start: a simulated market begins now"):
        run_desk(start_ns=1, headless=True, var=tmp_path / "var")
    assert not (tmp_path / "var").exists()


def test_a_desk_that_was_paused_comes_back_paused_and_says_so(tmp_path):
    settings, said = load_config(None), []
    opened = open_desk(settings, "simulated", None, tmp_path, said.append)
    opened.desk.turn([*opened.first, Pause("ann", "lunch")], opened.start_ns)
    save(opened.journal, opened.saved)
    opened.journal.close()
    assert said == []

    again = open_desk(settings, "simulated", None, tmp_path, said.append)
    again.journal.close()
    assert said[-1].startswith("It comes back paused: ann: lunch.")
