"""A pair that has fallen silent is asked once, then paused, then closed with thanks; one word, and it goes on."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, notices
from accounts.models import Notice
from accounts.rules import Refused
from checkins.actions import checkins, meetings, planning, silence as acting
from checkins.actions.silence import go_on, look_after_all
from checkins.models import CheckIn, Pause, Silence
from checkins.silence import ASK_AFTER, CLOSE_AFTER, LEADS_TO, PAUSE_AFTER, TABLE, Deed, Quiet, Step, quiet_time
from contracts import trail
from contracts.actions import drafting, ending
from contracts.actions.commenting import comment
from contracts.history import entries
from contracts.lifecycle import Side, State
from contracts.models import Contract, Event, Version
from matching.actions.conversations import send_message
from matching.models import Candidate
from peermentor.demo.days import days_ago
from tests.checkins.conftest import SAID, first_of, meetings_of
from tests.days import advance
from tests.pairs import amend, change, draft_of, fill, in_force, introduce, put_name
from tests.together import at_once

pytestmark = pytest.mark.django_db
DAY, WEEK, MINUTE = dt.timedelta(days=1), dt.timedelta(weeks=1), dt.timedelta(minutes=1)
T = dt.datetime(2026, 5, 5, 18, tzinfo=dt.UTC)


# --- The rule ---------------------------------------------------------------------------------------------------------

QUIET = [
    ("no pause", T, T + 30 * DAY, (), 30 * DAY),
    ("nothing yet", T, T - DAY, (), 0 * DAY),
    ("a pause in between", T, T + 30 * DAY, ((T + 2 * DAY, T + 12 * DAY),), 20 * DAY),
    ("a pause that began before", T, T + 30 * DAY, ((T - 9 * DAY, T + 5 * DAY),), 25 * DAY),
    ("a pause that lasts", T, T + 30 * DAY, ((T + 20 * DAY, T + 60 * DAY),), 20 * DAY),
    ("a pause to come", T, T + 30 * DAY, ((T + 40 * DAY, T + 60 * DAY),), 30 * DAY),
    ("a pause long over", T, T + 30 * DAY, ((T - 40 * DAY, T - 20 * DAY),), 30 * DAY),
    ("two that overlap count once", T, T + 30 * DAY, ((T, T + 9 * DAY), (T + 5 * DAY, T + 10 * DAY)), 20 * DAY),
    ("one lifted before it began", T, T + 30 * DAY, ((T + 9 * DAY, T + 4 * DAY),), 30 * DAY),
]


@pytest.mark.parametrize(
    ("since", "now", "pauses", "quiet"), [case[1:] for case in QUIET], ids=[case[0] for case in QUIET]
)
def test_how_long_it_was_quiet(since, now, pauses, quiet):
    assert quiet_time(since, now, pauses) == quiet


HEARD, ASKED, PAUSED = Step.HEARD, Step.ASKED, Step.PAUSED
DUE = [
    ("heard of lately", Quiet(HEARD, None, T), 4 * WEEK - MINUTE, None),
    ("four weeks", Quiet(HEARD, None, T), 4 * WEEK, Deed.ASK),
    ("four weeks, one of which they paused", Quiet(HEARD, None, T, ((T + DAY, T + 8 * DAY),)), 4 * WEEK, None),
    ("and a week more", Quiet(HEARD, None, T, ((T + DAY, T + 8 * DAY),)), 5 * WEEK, Deed.ASK),
    ("months away", Quiet(HEARD, None, T), 30 * WEEK, Deed.ASK),
    ("who meets every other week", Quiet(HEARD, None, T, (), 2), 4 * WEEK, Deed.ASK),
    ("who meets every fourth week", Quiet(HEARD, None, T, (), 4), 7 * WEEK, None),
    ("who meets every fourth week, eight", Quiet(HEARD, None, T, (), 4), 8 * WEEK, Deed.ASK),
    ("before the first meeting", Quiet(HEARD, None, T + 6 * WEEK), 5 * WEEK, None),
    ("asked", Quiet(ASKED, T, T - 5 * WEEK), 2 * WEEK - MINUTE, None),
    ("asked two weeks ago", Quiet(ASKED, T, T - 5 * WEEK), 2 * WEEK, Deed.PAUSE),
    ("asked months ago, nobody counted", Quiet(ASKED, T, T - 5 * WEEK), 30 * WEEK, Deed.PAUSE),
    ("asked, and a sign", Quiet(ASKED, T, T + DAY), 2 * DAY, Deed.HEAR),
    ("asked, and a sign long ago", Quiet(ASKED, T, T + DAY), 30 * WEEK, Deed.HEAR),
    ("paused", Quiet(PAUSED, T, T - 5 * WEEK), 4 * WEEK - MINUTE, None),
    ("paused four weeks ago", Quiet(PAUSED, T, T - 5 * WEEK), 4 * WEEK, Deed.CLOSE),
    ("paused, and a sign on the last day", Quiet(PAUSED, T, T + 4 * WEEK - MINUTE), 4 * WEEK, Deed.HEAR),
]


@pytest.mark.parametrize(("quiet", "later", "deed"), [case[1:] for case in DUE], ids=[case[0] for case in DUE])
def test_what_is_due(quiet, later, deed):
    assert quiet.due(T + later) is deed
    assert quiet.look_at(T + later) > T + later


def test_each_step_leads_to_the_next_and_none_is_skipped():
    way, step = [], Step.HEARD
    while step is not None:
        deed, _after = TABLE[step]
        way.append(deed)
        step = LEADS_TO[deed]
    assert way == [Deed.ASK, Deed.PAUSE, Deed.CLOSE]
    assert set(TABLE) == set(Step)
    assert set(LEADS_TO) == set(Deed)


# --- What is done -----------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(contract) -> Contract:
    """Ada and Ben; their first meeting has just begun, and from now on nobody says anything."""
    planning.plan_all()
    advance(seconds=(first_of(contract).at - clock.now()).total_seconds())
    return contract


def hours_go_by(**time: float) -> None:
    """Let time go by while nobody does anything, with the worker at its work each day, the mails as well."""
    until = clock.now() + dt.timedelta(**time)
    while clock.now() < until:
        step = min(DAY, until - clock.now())
        advance(seconds=step.total_seconds() + 1)
        planning.plan_all()
        look_after_all()
        deliver()


def deliver() -> None:
    while notices.drain().claimed:
        pass


def step_of(contract: Contract) -> str:
    found = Silence.objects.filter(pk=contract.pk).first()
    return str(found.step) if found else "none"


def state_of(contract: Contract) -> str:
    return Contract.objects.get(pk=contract.pk).state


def told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("address", flat=True))


BOTH = ["ada@example.org", "ben@example.org"]


def subjects(mailoutbox, to: str) -> list[str]:
    """What was mailed to somebody about the silence."""
    words = ("still meeting", "have paused", "with thanks", "go on")
    return [mail.subject for mail in mailoutbox if mail.to == [to] and any(each in mail.subject for each in words)]


def test_a_pair_is_asked_paused_and_closed_with_thanks(pair, ada, ben, mailoutbox):
    hours_go_by(days=27)
    assert (step_of(pair), told("silence:asked")) == ("heard", [])
    hours_go_by(days=2)
    assert (step_of(pair), told("silence:asked")) == ("asked", BOTH)
    hours_go_by(days=12)
    assert step_of(pair) == "asked"
    hours_go_by(days=3)
    assert (step_of(pair), told("silence:paused")) == ("paused", BOTH)
    assert [one.said_by for one in Pause.objects.filter(contract=pair, lifted_at=None)] == [""]
    hours_go_by(days=25)
    assert state_of(pair) == State.IN_FORCE
    hours_go_by(days=3)
    assert (state_of(pair), told("contract:fell_silent"), step_of(pair)) == (State.PARTED, BOTH, "none")
    hours_go_by(days=60)
    assert subjects(mailoutbox, "ada@example.org") == [
        "Are you and Ben Carter still meeting?",
        "We have paused your meetings with Ben Carter",
        "Your contract with Ben Carter is closed, with thanks",
    ]
    assert len(subjects(mailoutbox, "ben@example.org")) == 3


def test_nobody_is_reminded_of_meetings_while_we_pause_them(pair):
    hours_go_by(days=44)
    assert step_of(pair) == "paused"
    assert not Notice.objects.filter(kind__in=["meeting:tomorrow", "check_in:due"], state="pending").exists()


def test_both_are_free_and_what_they_signed_stays_readable(pair, ada, ben, client_of):
    for each in (ada, ben):
        each.profile.partners_at_once = 1
        each.profile.save(update_fields=["partners_at_once"])
    assert set(Candidate.objects.filter(pk__in=[ada.pk, ben.pk]).values_list("is_full", flat=True)) == {True}
    amended = amend(pair, minutes="30")
    hours_go_by(days=28 + 14 + 28 + 10)
    assert state_of(pair) == State.PARTED
    assert set(Candidate.objects.filter(pk__in=[ada.pk, ben.pk]).values_list("is_full", flat=True)) == {False}
    for client in (client_of(ada), client_of(ben)):
        for number in Version.objects.filter(contract=amended).values_list("number", flat=True):
            assert client.get(reverse("version", args=[pair.pk, number])).status_code == 200
        assert "with thanks to both of you" in client.get(reverse("contract", args=[pair.pk])).content.decode()
        assert client.get(reverse("weeks", args=[pair.pk])).status_code == 200
    event = Event.objects.filter(contract=pair).latest("number")
    assert (event.kind, event.by) == ("fell_silent", "")
    found = trail.read(Contract.objects.get(pk=pair.pk))
    assert found.fault is None
    said = entries(found.links, {Side.FIRST: "Ada", Side.SECOND: "Ben"})[-1].sentence
    assert said == "After a long silence of both, the contract was closed with thanks"


def test_the_two_can_begin_another(pair, ada, ben):
    hours_go_by(days=28 + 14 + 28 + 3)
    another = fill(drafting.start(by=ada, introduction_id=pair.introduction_id), ada)
    assert put_name(put_name(another, ada), ben).state == State.IN_FORCE


# --- Signs ------------------------------------------------------------------------------------------------------------


def _writes(contract, ada, ben):
    send_message(by=ben, introduction_id=contract.introduction_id, text="Hello again", token=uuid.uuid4())


def _checks_in(contract, ada, ben):
    checkins.send(by=ada, contract_id=contract.pk, on=first_of(contract).on, said=SAID)


def _skips(contract, ada, ben):
    checkins.skip(by=ada, contract_id=contract.pk, on=first_of(contract).on)


def _says_held(contract, ada, ben):
    meetings.say_held(by=ben, contract_id=contract.pk, on=first_of(contract).on, held="yes")


def _amends(contract, ada, ben):
    ending.amend(by=ada, contract_id=contract.pk)


def _says_done(contract, ada, ben):
    ending.say_done(by=ada, contract_id=contract.pk)


def _pauses(contract, ada, ben):
    today = clock.now().date()
    meetings.pause(by=ada, contract_id=contract.pk, from_on=today + 90 * DAY, until_on=today + 97 * DAY, note="")


def _goes_on(contract, ada, ben):
    go_on(by=ben, contract_id=contract.pk)


SIGNS = [
    *(_writes, _pauses),
    *(pytest.param(sign, marks=pytest.mark.slow) for sign in (_checks_in, _skips, _says_held, _amends, _says_done)),
    pytest.param(_goes_on, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: getattr(sign, "__name__", None))
@pytest.mark.parametrize("days", [20, 35, 50], ids=["in time", "asked", "paused"])
def test_any_sign_of_either_and_everything_goes_on(pair, ada, ben, sign, days):
    hours_go_by(days=days)
    assert step_of(pair) == {20: "heard", 35: "asked", 50: "paused"}[days]
    sign(pair, ada, ben)
    hours_go_by(hours=2)
    assert step_of(pair) == "heard"
    assert not Pause.objects.filter(said_by="", lifted_at=None).exists()
    hours_go_by(days=26)
    assert (step_of(pair), state_of(pair) in {State.IN_FORCE, State.AMENDING}) == ("heard", True)
    if days < 50:
        hours_go_by(days=3)
        assert step_of(pair) == "asked"


def test_a_comment_and_an_edit_are_signs(pair, ada, ben):
    _amends(pair, ada, ben)
    hours_go_by(days=35)
    assert step_of(pair) == "asked"
    comment(by=ben, contract_id=pair.pk, key="rhythm", text="Mondays?")
    hours_go_by(hours=2)
    assert step_of(pair) == "heard"
    hours_go_by(days=35)
    change(pair, ada, "rhythm", {**draft_of(pair)["rhythm"].content, "minutes": "45"})
    hours_go_by(hours=2)
    assert step_of(pair) == "heard"


def test_our_pause_is_lifted_by_a_check_in_and_the_other_hears_of_it(pair, ada, ben, mailoutbox):
    hours_go_by(days=50)
    coming = [one for one in meetings_of(pair) if one.at > clock.now()]
    assert not any(one.takes_place for one in coming[:2])
    _checks_in(pair, ada, ben)
    assert all(one.takes_place for one in meetings_of(pair) if one.at > clock.now())
    hours_go_by(hours=1)
    assert subjects(mailoutbox, "ben@example.org")[-1] == "You and Ada Bright go on"
    assert "go on" not in subjects(mailoutbox, "ada@example.org")[-1]


def test_our_pause_is_lifted_as_any_pause(pair, ada, ben, client_of):
    hours_go_by(days=50)
    ours = Pause.objects.get(said_by="")
    client_of(ada).post(reverse("pause_lift", args=[pair.pk, ours.pk]))
    ours.refresh_from_db()
    assert (ours.lifted_by, step_of(pair)) == ("first", "heard")


def test_one_says_a_pause_of_their_own_while_we_pause(pair, ada, client_of):
    hours_go_by(days=50)
    today = clock.now().date()
    meetings.pause(by=ada, contract_id=pair.pk, from_on=today, until_on=today + 21 * DAY, note="The sea")
    assert list(Pause.objects.filter(lifted_at=None).values_list("note", flat=True)) == ["The sea"]
    hours_go_by(days=40)
    assert step_of(pair) == "heard"
    hours_go_by(days=12)
    assert step_of(pair) == "asked"


def test_a_long_pause_that_was_said_is_no_silence(pair, ada):
    today = clock.now().date()
    meetings.pause(by=ada, contract_id=pair.pk, from_on=today, until_on=today + 80 * DAY, note="")
    hours_go_by(days=100)
    assert step_of(pair) == "heard"


def test_a_stretch_that_is_over_counts_too(pair, ada, ben):
    for one in meetings_of(pair):
        if one.at > clock.now():
            advance(seconds=(one.at - clock.now()).total_seconds() + 60)
        checkins.skip(by=ada, contract_id=pair.pk, on=one.on)
        look_after_all()
    assert step_of(pair) == "heard"
    hours_go_by(days=30)
    assert step_of(pair) == "asked"


def test_nobody_is_asked_before_the_first_meeting(ada, ben):
    first_on = (clock.now() + 60 * DAY).date()
    later = in_force(ada, ben, first_on=first_on.isoformat())
    hours_go_by(days=70)
    assert step_of(later) == "heard"
    hours_go_by(days=20)
    assert step_of(later) == "asked"


def test_parting_while_asked_is_parting(pair, ada):
    hours_go_by(days=35)
    ending.part(by=ada, contract_id=pair.pk)
    hours_go_by(days=60)
    assert (state_of(pair), told("silence:paused"), told("contract:fell_silent")) == (State.PARTED, [], [])
    assert not Silence.objects.exists()


def test_a_mail_that_waits_is_not_sent_when_one_has_heard_meanwhile(pair, ada, ben, mailoutbox):
    hours_go_by(days=27)
    advance(days=2)
    look_after_all()
    _checks_in(pair, ada, ben)
    deliver()
    assert subjects(mailoutbox, "ada@example.org") == []


# --- The worker -------------------------------------------------------------------------------------------------------


def test_after_months_away_no_step_is_skipped(pair):
    advance(days=200)
    look_after_all()
    assert (step_of(pair), state_of(pair)) == ("asked", State.IN_FORCE)
    look_after_all()
    deliver()
    advance(days=200)
    look_after_all()
    assert (step_of(pair), state_of(pair)) == ("paused", State.IN_FORCE)
    deliver()
    advance(days=200)
    look_after_all()
    assert state_of(pair) == State.PARTED


def test_the_next_step_waits_from_when_the_mail_went_out(pair):
    hours_go_by(days=27)
    advance(days=2)
    look_after_all()
    advance(days=10)
    deliver()
    assert Notice.objects.filter(kind="silence:asked", state="sent").count() == 2
    advance(days=5)
    look_after_all()
    assert step_of(pair) == "asked"
    hours_go_by(days=10)
    assert step_of(pair) == "paused"


def test_a_mail_that_nobody_could_send_stops_the_next_step_until_it_is_given_up(pair):
    hours_go_by(days=27)
    advance(days=2)
    look_after_all()
    advance(days=13)
    look_after_all()
    advance(hours=30)
    look_after_all()
    assert step_of(pair) == "asked"


def test_a_second_run_does_nothing(pair):
    advance(days=30)
    assert look_after_all() == 1
    before = list(Notice.objects.values_list("key", flat=True))
    assert look_after_all() == 0
    assert list(Notice.objects.values_list("key", flat=True)) == before


@pytest.fixture
def long_ago(transactional_db, ada, ben) -> Contract:
    """A pair of which nothing was heard for months, by the clock itself: each act has a connection of its own."""
    with transaction.atomic(), days_ago(100):
        held = in_force(ada, ben)
        planning.plan_all()
    return held


def be_paused(contract: Contract) -> None:
    """Both were asked, and are paused since long enough to be closed now. Their mails have gone out."""
    for days in (55, 35):
        with transaction.atomic(), days_ago(days):
            look_after_all()
        Notice.objects.all().delete()
    assert step_of(contract) == "paused"
    Silence.objects.update(look_at=clock.now())


@pytest.mark.django_db(transaction=True)
def test_at_once_each_step_is_told_once(long_ago):
    outcomes = at_once(*[look_after_all] * 4)
    assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
    assert sum(outcomes) == 1
    assert told("silence:asked") == BOTH


@pytest.mark.django_db(transaction=True)
def test_closed_at_once_it_is_closed_once(long_ago):
    be_paused(long_ago)
    outcomes = at_once(*[look_after_all] * 4)
    assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
    assert (sum(outcomes), state_of(long_ago), told("contract:fell_silent")) == (1, State.PARTED, BOTH)
    assert Event.objects.filter(kind="fell_silent").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("sign", [_skips, _goes_on], ids=lambda sign: sign.__name__)
def test_a_sign_arrives_at_the_moment_at_which_it_is_closed(long_ago, ada, ben, sign, number):
    """Either it comes first, and everything goes on; or the contract is closed, and the two hear that it is."""
    be_paused(long_ago)
    looked, signed = at_once(look_after_all, lambda: sign(long_ago, ada, ben))
    assert not isinstance(looked, Exception)
    if state_of(long_ago) == State.PARTED:
        assert told("contract:fell_silent") == BOTH
        assert not Silence.objects.exists()
        # A check-in is kept with the contract that has ended; that they go on is answered with a sentence.
        assert CheckIn.objects.exists() if sign is _skips else isinstance(signed, Refused)
    else:
        assert not isinstance(signed, Exception)
        assert (state_of(long_ago), step_of(long_ago)) == (State.IN_FORCE, "heard")
        assert told("contract:fell_silent") == []
        assert not Pause.objects.filter(said_by="", lifted_at=None).exists()


def test_only_those_whose_time_has_come_are_read(pair, ada, chloe):
    in_force(ada, chloe)
    planning.plan_all()
    with CaptureQueriesContext(connection) as queries:
        look_after_all()
    assert len(queries) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {Silence.objects.filter(look_at__lte=T).order_by('look_at').values('pk').query}".replace(
                "2026-05-05 18:00:00+00:00", "'2026-05-05 18:00:00+00'"
            )
        )
        assert "silence_to_look_at" in " ".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE checkins_silence SET step = 'asked'",
        "UPDATE checkins_silence SET told_at = now()",
        "UPDATE checkins_silence SET step = 'late', told_at = now()",
    ],
)
def test_the_database_refuses(pair, wrong):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(wrong)


# --- What one sees ----------------------------------------------------------------------------------------------------


def test_home_and_the_weeks_ask_and_one_button_is_enough(pair, ada, client_of):
    client = client_of(ada)
    url = reverse("still_meeting", args=[pair.pk])
    assert client.get(url).url == reverse("weeks", args=[pair.pk])
    hours_go_by(days=35)
    assert url in [thing.url for thing in client.get(reverse("home")).context["waiting"]]
    assert url in client.get(reverse("weeks", args=[pair.pk])).content.decode()
    html = client.get(url).content.decode()
    for name in ("pair_pause", "contract"):
        assert reverse(name, args=[pair.pk]) in html
    assert client.get(url).status_code == 200
    assert step_of(pair) == "asked"
    assert client.post(url).url == reverse("weeks", args=[pair.pk])
    assert step_of(pair) == "heard"
    assert url not in client.get(reverse("weeks", args=[pair.pk])).content.decode()


def test_the_button_of_an_old_mail_says_how_it_stands(pair, ada, client_of):
    hours_go_by(days=28 + 14 + 28 + 3)
    client = client_of(ada)
    url = reverse("still_meeting", args=[pair.pk])
    assert client.get(url).url == reverse("weeks", args=[pair.pk])
    assert client.post(url, follow=True).status_code == 200
    assert state_of(pair) == State.PARTED


def test_a_stranger_gets_404(pair, dan, client_of):
    url = reverse("still_meeting", args=[pair.pk])
    assert (client_of(dan).get(url).status_code, client_of(dan).post(url).status_code) == (404, 404)


def test_the_mail_has_one_button_and_quiet_ways_beside_it(pair, mailoutbox):
    hours_go_by(days=30)
    mail = next(each for each in mailoutbox if each.subject == "Are you and Ben Carter still meeting?")
    assert reverse("still_meeting", args=[pair.pk]) in mail.body
    assert reverse("pair_pause", args=[pair.pk]) in mail.body
    assert f"{reverse('contract', args=[pair.pk])}#end" in mail.body


def test_the_times_are_those_that_the_pages_say():
    assert (ASK_AFTER, PAUSE_AFTER, CLOSE_AFTER) == (4 * WEEK, 2 * WEEK, 4 * WEEK)
    assert acting.OUR_PAUSE > CLOSE_AFTER


def test_two_who_talk_under_a_later_introduction_are_heard(pair, ada, ben):
    from matching.actions.introductions import close
    from matching.models import Introduction

    talk = Introduction.objects.get(pk=pair.introduction_id)
    close(by=ada, introduction_id=talk.pk, seen_move=talk.moves)
    advance(days=20)
    again = introduce(ben, ada)
    hours_go_by(days=35)
    assert step_of(pair) == "paused"
    send_message(by=ada, introduction_id=again.pk, text="Hello", token=uuid.uuid4())
    hours_go_by(hours=2)
    assert step_of(pair) == "heard"
