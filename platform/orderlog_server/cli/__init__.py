"""`orderlog`: serve, look into the log, rebuild read models, import. Says errors in a sentence.

Nothing heavy is imported before a command runs, so that `--help` is quick.
"""

from orderlog_server.cli.program import main

__all__ = ["main"]
