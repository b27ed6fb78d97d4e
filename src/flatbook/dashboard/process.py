"""The screen as a child of the desk: started, found, stopped, and never left behind.

The child watches its parent: when the desk is gone, however it went, the screen leaves within seconds.
"""

import contextlib
import errno
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from urllib.error import URLError

from flatbook.basics import InputFault
from flatbook.dashboard.channel import Address, SnapshotServer

KEY_VARIABLE = "FLATBOOK_SCREEN_KEY"
PORT_TAKEN_CODE = 2


def screen_url(port: int, host: str = "127.0.0.1") -> str:
    """Where a person finds the page."""
    return f"http://{host}:{port}"


def start_screen(server: SnapshotServer, port: int, host: str = "127.0.0.1") -> subprocess.Popen[bytes]:
    """Start the screen of the desk behind `server` on `port`; returns at once, the page answers a second or two later.

    Raises InputFault when the port is taken.
    """
    require_free_port(host, port)
    command = [sys.executable, "-m", "flatbook.dashboard", "--address", address_text(server.address)]
    command += ["--port", str(port), "--host", host, "--parent", str(os.getpid())]
    # A session of its own: Ctrl-C in the terminal is the desk's to hear, and the desk then stops its screen.
    return subprocess.Popen(
        command,
        env={**os.environ, KEY_VARIABLE: server.authkey.hex()},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop_screen(process: subprocess.Popen[bytes], patience_s: float = 3.0) -> None:
    """Ask the screen to leave, and end it when it does not."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(url: str, patience_s: float) -> bool:
    """Whether a screen answers at `url` within `patience_s` seconds."""
    deadline = time.monotonic() + patience_s
    # An environment's proxy has no business between a desk and its own screen.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with opener.open(f"{url}/healthz", timeout=1.0) as answer:
                return answer.status == 200
        except (URLError, OSError):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)


def require_free_port(host: str, port: int) -> None:
    """Raise InputFault when `host`:`port` cannot be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            remedy = "stop that program or choose another port with --port"
            raise InputFault(reason, where=f"screen port {host}:{port}", remedy=remedy) from None


def address_text(address: Address) -> str:
    """`127.0.0.1:40123`, or the path of a local socket."""
    return address if isinstance(address, str) else f"{address[0]}:{address[1]}"


def parsed_address(text: str) -> Address:
    """The address a text names; raises InputFault when it names none."""
    if "/" in text:
        return text
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InputFault("is not an address", where=f"--address {text!r}", remedy="give HOST:PORT or the path of a socket")
    return host, int(port)


def leave_with_parent(parent: int) -> None:
    """End this process within a second or so of `parent` ceasing to be its parent."""
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    # The desk is gone and nobody will read a goodbye: leave without waiting for browsers to hang up.
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(0)
