"""The mails about introductions and conversations. Each is queued with ids alone and reads the truth when sent."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts import clock, notices
from accounts.letters import Foot, Letter, Mail, render
from accounts.models import Block, Notice, User
from accounts.models.mail import Choice, Sort
from accounts.notices import Unwanted
from accounts.notices.rows import choices_of
from matching import refusal, words
from matching.lifecycle import Move, Side, State
from matching.models import Card, CardMail, Introduction, IntroductionMove, Message, Reading, RefusedAddress
from matching.ranking import rank_of
from matching.suggestions import describe

FAMILY = "introduction"
CARD = "card"
CONVERSATION = "conversation"

# The moves that the other is told of. Of a withdrawal, a lapse and a closing there is no word.
TELLING = {Move.SENT, Move.ASKED, Move.ANSWERED, Move.PROPOSED, Move.ACCEPTED, Move.DECLINED}
REMINDER_DAYS = (7, 12)
CARD_ANSWERED = "card_answered"
TELL_FOR = dt.timedelta(days=7)
REMIND_FOR = dt.timedelta(days=2)
BUNDLE_AFTER = dt.timedelta(minutes=10)
BUNDLE_LASTS = dt.timedelta(days=2)


def queue_move(introduction: Introduction, kind: Move, by: Side, *, letter: str | None = None) -> None:
    """Write down the mails that follow from a move, in its transaction; `letter` tells of it in place of its own."""
    key = f"{FAMILY}:{introduction.pk}:{introduction.moves}"
    context = {"introduction": introduction.pk, "move": introduction.moves}
    if kind in TELLING:
        name = letter or ("received" if kind is Move.SENT else str(kind))
        _queue(f"{key}", f"{FAMILY}:{name}", introduction.member(by.other), context, lasts=TELL_FOR)
    if introduction.state == State.SENT:
        for day in REMINDER_DAYS:
            _queue(
                f"{key}:day{day}",
                f"{FAMILY}:reminder",
                introduction.member(introduction.turn_of),
                {**context, "day": day},
                due_at=introduction.moved_at + dt.timedelta(days=day),
                lasts=REMIND_FOR,
            )


def queue_unread(introduction: Introduction, *, to: User, now: dt.datetime) -> None:
    """Write down that a mail is due about what is unread: one, however much is written until then."""
    read_up_to = _read_up_to(introduction, to)
    _queue(
        f"{CONVERSATION}:{introduction.pk}:{to.pk}:{read_up_to}:{now.date():%Y-%m-%d}",
        f"{CONVERSATION}:unread",
        to,
        {"introduction": introduction.pk},
        due_at=now + BUNDLE_AFTER,
        lasts=BUNDLE_LASTS,
    )


def render_introduction(notice: Notice) -> Letter:
    """Render a notice of the family `introduction`; unwanted once another move has come."""
    reader, introduction, move = _read(notice)
    if introduction.moves != notice.context["move"] or introduction.has_run_out(clock.now()):
        raise Unwanted
    return LETTERS[notice.kind.partition(":")[2]](introduction, move, reader)


def render_unread(notice: Notice) -> Letter:
    """Render the mail about unread messages; unwanted when there is none, or the conversation is closed."""
    reader, introduction, _move = _read(notice)
    other = introduction.other(reader).profile
    since = _read_up_to(introduction, reader)
    unread = Message.objects.filter(introduction=introduction, pk__gt=since).exclude(author=reader)
    count = unread.count()
    if not count or introduction.state != State.ACCEPTED:
        raise Unwanted
    about = {"name": other.first_name, "count": count}
    subject = ngettext("%(name)s has written to you", "%(name)s has written to you %(count)d times", count) % about
    return Letter(
        subject=subject,
        heading=subject,
        paragraphs=(
            ngettext(
                "There is a message from %(name)s that you have not read yet.",
                "There are %(count)d messages from %(name)s that you have not read yet.",
                count,
            )
            % about,
        ),
        button=(_("Read and answer"), introduction.get_absolute_url()),
        reason=_("You get this because you and %(name)s are talking in Peermentor. At most once a day.") % about,
    )


def render_card(notice: Notice) -> Mail:
    """Render the mail that brings somebody a card whose owner typed the address; unwanted once the card has ended.

    Nor is it wanted where the address is that of a member who is blocked either way, or wants no such mails. Of all
    that the owner learns nothing.
    """
    mail = CardMail.objects.select_related("card__owner__profile").filter(pk=notice.context.get("mail")).first()
    if mail is None or not Card.objects.shown().filter(pk=mail.card_id, seed=notice.context["seed"]).exists():
        raise Unwanted
    if RefusedAddress.objects.filter(address_sha256=mail.address_sha256).exists():
        raise Unwanted
    member = User.objects.filter(email__iexact=notice.address).first()
    if member:
        choices = choices_of(member)
        refuses = choices is not None and choices.of(Sort.INTRODUCTIONS) is Choice.OFF
        if refuses or not Card.objects.shown_to(member).filter(pk=mail.card_id).exists():
            raise Unwanted
    token = refusal.token_for(mail.address_sha256)
    foot = Foot(
        change_url="",
        stop_url=f"{settings.SITE_URL}{reverse('address_refuse', args=[token])}",
        stop_words=_("Never write to this address again"),
    )
    return render(card_letter(mail.card), reader=None, foot=foot)


def _queue(
    key: str,
    kind: str,
    to: User,
    context: dict[str, Any],
    *,
    lasts: dt.timedelta,
    due_at: dt.datetime | None = None,
) -> None:
    notices.queue(key=key, kind=kind, address=to.email, member=to, context=context, due_at=due_at, lasts=lasts)


def prepare(notices: list[Notice]) -> None:
    """Read the introductions of these, and the last move of each, in three queries."""
    ids = {notice.context.get("introduction") for notice in notices} - {None}
    found = Introduction.objects.with_people().in_bulk(ids)
    people = {pk for each in found.values() for pk in (each.inviter_id, each.invited_id)}
    blocks = set(Block.objects.filter(blocker__in=people, blocked__in=people).values_list("blocker", "blocked"))
    last = IntroductionMove.objects.filter(introduction__in=ids, number=F("introduction__moves")).order_by()
    moves = {move.introduction_id: move for move in last}
    for notice in notices:
        each = found.get(notice.context.get("introduction"))
        # As `visible_to` has it: those that the reader is part of, and none of a pair with a block either way.
        pair = (each.inviter_id, each.invited_id) if each else ()
        is_visible = notice.member_id in pair and not blocks & {pair, pair[::-1]}
        notice.prepared = (each, moves.get(each.pk)) if each and is_visible else (None, None)


def _read(notice: Notice) -> tuple[User, Introduction, IntroductionMove]:
    """Return the reader, the introduction and its last move; unwanted where the reader does not see it any more."""
    if notice.prepared is None:
        prepare([notice])
    introduction, move = notice.prepared
    if notice.member is None or introduction is None:
        raise Unwanted
    return notice.member, introduction, move


def _read_up_to(introduction: Introduction, member: User) -> int:
    reading = Reading.objects.filter(introduction=introduction, member=member)
    return reading.values_list("read_up_to", flat=True).first() or 0


# --- The letters -----------------------------------------------------------------------------------------------------


def received(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """An invitation has come: who, why the two, what they wrote."""
    other = introduction.other(reader)
    name = {"name": other.profile.name, "first": other.profile.first_name}
    return Letter(
        subject=_("%(name)s would like to talk with you") % name,
        heading=_("%(name)s invites you to talk") % name,
        paragraphs=(
            _("%(first)s thinks that you two could help each other, and asks whether you would like to find out.")
            % name,
            _("You can say yes, ask for more, propose another rhythm, or say “not now”. All of them are fine."),
        ),
        facts=(*exchange(reader, other), _rhythm(introduction)),
        quote=move.text,
        quoted=_("%(first)s writes") % name,
        button=(_("Look at the invitation"), introduction.get_absolute_url()),
        reason=_("You get this because %(name)s invited you in Peermentor.") % name,
    )


def asked(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """The invited would like to know more."""
    name = _name(introduction, reader)
    return _letter(
        introduction,
        move,
        subject=_("%(name)s would like to know more before saying yes") % name,
        paragraphs=(_("%(name)s has read your invitation and has a question.") % name,),
        button=_("Answer %(name)s") % name,
        name=name,
    )


def answered(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """The inviter has answered the question."""
    name = _name(introduction, reader)
    return _letter(
        introduction,
        move,
        subject=_("%(name)s has answered your question") % name,
        paragraphs=(_("Now it is your turn: yes, another question, another rhythm, or “not now”."),),
        button=_("Look at the answer"),
        name=name,
    )


def proposed(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """The other proposes another rhythm."""
    name = _name(introduction, reader)
    is_yes = introduction.rhythm_by == Side.INVITED
    return _letter(
        introduction,
        move,
        subject=_("%(name)s proposes another rhythm") % name,
        paragraphs=(
            (_("%(name)s would like to talk with you, in another rhythm. If it suits you, say yes.") % name)
            if is_yes
            else (_("%(name)s proposes another rhythm. Now it is your turn.") % name),
        ),
        facts=(_rhythm(introduction),),
        button=_("Look at the proposal"),
        name=name,
    )


def accepted(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """The other said yes: the conversation is open."""
    name = _name(introduction, reader)
    return _letter(
        introduction,
        move,
        subject=_("%(name)s said yes: you can talk now") % name,
        paragraphs=(
            _("Your conversation with %(name)s is open. There is a short list of what to talk through first.") % name,
        ),
        facts=(_rhythm(introduction),),
        button=_("Begin the conversation"),
        name=name,
    )


def card_answered(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """Somebody has answered the reader's card: the conversation is open."""
    name = _name(introduction, reader)
    return _letter(
        introduction,
        move,
        subject=_("%(name)s has answered your card: you can talk now") % name,
        paragraphs=(
            _(
                "Your conversation with %(name)s is open: you can both write. The card is used up, and its link shows "
                "nothing any more."
            )
            % name,
        ),
        facts=exchange(reader, introduction.other(reader)),
        button=_("Say hello"),
        name=name,
    )


