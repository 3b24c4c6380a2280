"""`orderlog import online-retail FILE`: a real shop's invoices as orders, and the proof of it.

`rows` reads the file, `plan` turns it into steps, `run` sends these as commands, `reconcile` says
what became of each row.
"""

from orderlog_server.imports.online_retail.report import ImportReport
from orderlog_server.imports.online_retail.rows import ImportFileError
from orderlog_server.imports.online_retail.run import ImportStopped
from orderlog_server.imports.online_retail.session import run_import

__all__ = ["ImportFileError", "ImportReport", "ImportStopped", "run_import"]
