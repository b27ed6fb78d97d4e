"""The web server around the page: local hosts only, no documentation pages, nothing fetched from anywhere."""

import os

import msgspec
from fastapi import Response
from nicegui import app, ui
from starlette.middleware.trustedhost import TrustedHostMiddleware

from flatbook.dashboard.client import SnapshotClient
from flatbook.dashboard.page import Desk, draw_page

FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#10151c"/>'
    '<path d="M5 20h6V9h4v11h12" fill="none" stroke="#62b0ff" stroke-width="3"/></svg>'
)


def serve(client: SnapshotClient, host: str, port: int) -> None:
    """Serve the page of the desk behind `client` until the process is told to stop."""
    # NiceGUI serves a mock when it believes itself under test; a screen that a test starts is a real one.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    desk = Desk(client)
    _guard(host)
    _facts(client)
    ui.page("/")(lambda: draw_page(desk))
    ui.run(
        host=host,
        port=port,
        title="flatbook",
        favicon=FAVICON,
        dark=True,
        reload=False,
        show=False,
        show_welcome_message=False,
        tailwind=False,
        binding_refresh_interval=None,
        message_history_length=200,
        uvicorn_logging_level="warning",
        timeout_graceful_shutdown=1,
    )


def _guard(host: str) -> None:
    """Answer only to our own names, so that no page from elsewhere can reach the buttons by renaming itself to us."""
    anywhere = host in ("0.0.0.0", "::", "")
    names = ["*"] if anywhere else ["127.0.0.1", "localhost", "[::1]", host]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=names)


def _facts(client: SnapshotClient) -> None:
    @app.get("/healthz")
    def healthz() -> Response:  # pyright: ignore[reportUnusedFunction]
        snapshot = client.latest()
        facts = {
            "connected": client.connected,
            "sequence": snapshot.sequence if snapshot else None,
            "age_s": round(client.age_s(), 3) if snapshot else None,
        }
        return _json(facts)

    @app.get("/snapshot.json")
    def snapshot_json(sequence: int | None = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        snapshot = client.latest() if sequence is None else client.at_sequence(sequence)
        if snapshot is None:
            return _json({"wrong": "no such snapshot is kept; ask for a later sequence"}, status=404)
        return _json(snapshot)


def _json(facts: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(facts), status, media_type="application/json")
