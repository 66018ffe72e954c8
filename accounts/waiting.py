"""What waits for a member. Each app says what it has; home shows it."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: a sentence, the path where it is done, and since when it has waited."""

    text: str
    url: str
    since: dt.datetime
