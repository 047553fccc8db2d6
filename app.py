"""The web app's door: reads the settings and serves the page."""

from __future__ import annotations

import sys

from kb.config import load_config
from kb.errors import KBError
from kb.ui.server import serve


def main() -> None:
    """Serve until stopped; a KBError ends the program with its sentence and exit status 1."""
    try:
        serve(load_config())
    except KBError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
