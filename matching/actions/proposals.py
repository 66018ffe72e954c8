"""A member introduces two others who both say yes: each verb asks the table of matching.proposing under three locks.

Why two cannot be proposed to each other is nobody's business but theirs: there is one sentence for it, whatever it is.
A question that cannot be answered any more says no more than that, either.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Block, Profile, User
from accounts.rules import PRESSED_TWICE, Refused, constraints_speak
from matching import proposal_letters as letters
from matching.actions import introductions
from matching.actions.introductions import refuse_if_pausing, refuse_whom_nobody_knows
from matching.actions.pairs import lock_members
from matching.models import Candidate, Introduction, Proposal, ProposalChoice
from matching.proposing import NOBODY, Answer, Move, Party, State, after

LAPSES_AFTER = dt.timedelta(days=14)
AGAIN_AFTER = dt.timedelta(days=90)
MOST_OPEN = 3


def acquaintances(member: User) -> list[Profile]:
    """Return whom the member can introduce: those whom they see, and with whom they talk or have talked. By name."""
    met = Introduction.objects.visible_to(member).accepted()
    pairs = met.order_by().values_list("inviter_id", "invited_id")
    ids = {pk for pair in pairs for pk in pair} - {member.pk}
    return list(Profile.objects.others_for(member).filter(pk__in=ids).order_by("name", "pk"))


def propose(*, by: User, one_id: int, other_id: int, note: str, other_note: str = "") -> Proposal:
    """Ask two members whom `by` knows whether they would like to meet, each with a note; without a second, with one.

    The same once more, as a double click sends it, gives the proposal that is there.
    """
    notes = {one_id: note, other_id: other_note or note}
    with constraints_speak(), transaction.atomic():
        people = lock_members(by.pk, one_id, other_id)
        now = clock.now()
        refuse_whom_nobody_knows(by)
        known = {profile.pk for profile in acquaintances(by)}
        if one_id == other_id:
            raise Refused(_("Choose two different people."))
        if not {one_id, other_id} <= known & set(people):
            raise Refused(_("You can introduce people with whom you talk here, or have talked, and who are here now."))
        me, (first, second) = people[by.pk], sorted((people[one_id], people[other_id]), key=lambda user: user.pk)
        asked = Proposal(proposer=me, first=first, second=second, first_note=notes[first.pk])
        asked.second_note = notes[second.pk]
        if same := _pressed_twice(asked, now):
            return same
        refuse_if_pausing(me, now)
        _refuse_too_many(me, now)
        _refuse_what_cannot_be(first, second, now)
        asked.asked_at, asked.lapses_at = now, now + LAPSES_AFTER
        asked.save()
        letters.queue_questions(asked)
    return asked


def answer(*, by: User, proposal_id: int, says: Answer) -> Proposal:
    """Say yes or not now, for oneself. A second yes is a meeting; a "not now" may become a yes, and a yes a "not now".

    The same answer again changes nothing.
    """
    move = Move.YES if says is Answer.YES else Move.NO
    with constraints_speak(), transaction.atomic():
        proposal = _hold(by, proposal_id)
        party, now = proposal.party_of(by), clock.now()
        if party is Party.PROPOSER:
            raise Refused(_not_open())
        is_known = proposal.answer_of(by) is says
        if is_known and (proposal.state == State.MET or not proposal.has_run_out(now)):
            return proposal
        to = after(proposal.standing_at(now), move, party)
        if to is None or not Proposal.objects.open_to(by).filter(pk=proposal.pk).exists():
            raise Refused(_they_met(by, proposal) if proposal.state == State.MET else _not_open())
        if says is Answer.YES:
            _refuse_who_talk_already(by, proposal, now)
        setattr(proposal, f"{party}_answer", says)
        setattr(proposal, f"{party}_answered_at", now)
        if to.state is State.MET:
            proposal.state, proposal.ended_at = State.MET, now
            proposal.introduction = introductions.introduce(one=proposal.first, other=proposal.second, now=now)
            letters.queue_meeting(proposal, by=by)
        proposal.save()
    return proposal


def withdraw(*, by: User, proposal_id: int) -> Proposal:
    """Take a proposal back that has not led to a meeting. No mail tells of it. Doing it twice changes nothing."""
    with constraints_speak(), transaction.atomic():
        proposal = _hold(by, proposal_id)
        now = clock.now()
        if proposal.state == State.WITHDRAWN:
            return proposal
        if after(proposal.standing_at(now), Move.WITHDRAWN, proposal.party_of(by)) is None:
            if proposal.state == State.MET:
                raise Refused(_("They have both said yes, and can talk now."))
            raise Refused(_("It has lapsed already."))
        proposal.state, proposal.ended_at = State.WITHDRAWN, now
        proposal.save(update_fields=["state", "ended_at"])
    return proposal


def choose(*, by: User, may_be_proposed: bool) -> None:
    """Say whether others may introduce one. What is asked already stays."""
    with transaction.atomic():
        lock_members(by.pk)
        ProposalChoice.objects.update_or_create(member=by, defaults={"may_be_proposed": may_be_proposed})


def lapse_all() -> int:
    """Mark those whose time is over, each on its own; return how many there were. Safe to run twice."""
    due = Proposal.objects.filter(state=State.ASKED, lapses_at__lte=clock.Now())
    lapsed = 0
    for pk, *ids in list(due.values_list("pk", "proposer_id", "first_id", "second_id")):
        with transaction.atomic():
            lock_members(*ids)
            proposal = due.filter(pk=pk).first()
            if proposal:
                _lapse(proposal)
                lapsed += 1
    return lapsed


def _hold(by: User, proposal_id: int) -> Proposal:
    """Lock the three of a proposal and return it as it is then. Raises Refused if `by` does not see it any more."""
    ids = Proposal.objects.filter(pk=proposal_id).values_list("proposer_id", "first_id", "second_id").first()
    people = lock_members(*ids) if ids else {}
    proposal = Proposal.objects.visible_to(by).filter(pk=proposal_id).first()
    if proposal is None or len(people) < 3:
        raise Refused(_not_open())
    proposal.proposer, proposal.first, proposal.second = (
        people[pk] for pk in (proposal.proposer_id, proposal.first_id, proposal.second_id)
    )
    return proposal


def _lapse(proposal: Proposal) -> None:
    """It ended when its time was over, not when somebody noticed."""
    assert after(proposal.standing, Move.LAPSED, NOBODY)
    proposal.state, proposal.ended_at = State.LAPSED, proposal.lapses_at
    proposal.save(update_fields=["state", "ended_at"])


def _pressed_twice(asked: Proposal, now: dt.datetime) -> Proposal | None:
    same = Proposal.objects.filter(proposer=asked.proposer, first=asked.first, second=asked.second)
    notes = {"first_note": asked.first_note, "second_note": asked.second_note}
    return same.filter(**notes, asked_at__gt=now - PRESSED_TWICE).first()


def _refuse_too_many(me: User, now: dt.datetime) -> None:
    mine = Proposal.objects.filter(proposer=me, state=State.ASKED, lapses_at__gt=now)
    if mine.count() >= MOST_OPEN:
        raise Refused(
            _("You have asked for %(count)d pairs, and wait for their answers. See what comes of these first.")
            % {"count": MOST_OPEN}
        )


def _refuse_what_cannot_be(first: User, second: User, now: dt.datetime) -> None:
    """Refuse with one sentence, whether they talk already, were asked lately, would rather not, are blocked, or one has
    as many partners as they can keep: then nobody new is brought to them, by invitation or otherwise."""
    asked = Proposal.objects.between(first, second)
    if (
        introductions.open_between(first, second, now)
        or asked.filter(Q(asked_at__gt=now - AGAIN_AFTER) | Q(state=State.ASKED, lapses_at__gt=now)).exists()
        or ProposalChoice.objects.filter(member__in=[first, second], may_be_proposed=False).exists()
        or Candidate.objects.filter(pk__in=[first.pk, second.pk], is_full=True).exists()
        or Block.objects.filter(Q(blocker=first, blocked=second) | Q(blocker=second, blocked=first)).exists()
    ):
        raise Refused(_("You cannot introduce these two now."))
    for proposal in asked.filter(state=State.ASKED):
        _lapse(proposal)


def _refuse_who_talk_already(by: User, proposal: Proposal, now: dt.datetime) -> None:
    """Who is asked knows of an invitation between the two: it is theirs."""
    other = proposal.other(by)
    standing = introductions.open_between(by, other, now)
    if standing is None:
        return
    name = {"name": other.profile.first_name}
    if standing.state == introductions.State.ACCEPTED:
        raise Refused(_("You and %(name)s are talking already.") % name, leads_to=standing.get_absolute_url())
    raise Refused(
        _("There is an invitation between you and %(name)s already: go on from there.") % name,
        leads_to=standing.get_absolute_url(),
    )


def _not_open() -> str:
    return _("This question is not open any more.")


def _they_met(by: User, proposal: Proposal) -> str:
    return _("You and %(name)s have both said yes, and can talk now.") % {"name": proposal.other(by).profile.first_name}
