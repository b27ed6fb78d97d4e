"""`python -m flatbook.dashboard`: the screen's process. Key in FLATBOOK_SCREEN_KEY, as hexadecimal."""

import argparse
import os
import sys

from flatbook.basics import InputFault
from flatbook.dashboard.client import SnapshotClient
from flatbook.dashboard.process import (
    KEY_VARIABLE,
    PORT_TAKEN_CODE,
    leave_with_parent,
    parsed_address,
    require_free_port,
)


def main() -> None:
    """Show the desk at --address on http://HOST:PORT until stopped."""
    chosen = _arguments()
    try:
        client = SnapshotClient(parsed_address(chosen.address), _key())
        require_free_port(chosen.host, chosen.port)
    except InputFault as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(PORT_TAKEN_CODE) from None
    if chosen.parent:
        leave_with_parent(chosen.parent)
    from flatbook.dashboard.app import serve  # the web framework is loaded only once nothing else is wrong

    serve(client, chosen.host, chosen.port)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m flatbook.dashboard", description="The screen of a running desk.")
    parser.add_argument("--address", required=True, help="the desk's channel: HOST:PORT or the path of a socket")
    parser.add_argument("--port", type=int, default=8710, help="where browsers find the page (default 8710)")
    parser.add_argument("--host", default="127.0.0.1", help="the interface to listen on (default 127.0.0.1: this machine only)")
    parser.add_argument("--parent", type=int, default=0, help="leave when this process is no longer the parent")
    return parser.parse_args()


def _key() -> bytes:
    try:
        key = bytes.fromhex(os.environ.get(KEY_VARIABLE, ""))
    except ValueError:
        key = b""
    if not key:
        raise InputFault(
            "is missing or not hexadecimal", where=KEY_VARIABLE, remedy="start the screen from its desk, which sets it"
        )
    return key


if __name__ == "__main__":
    main()
