"""Meetings in words, on the wall clock of who reads, with the other's beside it."""

import datetime as dt
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from accounts import zones
from checkins.ledger import Given, Term
from checkins.series import Occurrence


def clock_time(local: dt.datetime) -> str:
    """Return a wall-clock time as pages and mails say it: 18:00."""
    return f"{local:%H:%M}"


def day_words(at: dt.datetime, now: dt.datetime, zone: str) -> str:
    """Return the day of an instant as one says it: “Today”, “Tomorrow”, or “Tuesday 24 November”."""
    day = at.astimezone(zones.clock_of(zone)).date()
    days = (day - now.astimezone(zones.clock_of(zone)).date()).days
    if days == 0:
        return _("Today")
    if days == 1:
        return _("Tomorrow")
    return date_format(day, _("l j F"))


def their_clock(one: Occurrence, zone: str, other_zone: str, name: str) -> str:
    """Return when it is for the other, where their clock shows another time; else nothing."""
    mine, theirs = one.local(zone), one.local(other_zone)
    if mine.replace(tzinfo=None) == theirs.replace(tzinfo=None):
        return ""
    words = {"name": name, "time": clock_time(theirs), "city": zones.city(other_zone), "day": date_format(theirs, "l")}
    if mine.date() == theirs.date():
        return _("%(time)s for %(name)s (%(city)s)") % words
    return _("%(day)s %(time)s for %(name)s (%(city)s)") % words


def both_clocks(one: Occurrence, zone: str, other_zone: str, name: str) -> str:
    """Return day and time on one's own clock, and the other's where it differs. No `other_zone`: only mine."""
    local = one.local(zone)
    said = _("%(day)s at %(time)s") % {"day": date_format(local, _("l j F")), "time": clock_time(local)}
    theirs = their_clock(one, zone, other_zone, name) if other_zone else ""
    return f"{said}; {theirs}" if theirs else said


def shift_words(one: Occurrence) -> str:
    """Say that the clocks go forward over the time of a meeting; empty for all others."""
    if not one.is_shifted:
        return ""
    said = one.row.moved_time if one.row and one.row.moved_time else one.rhythm.time
    words = {"said": f"{said:%H:%M}", "time": clock_time(one.local(one.zone)), "city": zones.city(one.zone)}
    return _("The clocks go forward in %(city)s that night: %(said)s does not exist there, so it is %(time)s.") % words


def usual_clock_words(one: Occurrence, zone: str) -> str:
    """Say that my clock shows another time than at the first meeting, since clocks have changed; else nothing."""
    if one.zone == zone or one.standing.value != "planned":
        return ""
    usual = one.rhythm.moment(one.rhythm.first_on).at.astimezone(zones.clock_of(zone))
    local = one.local(zone)
    if clock_time(usual) == clock_time(local):
        return ""
    words = {"time": clock_time(local), "usual": clock_time(usual)}
    return _("That is %(time)s for you instead of %(usual)s, because the clocks have changed.") % words


def amount_words(amount: Decimal | None, unit: str) -> str:
    """Return an amount without needless zeros, with its unit as people wrote it: “2.5 hours”; empty for None."""
    return "" if amount is None else f"{plain_number(amount)} {unit}".strip()


def plain_number(amount: Decimal) -> str:
    """Return a number without needless zeros, as the reader writes numbers: 2.5, or 2,5."""
    plain = f"{amount.normalize():f}"
    return number_format(plain, use_l10n=True) if "." in plain else plain


def help_words(each: Given, term: Term) -> str:
    """Return help in a few words: “2 hours, on 12 November”. What the receiver said of it comes first."""
    day = date_format(each.on, "j F")
    amount = amount_words(each.amount if each.confirmed is None else each.confirmed, term.unit)
    return _("%(amount)s, on %(day)s") % {"amount": amount, "day": day} if amount else _("on %(day)s") % {"day": day}
