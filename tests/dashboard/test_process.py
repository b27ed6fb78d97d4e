"""The screen as a child of the desk."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from flatbook.basics import InputFault
from flatbook.dashboard import answers, screen_url, start_screen, stop_screen
from flatbook.dashboard.process import KEY_VARIABLE, parsed_address


def get(url: str, **headers: str):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        urllib.request.Request(url, headers=headers), timeout=5
    ) as answer:
        return json.load(answer)


def test_the_screen_answers_with_the_desks_snapshot(fake_desk):
    snapshot = fake_desk.publish(4)
    deadline = time.monotonic() + 5
    while get(f"{fake_desk.url}/healthz")["sequence"] != snapshot.sequence:
        assert time.monotonic() < deadline
    told = get(f"{fake_desk.url}/snapshot.json?sequence={snapshot.sequence}")
    assert told["pnl_usd"] == snapshot.pnl_usd
    assert told["underlyings"][0]["delta"] == snapshot.underlyings[0].delta
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{fake_desk.url}/snapshot.json?sequence=1")


def test_a_page_that_calls_itself_by_another_name_is_turned_away(fake_desk):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        get(f"{fake_desk.url}/snapshot.json", Host="evil.example")


def test_a_taken_port_is_one_clear_sentence(server):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputFault, match=rf"screen port 127.0.0.1:{port}: is taken by another program; stop that program"):
            start_screen(server, port)
        alone = subprocess.run(
            [sys.executable, "-m", "flatbook.dashboard", "--address", "127.0.0.1:1", "--port", str(port)],
            env={**os.environ, KEY_VARIABLE: "00"},
            capture_output=True,
            text=True,
        )
    assert alone.returncode == 2
    assert "is taken by another program" in alone.stderr
    assert "Traceback" not in alone.stderr


def test_a_screen_without_a_key_says_where_it_comes_from(free_port):
    env = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    command = [sys.executable, "-m", "flatbook.dashboard", "--address", "127.0.0.1:1", "--port", str(free_port)]
    told = subprocess.run(command, env=env, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr == "FLATBOOK_SCREEN_KEY: is missing or not hexadecimal; start the screen from its desk, which sets it.\n"


@pytest.mark.parametrize("text", ["", "8710", "host:", "host:0", "host:99999", "host:x"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InputFault, match="is not an address"):
        parsed_address(text)


def test_addresses_are_ports_or_paths():
    assert parsed_address("127.0.0.1:40123") == ("127.0.0.1", 40123)
    assert parsed_address("/run/desk.sock") == "/run/desk.sock"


def test_stopping_the_screen_frees_its_port(server, free_port):
    screen = start_screen(server, free_port)
    assert answers(screen_url(free_port), 20)
    stop_screen(screen)
    assert screen.returncode is not None
    assert not answers(screen_url(free_port), 0.1)
    stop_screen(start_screen(server, free_port))


def test_a_killed_desk_takes_its_screen_with_it(free_port):
    desk = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; from flatbook.dashboard import *\n"
            "server = SnapshotServer(('127.0.0.1', 0), b'key')\n"
            f"start_screen(server, {free_port}); time.sleep(60)",
        ]
    )
    assert answers(screen_url(free_port), 20)
    desk.send_signal(signal.SIGKILL)
    desk.wait()
    deadline = time.monotonic() + 10
    while answers(screen_url(free_port), 0):
        assert time.monotonic() < deadline, "the screen outlived its desk"
        time.sleep(0.1)


def test_the_desk_loads_no_web_framework_for_its_screen():
    code = "import sys, flatbook.dashboard; sys.exit(any(name in sys.modules for name in ('nicegui', 'fastapi', 'uvicorn')))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
