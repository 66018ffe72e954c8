"""The Chromium or Chrome that this machine has."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ON_A_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HOW_TO_GET_ONE = (
    "Browser tests need Chromium or Chrome: `apt-get install chromium`, `brew install --cask chromium`, or say where "
    "it is with CHROME_PATH."
)


def find() -> str | None:
    """Return the path of the browser; None when there is none."""
    if named := os.environ.get("CHROME_PATH"):
        return named if Path(named).exists() else None
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and sys.platform == "darwin":
        found = next((path for path in ON_A_MAC if Path(path).exists()), None)
    return found


def arguments() -> list[str]:
    """Return how it is started: the same letters on every machine, and nothing in the background."""
    return [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-lcd-text",
        "--disable-quic",
        "--disable-sync",
        "--font-render-hinting=none",
        "--no-first-run",
        # Chromium refuses its own sandbox to root, as in a container.
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
