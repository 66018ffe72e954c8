"""The mails about proposals: two are asked, reminded once, and told when both said yes. Of a no there is no mail.

What is queued for one of the two depends on what that one has answered, and never on the other's answer.
"""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts import notices
from accounts.letters import Letter
from accounts.models import Notice, User
from accounts.notices import Unwanted
from matching.letters import exchange
from matching.lifecycle import State as IntroductionState
from matching.models import Introduction, Proposal
from matching.proposing import State

FAMILY = "proposal"
REMINDER_AFTER = dt.timedelta(days=7)
TELL_FOR = dt.timedelta(days=7)
REMIND_FOR = dt.timedelta(days=2)


def queue_questions(proposal: Proposal) -> None:
    """Write down that each of the two is to be asked, and reminded once."""
    for side, member in (("first", proposal.first), ("second", proposal.second)):
        _queue(proposal, f"{side}:asked", "asked", member, lasts=TELL_FOR)
        remind_at = proposal.asked_at + REMINDER_AFTER
        _queue(proposal, f"{side}:day7", "reminder", member, lasts=REMIND_FOR, due_at=remind_at)


def queue_meeting(proposal: Proposal, *, by: User) -> None:
    """Write down that the one of the two who said yes before `by`, and who brought it about, are to hear of it."""
    _queue(proposal, "met", "met", proposal.other(by), lasts=TELL_FOR)
    _queue(proposal, "done", "done", proposal.proposer, lasts=TELL_FOR)


def render(notice: Notice) -> Letter:
    """Render a notice of the family; unwanted where what it says is not so any more, or the reader does not see it."""
    kind, reader = notice.kind.partition(":")[2], notice.member
    proposal = Proposal.objects.with_people().filter(pk=notice.context["proposal"]).first()
    if reader is None or proposal is None:
        raise Unwanted
    if kind in ("asked", "reminder"):
        waits = Proposal.objects.open_to(reader).unanswered_by(reader).filter(pk=proposal.pk)
        if not waits.exists():
            raise Unwanted
        return (asked if kind == "asked" else reminder)(proposal, reader)
    if proposal.state != State.MET or not Proposal.objects.visible_to(reader).filter(pk=proposal.pk).exists():
        raise Unwanted
    return (met if kind == "met" else done)(proposal, reader)


def asked(proposal: Proposal, reader: User) -> Letter:
    """Somebody whom the reader knows asks whether they would like to meet a third."""
    return _question(
        proposal,
        reader,
        subject=_("%(proposer)s would like to introduce you to %(name)s") % _names(proposal, reader),
        last=_("Say yes or “not now”, as you like, without a reason. Only if you both say yes does either hear of it."),
    )


def reminder(proposal: Proposal, reader: User) -> Letter:
    """Half of the time is over, and the reader has not answered."""
    return _question(
        proposal,
        reader,
        subject=_("Would you like to meet %(name)s? %(proposer)s asked you a week ago") % _names(proposal, reader),
        last=_("Yes or “not now”: either is fine, and needs no reason. In a week it lapses by itself."),
    )


def met(proposal: Proposal, reader: User) -> Letter:
    """The other has said yes, too."""
    names = _names(proposal, reader)
    return Letter(
        subject=_("You and %(name)s can talk now") % names,
        heading=_("You and %(name)s can talk now") % names,
        paragraphs=(
            _("%(proposer)s proposed you two to each other, and you both said yes.") % names,
            _("Your conversation is open. Say hello: when could you two talk for half an hour?"),
        ),
        facts=exchange(reader, proposal.other(reader)),
        button=(_("Say hello"), _conversation(proposal, reader).get_absolute_url()),
        reason=_("You get this because %(proposer)s introduced you to %(name)s in Peermentor.") % names,
    )


def done(proposal: Proposal, reader: User) -> Letter:
    """Both said yes: who brought it about may be glad."""
    names = {"one": proposal.first.profile.name, "other": proposal.second.profile.name}
    return Letter(
        subject=_("%(one)s and %(other)s are talking") % names,
        heading=_("%(one)s and %(other)s are talking") % names,
        paragraphs=(
            _("You asked both whether they would like to meet, and both said yes. Their conversation is theirs now."),
            _("Thank you for thinking of them."),
        ),
        button=(_("Whom you introduced"), proposal.get_absolute_url()),
        reason=_("You get this because you introduced %(one)s and %(other)s in Peermentor.") % names,
    )


def _question(proposal: Proposal, reader: User, *, subject: str, last: str) -> Letter:
    names = _names(proposal, reader)
    return Letter(
        subject=subject,
        heading=_("Would you like to meet %(name)s?") % names,
        paragraphs=(_("%(proposer)s knows you both, and thinks that you two could help each other.") % names, last),
        facts=exchange(reader, proposal.other(reader)),
        quote=proposal.note_for(reader),
        quoted=_("%(proposer)s writes") % names,
        button=(_("Look and answer"), proposal.get_absolute_url()),
        reason=_("You get this because %(proposer)s, with whom you have talked in Peermentor, thought of you.") % names,
    )


def _names(proposal: Proposal, reader: User) -> dict[str, str]:
    return {"name": proposal.other(reader).profile.name, "proposer": proposal.proposer.profile.name}


def _conversation(proposal: Proposal, reader: User) -> Introduction:
    """Return what the two came to; unwanted once it is closed, or hidden by a block."""
    theirs = Introduction.objects.visible_to(reader).filter(state=IntroductionState.ACCEPTED)
    introduction = theirs.filter(proposal=proposal).first()
    if introduction is None:
        raise Unwanted
    return introduction


def _queue(
    proposal: Proposal, key: str, kind: str, to: User, *, lasts: dt.timedelta, due_at: dt.datetime | None = None
) -> None:
    context: dict[str, Any] = {"proposal": proposal.pk}
    notices.queue(
        key=f"{FAMILY}:{proposal.pk}:{key}",
        kind=f"{FAMILY}:{kind}",
        address=to.email,
        member=to,
        context=context,
        due_at=due_at,
        lasts=lasts,
    )
