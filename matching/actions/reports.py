"""A member tells staff that something is wrong, and staff answer. Who was reported never learns of it."""

import datetime as dt

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Goal, Listing, Profile, User
from accounts.rules import PRESSED_TWICE, Refused
from accounts.showing import profile_for_others
from matching import report_letters as letters
from matching.actions.pairs import lock_members
from matching.models import Introduction, Message, Report

MOST_A_DAY = 5
COPIED_MESSAGES = 20
STAYS_FOR = dt.timedelta(days=365)
State = Report.State


def report_member(*, by: User, member: User, reason: str, words: str = "") -> Report:
    """Report what a member shows of themselves."""
    return _report(by, member, Report(about=Report.About.PROFILE), reason, words, copy=_profile(member, by))


def report_conversation(*, by: User, introduction: Introduction, reason: str, words: str = "") -> Report:
    """Report an invitation or a conversation of one's own: how it began, and the last of what was written."""
    about = Report(about=Report.About.CONVERSATION, introduction=introduction)
    return _report(by, introduction.other(by), about, reason, words, copy=_conversation(introduction, by))


def report_message(*, by: User, message: Message, reason: str, words: str = "") -> Report:
    """Report one message of the other."""
    about = Report(about=Report.About.MESSAGE, introduction=message.introduction, message=message)
    return _report(by, message.author, about, reason, words, copy=_line(message.sent_at, _("They"), message.text))


def is_told_just_now(*, by: User, **about: int | str) -> bool:
    """Whether the very same button was pressed a moment ago; whom it is about may be blocked since."""
    return Report.objects.owned_by(by).filter(**about, reported_at__gt=clock.now() - PRESSED_TWICE).exists()


def take(*, by: User, report: Report) -> Report:
    """Staff look at it: who told us sees so. What is answered stays so."""
    with transaction.atomic():
        report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
        if report.state == State.OPEN:
            report.state, report.handled_by = State.LOOKED_AT, by
            report.save(update_fields=["state", "handled_by"])
    return report


def answer(*, by: User, report: Report, text: str) -> Report:
    """Answer the member who told us, by mail and on their page. An answer that went out stays as it is."""
    with transaction.atomic():
        report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
        if report.state == State.ANSWERED:
            if report.answer == text:
                return report
            raise Refused(_("Somebody has answered meanwhile. Their answer went out."))
        if not text:
            raise Refused(_("Write an answer to the member who told us."))
        report.state, report.answer, report.answered_at, report.handled_by = State.ANSWERED, text, clock.now(), by
        report.save(update_fields=["state", "answer", "answered_at", "handled_by"])
        letters.queue_answer(report)
    return report


def write_note(*, report: Report, text: str) -> None:
    """Keep a note that only staff read."""
    Report.objects.filter(pk=report.pk).update(staff_note=text)


def forget_answered() -> int:
    """Delete what was answered a year ago; return how many there were. Safe to run twice."""
    gone, _by_model = Report.objects.filter(answered_at__lt=clock.now() - STAYS_FOR).delete()
    return gone


def _report(by: User, reported: User, about: Report, reason: str, text: str, *, copy: str) -> Report:
    """Write it down; of two forms of one member one waits for the other, so that the limits hold."""
    with transaction.atomic():
        people = lock_members(by.pk, reported.pk)
        if reported.pk not in people:
            raise Refused(_("This member has left."))
        now = clock.now()
        mine = Report.objects.owned_by(by)
        same = {
            "reported": reported,
            "about": about.about,
            "introduction": about.introduction,
            "message": about.message,
        }
        if mine.waiting().filter(**same).exists():
            raise Refused(_("We have it already, and will answer you. If there is more to say, answer our mail then."))
        if mine.filter(reported_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY:
            raise Refused(
                _("You have told us of %(count)d things within a day. If it is urgent, write us a mail.")
                % {"count": MOST_A_DAY}
            )
        about.reporter, about.reported, about.reason, about.words = by, reported, reason, text
        about.copy, about.reported_at = copy, now
        about.save()
    return about


def _profile(member: User, by: User) -> str:
    """Return what a member's page says to `by`, who keeps the copy, as plain text."""
    is_introduced = Introduction.objects.are_introduced(by, member)
    theirs = profile_for_others(Profile.objects.get(member=member), is_introduced=is_introduced)
    lines = [theirs.name, theirs.headline, theirs.about]
    shown = {"is_introduced": is_introduced}
    lines += [goal.text for goal in Goal.objects.current().shown(**shown).filter(member=member)]
    for listing in Listing.objects.standing().shown(**shown).filter(member=member).select_related("topic"):
        lines.append(f"{listing.get_side_display()}: {listing.phrase}. {listing.words}".strip())
    return "\n".join(line for line in lines if line)


def _conversation(introduction: Introduction, by: User) -> str:
    """Return how it began and the last messages. Nobody is named, since it stays when one of the two leaves."""
    me, they = _("I"), _("They")
    lines = [
        _line(move.at, me if move.author_id == by.pk else they, move.text or f"({move.get_kind_display()})")
        for move in introduction.story.order_by("number")
    ]
    newest = Message.objects.filter(introduction=introduction).order_by("-pk")[:COPIED_MESSAGES]
    lines += [
        _line(message.sent_at, me if message.author_id == by.pk else they, message.text) for message in reversed(newest)
    ]
    return "\n".join(lines)


def _line(at: dt.datetime, who: str, text: str) -> str:
    return f"{date_format(at, 'Y-m-d H:i')} {who}: {text}"
