"""The mail of one notice, or of several that go together, as it is now: in its reader's language and zone."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from accounts import languages, letters, stopping, text, zones
from accounts.letters import Foot, Letter, Mail
from accounts.models import Notice, User
from accounts.models.mail import Sort
from accounts.notices.kinds import Unwanted, attachments_of, family_of, is_gathering, sort_of
from accounts.notices.rows import message_id


@contextmanager
def speaking_to(notice: Notice) -> Iterator[None]:
    """The reader's language and zone, for as long as their mail is written."""
    member = notice.member
    language = languages.of_pages(member.language if member else notice.context.get("language", ""))
    with translation.override(language), timezone.override(zones.known_or_utc(member.time_zone if member else "UTC")):
        yield


def rendered(notice: Notice) -> Mail | Letter:
    """Return what a notice says now. Raises Unwanted, and whatever its renderer raises."""
    if notice.member and not notice.member.is_active:
        raise Unwanted
    family, _kind = family_of(notice.kind)
    with speaking_to(notice):
        return family.renderer(notice)


def message(leader: Notice, said: list[tuple[Notice, Mail | Letter]]) -> EmailMultiAlternatives:
    """Return the mail that says all of `said` (at least one), under the Message-ID of `leader`."""
    with speaking_to(leader):
        mail = _mail(leader, said)
        attachments = [each for notice, _one in said for each in attachments_of(notice)]
    made = EmailMultiAlternatives(
        # Names of people stand in subjects: no line break or control character of theirs reaches a header.
        subject=text.one_line(mail.subject),
        body=mail.text,
        to=[leader.address],
        headers={
            **{name: text.one_line(value) for name, value in mail.headers.items()},
            "Message-ID": message_id(leader.key),
            "Auto-Submitted": "auto-generated",
        },
    )
    if mail.html:
        made.attach_alternative(mail.html, "text/html")
    for each in attachments:
        made.attach(each.name, each.content, each.type)
    return made


def single(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail of one notice that goes by itself."""
    return message(notice, [(notice, rendered(notice))])


def _mail(leader: Notice, said: list[tuple[Notice, Mail | Letter]]) -> Mail:
    member = leader.member
    if len(said) == 1 and not is_gathering(leader):
        [(notice, one)] = said
        sort = sort_of(notice)
        if isinstance(one, Mail):
            if sort is not Sort.ALWAYS:
                raise TypeError(f"{notice.kind} can be stopped: its renderer returns a Letter, which gets the links.")
            return one
        if member is None:
            raise TypeError(f"{notice.kind} is a letter, and has no member to read it.")
        return letters.render(one, reader=member, foot=None if sort is Sort.ALWAYS else foot_for(member, {sort}))
    several = [one for _notice, one in said if isinstance(one, Letter)]
    if member is None or len(several) != len(said):
        raise TypeError("Only letters to a member go together.")
    sorts = {str(sort_of(notice)) for notice, _one in said}
    if is_gathering(leader):
        return letters.render_digest(several, reader=member, foot=foot_for(member, sorts | {stopping.WEEKLY}))
    return letters.render_together(several, reader=member, foot=foot_for(member, sorts))


def foot_for(member: User, sorts: Collection[str]) -> Foot:
    """Return where this member changes and stops mails of these sorts."""
    token = stopping.token_for(member.pk, {str(sort) for sort in sorts})
    return Foot(
        change_url=f"{settings.SITE_URL}{reverse('emails')}",
        stop_url=f"{settings.SITE_URL}{reverse('emails_stop', args=[token])}",
    )
