"""Puts the built web UI into wheel and sdist, so that who installs `orderlog` needs no Node."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INDEX = "platform/orderlog_server/web/index.html"


class WebHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the builder's signature
        """Builds `frontend/`, unless a build is there or nobody wants one."""
        if version == "editable" or Path(self.root, INDEX).exists():
            return
        if npm := shutil.which("npm"):
            for arguments in (["ci"], ["run", "build"]):
                subprocess.run([npm, *arguments], cwd=Path(self.root, "frontend"), check=True)
        elif os.environ.get("ORDERLOG_WEB") == "require":
            raise RuntimeError("ORDERLOG_WEB=require, but npm (Node 20.19 or newer) is not here")
        else:
            self.app.display_warning("npm is not here: this package will carry no web UI")
