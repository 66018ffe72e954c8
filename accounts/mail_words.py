"""What will happen to a member's mails, said in sentences."""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from accounts import moments, zones
from accounts.models import MailChoices, User
from accounts.models.mail import CHOSEN, Choice, Sort
from accounts.notices import routing


def in_words(member: User, choices: MailChoices | None, *, now: dt.datetime) -> list[str]:
    """Return what happens to the member's mails from now on: one to five sentences, times on their own clock."""
    zone = zones.known_or_utc(member.time_zone)
    choices = choices or MailChoices(member=member)
    said = []
    begins = routing.resumes_at(choices, zone=zone)
    if begins and begins > now:
        said.append(
            _("Until %(day)s you get no mail. What is still worth knowing then comes in one mail, at %(time)s.")
            % {"day": _day(begins), "time": _time(begins)}
        )
    at_once = [sort for sort in CHOSEN if choices.of(sort) is Choice.NOW]
    if at_once:
        said.append(_("Mails about %(sorts)s come at once.") % {"sorts": names(at_once)})
    if choices.digested:
        due = routing.next_digest(choices, zone=zone, after=max(now, begins) if begins else now)
        said.append(
            _("Mails about %(sorts)s come in one mail a week, if there is anything: next on %(day)s at %(time)s.")
            % {"sorts": names(choices.digested), "day": _day(due), "time": _time(due)}
        )
    if off := [sort for sort in CHOSEN if choices.of(sort) is Choice.OFF]:
        said.append(_("You get no mails about %(sorts)s.") % {"sorts": names(off)})
    if choices.quiet_from and choices.quiet_until:
        said.append(
            _("From %(begins)s until %(ends)s nothing comes; it waits for %(ends)s.")
            % {"begins": f"{choices.quiet_from:%H:%M}", "ends": f"{choices.quiet_until:%H:%M}"}
        )
        if moments.quiet_around(zone, choices.quiet_from, choices.quiet_until, now):
            said.append(_("That is now."))
    return said


def names(sorts: list[Sort]) -> str:
    """Return the sorts as one says them: “meetings and check-ins”."""
    return get_text_list([str(sort.label) for sort in sorts], _("and"))


def in_short(choices: MailChoices | None, *, today: dt.date) -> str:
    """Return how mails come, in a few words for a list."""
    if choices is None:
        return _("All come at once")
    if choices.resumes_on and choices.resumes_on > today:
        return _("No mail until %(day)s") % {"day": date_format(choices.resumes_on, "j F Y")}
    ways = {choice: [sort for sort in CHOSEN if choices.of(sort) is choice] for choice in Choice}
    if len(ways[Choice.NOW]) == len(CHOSEN):
        return _("All come at once")
    if len(ways[Choice.OFF]) == len(CHOSEN):
        return _("Only those about your account and what you signed")
    parts = [
        said % {"sorts": names(ways[choice])}
        for choice, said in ((Choice.DIGEST, _("once a week: %(sorts)s")), (Choice.OFF, _("none about %(sorts)s")))
        if ways[choice]
    ]
    return capfirst("; ".join(parts))


def _day(at: dt.datetime) -> str:
    return date_format(timezone.localtime(at), "l j F")


def _time(at: dt.datetime) -> str:
    return date_format(timezone.localtime(at), "H:i")
