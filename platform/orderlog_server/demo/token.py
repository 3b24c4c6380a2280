"""The token that the demo hands out: for the one who started it, in links of this machine."""

from typing import Final

from orderlog_server.auth.issuing import Wanted, ensure_key, issue
from orderlog_server.settings import Settings

DEMO_TOKEN_SECONDS: Final = 12 * 3_600


def demo_token(settings: Settings) -> str:
    """By a key of the demo's own, which is fresh as its log is."""
    ensure_key(settings)
    wanted = Wanted(
        kind="staff",
        subject="demo",
        roles=["admin"],
        channels=["*"],
        seconds=settings.token_seconds_max,
    )
    return issue(wanted, settings).text
