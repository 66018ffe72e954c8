"""How dates and times read in English here: one way, on pages, in mails and for staff. 00:39, never 12:39 a.m."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
