"""The mails about meetings and check-ins. Each reads the truth again when it is sent."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import clock
from accounts.letters import Letter
from accounts.models import Notice, User
from accounts.notices import Unwanted
from accounts.zones import clock_of
from checkins import series
from checkins.models import CheckIn, Pause, Push, Reply
from checkins.series import Occurrence, Series, Standing
from checkins.words import both_clocks, clock_time, day_words, shift_words
from contracts.lifecycle import Side
from contracts.models import Contract

# Further back than that nobody is reminded of what they had said they would do.
PROMISE_LASTS = dt.timedelta(days=42)


@dataclass(frozen=True)
class About:
    """What a letter is about, read now. `logged` is what this reader has logged lately, the last meeting first."""

    contract: Contract
    side: Side
    reader: User
    name: str
    meetings: Series
    now: dt.datetime
    logged: list[CheckIn]

    @property
    def words(self) -> dict[str, str]:
        return {"name": self.name}

    @property
    def reason(self) -> str:
        return _("You get this because you and %(name)s have a contract in force.") % self.words

    def meeting_url(self, one: Occurrence) -> str:
        return reverse("meeting", args=[self.contract.pk, one.on])

    @property
    def pair_url(self) -> str:
        return reverse("weeks", args=[self.contract.pk])


def render_meeting_mail(notice: Notice) -> Letter:
    """Render a notice of the families `meeting` and `check_in`. Raises Unwanted when it is not so any more."""
    about = _about(notice)
    kind = notice.kind.partition(":")[2]
    return LETTERS[kind](about, notice)


def prepare(notices: list[Notice]) -> None:
    """Read what the letters of these are about, in six queries and one for the clock."""
    ids = {notice.context["contract"] for notice in notices}
    contracts = Contract.objects.select_related("first__profile", "second__profile").in_bulk(ids)
    apart = set(Contract.objects.of_blocked_pairs().filter(pk__in=ids).values_list("pk", flat=True))
    all_series = series.read(contract for contract in contracts.values() if contract.is_in_force)
    now = clock.now()
    logged: dict[tuple[int, str], list[CheckIn]] = {}
    for each in CheckIn.objects.filter(contract__in=ids, on__gte=(now - PROMISE_LASTS).date()).order_by("-on"):
        logged.setdefault((each.contract_id, each.side), []).append(each)
    for notice in notices:
        contract, member = contracts.get(notice.context["contract"]), notice.member
        notice.prepared = Unwanted
        if contract is None or member is None or contract.pk in apart or contract.pk not in all_series:
            continue
        if member.pk in {contract.first_id, contract.second_id}:
            side = contract.side_of(member)
            mine = logged.get((contract.pk, side.value), [])
            name = contract.called(side.other)
            notice.prepared = About(contract, side, member, name, all_series[contract.pk], now, mine)


def _about(notice: Notice) -> About:
    if notice.prepared is None:
        prepare([notice])
    if not isinstance(notice.prepared, About):
        raise Unwanted
    return notice.prepared


def _planned_meeting(about: About, notice: Notice) -> Occurrence:
    """Return the meeting that a reminder is about, if it still takes place when the reminder says."""
    one = about.meetings.find(dt.date.fromisoformat(notice.context["on"]))
    if one is None or not one.takes_place or one.at.isoformat() != notice.context["at"]:
        raise Unwanted
    return one


def _changed_meeting(about: About, notice: Notice, *standing: Standing) -> Occurrence:
    """Return the meeting that was changed, if that is how it stands."""
    one = about.meetings.find(dt.date.fromisoformat(notice.context["on"]))
    if one is None or one.sequence != notice.context["sequence"] or one.standing not in standing:
        raise Unwanted
    if one.at <= about.now and one.standing is not Standing.CANCELLED:
        raise Unwanted
    return one


def _facts(about: About, one: Occurrence) -> tuple[tuple[str, str], ...]:
    other = about.contract.member(about.side.other)
    facts = [(_("When"), both_clocks(one, about.reader.time_zone, other.time_zone if other else "", about.name))]
    if shift := shift_words(one):
        facts.append((_("Note"), shift))
    how = ", ".join(part for part in (medium_words(one), one.rhythm.where) if part)
    return (*facts, (_("How and where"), how)) if how else tuple(facts)


def medium_words(one: Occurrence) -> str:
    """Return how the two meet, in a word or two."""
    from accounts.models.profiles import Medium

    medium = one.rhythm.medium
    return str(Medium(medium).label) if medium in Medium.values else medium


def _tomorrow(about: About, notice: Notice) -> Letter:
    one = _planned_meeting(about, notice)
    if one.at <= about.now:
        raise Unwanted
    zone = about.reader.time_zone
    words = {**about.words, "day": day_words(one.at, about.now, zone), "time": clock_time(one.local(zone))}
    sent = (each for each in about.logged if each.state == CheckIn.State.SENT and each.on < one.on)
    last = next(sent, None)
    said = ((_("You said you would"), last.next_step),) if last and last.next_step else ()
    return Letter(
        subject=_("%(day)s at %(time)s: you meet %(name)s") % words,
        heading=_("%(day)s at %(time)s you meet %(name)s") % words,
        paragraphs=(_("If it does not suit you after all, say so now: the page proposes other times."),),
        button=(_("Open the meeting"), about.meeting_url(one)),
        reason=about.reason,
        facts=(*_facts(about, one), *said),
    )


def _due(about: About, notice: Notice) -> Letter:
    one = _planned_meeting(about, notice)
    if one.at <= about.now or _has_logged(about, one):
        raise Unwanted
    zone = about.reader.time_zone
    words = {**about.words, "day": day_words(one.at, about.now, zone)}
    return Letter(
        subject=_("Your check-in before you meet %(name)s") % words,
        heading=_("How did your week go?"),
        paragraphs=(
            _("Three minutes, on a phone too. What you and %(name)s write opens for both at once, when you meet.")
            % words,
            _("No week has to be a good one. You can also skip it."),
        ),
        button=(_("Write the check-in"), reverse("check_in", args=[about.contract.pk, one.on])),
        reason=about.reason,
        facts=((_("You meet"), both_clocks(one, zone, "", about.name)),),
    )


def _late(about: About, notice: Notice) -> Letter:
    one = _planned_meeting(about, notice)
    if _has_logged(about, one):
        raise Unwanted
    words = {**about.words, "day": date_format(one.local(about.reader.time_zone), _("l j F"))}
    return Letter(
        subject=_("There is still room for your check-in with %(name)s") % words,
        heading=_("A few words about this week?"),
        paragraphs=(
            _("There is no check-in of yours for your meeting on %(day)s yet. A line or two will do.") % words,
            _("Or skip it: then nobody asks again."),
        ),
        button=(_("Write the check-in"), reverse("check_in", args=[about.contract.pk, one.on])),
        reason=about.reason,
    )


def _reply(about: About, notice: Notice) -> Letter:
    said = Reply.objects.filter(contract=about.contract, on=notice.context["on"], side=notice.context["side"]).first()
    if said is None:
        raise Unwanted
    words = about.words
    heading = _("%(name)s cheers you on") % words if said.is_cheer else _("%(name)s answered your check-in") % words
    return Letter(
        subject=heading,
        heading=heading,
        paragraphs=(),
        button=(_("See it beside your check-in"), reverse("meeting", args=[about.contract.pk, said.on])),
        reason=about.reason,
        quote=said.words,
        quoted=about.name,
    )


def _push(about: About, notice: Notice) -> Letter:
    """The words of the other, and as little as can be of ours."""
    said = Push.objects.filter(contract=about.contract, pk=notice.context["push"]).first()
    if said is None:
        raise Unwanted
    return Letter(
        subject=_("%(name)s believes in you") % about.words,
        heading=_("From %(name)s, to you") % about.words,
        paragraphs=(_("%(name)s wrote this themselves. Write back, or just begin again where you are.") % about.words,),
        button=(_("See what comes next"), about.pair_url),
        reason=about.reason,
        quote=said.words,
        quoted=about.name,
    )


def _has_logged(about: About, one: Occurrence) -> bool:
    return any(each.on == one.on for each in about.logged)


def _moved(about: About, notice: Notice) -> Letter:
    one = _changed_meeting(about, notice, Standing.MOVED)
    before = date_format(one.by_rhythm.at.astimezone(clock_of(about.reader.time_zone)), _("l j F"))
    zone = about.reader.time_zone
    words = {
        **about.words,
        "day": day_words(one.at, about.now, zone),
        "time": clock_time(one.local(zone)),
        "before": before,
    }
    return Letter(
        subject=_("%(name)s moved your meeting: %(day)s at %(time)s") % words,
        heading=_("Your meeting is at another time"),
        paragraphs=(
            _("%(name)s has moved the meeting of %(before)s. All others stay as they are.") % words,
            _("If the new time does not suit you, move it again, or write to %(name)s.") % words,
        ),
        button=(_("Open the meeting"), about.meeting_url(one)),
        reason=about.reason,
        facts=_facts(about, one),
        quote=one.note,
        quoted=about.name,
    )


def _cancelled(about: About, notice: Notice) -> Letter:
    one = _changed_meeting(about, notice, Standing.CANCELLED)
    words = {**about.words, "day": date_format(one.local(about.reader.time_zone), _("l j F"))}
    return Letter(
        subject=_("%(name)s cancelled your meeting on %(day)s") % words,
        heading=_("Your meeting on %(day)s is off") % words,
        paragraphs=(_("%(name)s has cancelled this one meeting. All others stay as they are.") % words,),
        button=(_("See what comes next"), about.pair_url),
        reason=about.reason,
        quote=one.note,
        quoted=about.name,
    )


def _put_back(about: About, notice: Notice) -> Letter:
    one = _changed_meeting(about, notice, Standing.PLANNED)
    words = {**about.words, "day": date_format(one.local(about.reader.time_zone), _("l j F"))}
    return Letter(
        subject=_("Your meeting with %(name)s on %(day)s takes place as planned") % words,
        heading=_("As planned after all"),
        paragraphs=(_("%(name)s has put your meeting back to the time that your contract says.") % words,),
        button=(_("Open the meeting"), about.meeting_url(one)),
        reason=about.reason,
        facts=_facts(about, one),
    )


def _pause(about: About, notice: Notice) -> Pause:
    said = Pause.objects.filter(contract=about.contract, pk=notice.context["pause"]).first()
    if said is None:
        raise Unwanted
    return said


def _paused(about: About, notice: Notice) -> Letter:
    said = _pause(about, notice)
    if said.lifted_at is not None:
        raise Unwanted
    words = {**about.words, "from": date_format(said.from_on, "j F"), "until": date_format(said.until_on, "j F")}
    return Letter(
        subject=_("You and %(name)s pause from %(from)s to %(until)s") % words,
        heading=_("A pause"),
        paragraphs=(
            _("%(name)s has said that you two pause from %(from)s to %(until)s.") % words,
            _("There is no meeting and no check-in in those days."),
            _("After that it goes on by itself. Either of you can lift the pause."),
        ),
        button=(_("See what comes next"), about.pair_url),
        reason=about.reason,
        quote=said.note,
        quoted=about.name,
    )


def _resumed(about: About, notice: Notice) -> Letter:
    said = _pause(about, notice)
    if said.lifted_at is None:
        raise Unwanted
    words = {**about.words, "from": date_format(said.from_on, "j F"), "until": date_format(said.until_on, "j F")}
    return Letter(
        subject=_("You and %(name)s do not pause after all") % words,
        heading=_("It goes on"),
        paragraphs=(_("%(name)s has lifted the pause from %(from)s to %(until)s. Your meetings take place.") % words,),
        button=(_("See what comes next"), about.pair_url),
        reason=about.reason,
    )


def _ends(about: About, notice: Notice) -> Letter:
    """Planned before both were asked to look back, which `contract:stretch` does: the next plan takes its place."""
    raise Unwanted


LETTERS: dict[str, Callable[[About, Notice], Letter]] = {
    "tomorrow": _tomorrow,
    "due": _due,
    "late": _late,
    "reply": _reply,
    "push": _push,
    "moved": _moved,
    "cancelled": _cancelled,
    "put_back": _put_back,
    "paused": _paused,
    "resumed": _resumed,
    "ends": _ends,
}