def card_letter(card: Card) -> Letter:
    """A member sends their card to somebody they know, who may have no account."""
    name = {"name": card.owner.profile.name, "first": card.owner.profile.first_name}
    return Letter(
        subject=_("%(name)s would like to swap help with you") % name,
        heading=_("%(name)s would like to swap help with you") % name,
        paragraphs=(
            _(
                "%(name)s asked us to send you this. The card says what %(first)s has in mind. You can read it and "
                "answer without an account."
            )
            % name,
        ),
        quote=card.note,
        quoted=_("%(first)s writes") % name,
        button=(_("Read the card"), reverse("card_open", args=[card.token])),
        reason=_(
            "You hear from us only because %(name)s typed your address into Peermentor. We did not keep it for "
            "anything else: once this mail has gone it is deleted."
        )
        % name,
    )


def declined(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """The invited said "not now". A private reason is not in the move."""
    name = _name(introduction, reader)
    return Letter(
        subject=_("%(name)s says: not now") % name,
        heading=_("%(name)s says: not now") % name,
        paragraphs=(
            _("Thank you for asking. It takes some courage, and a “not now” is no judgement of you.") % name,
            _("Whoever else fits now, or comes later, stands on your list of partners."),
        ),
        quote=move.text,
        quoted=_("%(name)s writes") % name,
        button=(_("Look at partners"), reverse("partners")),
        reason=_("You get this because you invited %(name)s in Peermentor.") % name,
    )


def reminder(introduction: Introduction, move: IntroductionMove, reader: User) -> Letter:
    """Nothing has happened for some days, and it is the reader's turn."""
    name = _name(introduction, reader)
    ends = introduction.lapses_at
    days = max(1, round((ends - clock.now()) / dt.timedelta(days=1)))
    about = {**name, "days": days}
    return _letter(
        introduction,
        move,
        subject=_("%(name)s is waiting for a word from you") % name,
        paragraphs=(
            words.told(move.kind, by=move.by, is_mine=False, name=name["name"]),
            ngettext(
                "Yes, no or a question: any word will do. In %(days)d day the invitation lapses by itself.",
                "Yes, no or a question: any word will do. In %(days)d days the invitation lapses by itself.",
                days,
            )
            % about,
        ),
        button=_("Look at the invitation"),
        name=name,
    )


LETTERS = {
    "received": received,
    "asked": asked,
    "answered": answered,
    "proposed": proposed,
    "accepted": accepted,
    CARD_ANSWERED: card_answered,
    "declined": declined,
    "reminder": reminder,
}


def _letter(
    introduction: Introduction,
    move: IntroductionMove,
    *,
    subject: str,
    paragraphs: tuple[str, ...],
    button: str,
    name: dict[str, str],
    facts: tuple[tuple[str, str], ...] = (),
) -> Letter:
    return Letter(
        subject=subject,
        heading=subject,
        paragraphs=paragraphs,
        facts=facts,
        quote=move.text,
        quoted=_("%(name)s writes") % name,
        button=(button, introduction.get_absolute_url()),
        reason=_("You get this because of an introduction between you and %(name)s in Peermentor.") % name,
    )


def _name(introduction: Introduction, reader: User) -> dict[str, str]:
    return {"name": introduction.other(reader).profile.first_name}


def _rhythm(introduction: Introduction) -> tuple[str, str]:
    return _("Rhythm"), words.rhythm(*introduction.rhythm)


def exchange(reader: User, other: User) -> tuple[tuple[str, str], ...]:
    """What each gives the other, in the reader's words; nothing where their lists do not meet."""
    found = describe(reader, [rank_of(reader, other.pk)])
    if not found:
        return ()
    [suggestion] = found
    name = {"name": other.profile.first_name}
    facts = (
        (_("%(name)s gives you") % name, ", ".join(suggestion.gives_topics)),
        (_("%(name)s learns from you") % name, ", ".join(suggestion.learns_topics)),
    )
    return tuple((what, topics) for what, topics in facts if topics)
