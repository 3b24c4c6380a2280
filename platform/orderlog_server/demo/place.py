"""Where a demo keeps its database: a file of its own for each port, fresh at every start."""

import shutil
from pathlib import Path
from typing import Final

FOLDER: Final = Path(".orderlog-demo")


def fresh_database_url(port: int) -> str:
    """An empty place beneath the current folder; what a demo on this port left there is gone.

    Whoever listens on the port owns the place, so that two demos never share one.
    """
    place = FOLDER / str(port)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return f"sqlite:///{place / 'orderlog.db'}"
