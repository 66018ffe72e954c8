"""Who has gone silent or lost heart hears from the other, in the other's words; nothing goes by itself."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts import clock
from accounts.models import Notice
from accounts.rules import Refused
from checkins import pushing
from checkins.actions import checkins, meetings, replying
from checkins.actions.checkins import Said
from checkins.letters import render_meeting_mail
from checkins.models import CheckIn, Push
from checkins.pushing import Why
from contracts.actions import drafting, ending
from contracts.actions.blocks import block
from tests.checkins.conftest import meetings_of
from tests.days import advance
from tests.pairs import amend, change, fill, introduce, put_name
from tests.together import at_once

BELIEVE = "She wrote a whole book on trains"


@pytest.fixture
def pair(ada, ben):
    """Ben has said how he wants to be pushed; Ada has written why she believes in him."""
    contract = fill(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk), ada)
    how = {"way": "ask", "how": "Ask what I fear", "believe": BELIEVE, "consent": "yes"}
    for side in ("first", "second"):
        change(contract, ada, f"push-{side}", how)
    put_name(contract, ada)
    return put_name(contract, ben)


def go_to(moment: dt.datetime) -> None:
    advance(seconds=int((moment - clock.now()).total_seconds()) + 1)


def send(contract, by, on, **said) -> CheckIn:
    return checkins.send(by=by, contract_id=contract.pk, on=on, said=Said(**(said or {"moved": "A page"})))


def go_silent(contract) -> list:
    """Two meetings go by, and three days more."""
    found = meetings_of(contract)
    go_to(found[1].at + pushing.MISSED_AFTER)
    return found


# --- The rule ---------------------------------------------------------------------------------------------------------


class One:
    """A meeting as the rule sees it."""

    def __init__(self, week: int, takes_place: bool = True) -> None:
        self.at = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC) + dt.timedelta(weeks=week)
        self.on = self.at.date()
        self.takes_place = takes_place


WEEKS = [One(week) for week in range(6)]
OFF = [One(0), One(1), One(2, takes_place=False), One(3)]


def sure(week: int, confidence: int | None) -> CheckIn:
    return CheckIn(on=WEEKS[week].on, state="sent", confidence=confidence, sent_at=WEEKS[week].at)


@pytest.mark.parametrize(
    ("weeks", "logged", "read", "day", "way", "why"),
    [
        # nothing written for the last two
        (WEEKS, [], [], 7 + 3.1, "", Why.SILENT),
        (WEEKS, [], [], 7 + 2.9, "", None),  # there is still time to write
        (WEEKS, [], [], 7 + 3.1, "call", Why.SILENT),
        (WEEKS, [], [], 7 + 3.1, "wait", None),  # give me two days
        (WEEKS, [], [], 7 + 5.1, "wait", Why.SILENT),
        (WEEKS, [0], [], 7 + 3.1, "", None),
        (WEEKS, [1], [], 7 + 3.1, "", None),  # written or skipped: they were there
        (WEEKS, [2], [], 7 + 3.1, "", None),  # written ahead for the next
        (WEEKS, [0], [], 14 + 3.1, "", Why.SILENT),
        (WEEKS[:2], [], [], 7 + 30, "", None),  # long ago
        # a week off does not count, and does not interrupt
        (OFF, [0], [], 21 + 3.1, "", Why.SILENT),
        (OFF[:3], [0], [], 14 + 3.1, "", None),
        # not sure at all, twice in a row
        (WEEKS, [0, 1], [sure(0, 1), sure(1, 1)], 7.1, "", Why.LOW),
        (WEEKS, [0, 1], [sure(0, 1), sure(1, 2)], 7.1, "", None),
        (WEEKS, [0, 1], [sure(0, 2), sure(1, 1)], 7.1, "", None),
        (WEEKS, [0, 1], [sure(0, 1), sure(1, None)], 7.1, "", None),
        (WEEKS, [0, 1], [sure(0, 1)], 7.1, "", None),  # the second is not open yet
        (WEEKS, [0, 1], [sure(0, 1), sure(1, 1)], 7.1, "wait", None),
        (WEEKS, [0, 1], [sure(0, 1), sure(1, 1)], 9.1, "wait", Why.LOW),
        (WEEKS, [0, 1, 2], [sure(0, 1), sure(2, 1)], 14.1, "", Why.LOW),  # one skipped between
        ([], [], [], 40, "", None),
    ],
)
def test_when_a_push_is_offered(weeks, logged, read, day, way, why):
    now = WEEKS[0].at + dt.timedelta(days=day)
    found = pushing.reason(
        weeks, [WEEKS[week].on for week in logged], {each.on: each for each in read}, now=now, way=way
    )
    assert (found.why if found else None) == why


# --- What people see and do -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_after_two_missed_check_ins_the_other_finds_their_own_words(pair, ada, ben, client_of):
    go_silent(pair)
    assert "Ben might be glad of a word from you" in client_of(ada).get(reverse("home")).content.decode()
    page = client_of(ada).get(reverse("push", args=[pair.pk])).content.decode()
    for words in (BELIEVE, "Ask what I fear", "would like to be asked why"):
        assert words in page
    assert not Notice.objects.filter(kind="check_in:push").exists(), "nothing goes out by itself"


@pytest.mark.django_db
def test_what_is_sent_comes_from_the_person(pair, ada, ben, client_of):
    go_silent(pair)
    client_of(ada).post(reverse("push", args=[pair.pk]), {"words": "You can, I have seen it"})
    notice = Notice.objects.get(kind="check_in:push")
    letter = render_meeting_mail(notice)
    assert (notice.member, letter.subject, letter.quote) == (
        ben,
        "Ada Bright believes in you",
        "You can, I have seen it",
    )
    for name, args in (("weeks", [pair.pk]), ("home", [])):
        page = client_of(ben).get(reverse(name, args=args)).content.decode()
        assert "From Ada, to you" in page or "Ada wrote something for you" in page
    found = meetings_of(pair)
    send(pair, ben, found[2].on)
    assert "You can, I have seen it" not in client_of(ben).get(reverse("weeks", args=[pair.pk])).content.decode()


@pytest.mark.django_db
def test_once_a_stretch(pair, ada, ben):
    found = go_silent(pair)
    replying.push(by=ada, contract_id=pair.pk, words="Come back when you like")
    go_to(found[3].at + pushing.MISSED_AFTER)
    with pytest.raises(Refused, match="settled itself"):
        replying.push(by=ada, contract_id=pair.pk, words="And again")
    amended = amend(pair, first_on=(found[4].on + dt.timedelta(days=70)).isoformat())
    later = [one for one in meetings_of(amended) if one.at > clock.now() - dt.timedelta(days=1)]
    go_to(later[-5].at + pushing.MISSED_AFTER)
    assert replying.push(by=ada, contract_id=pair.pk, words="In the next one").pk


@pytest.mark.django_db
def test_left_for_now_it_is_offered_again_only_for_a_new_reason(pair, ada, ben, client_of):
    found = go_silent(pair)
    client_of(ada).post(reverse("push_leave", args=[pair.pk]))
    assert Push.objects.get().state == Push.State.LEFT
    assert client_of(ada).get(reverse("push", args=[pair.pk])).status_code == 302
    assert "might be glad" not in client_of(ada).get(reverse("home")).content.decode()
    go_to(found[2].at + pushing.MISSED_AFTER)
    assert client_of(ada).get(reverse("push", args=[pair.pk])).status_code == 200
    assert not Notice.objects.filter(kind="check_in:push").exists()


@pytest.mark.django_db
def test_words_without_consent_are_not_used(ada, ben, client_of):
    contract = fill(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk), ada)
    nothing = dict.fromkeys(("way", "how", "believe", "consent"), "")
    change(contract, ada, "push-first", nothing)
    put_name(contract, ada)
    contract = put_name(contract, ben)
    go_silent(contract)
    page = client_of(ada).get(reverse("push", args=[contract.pk])).content.decode()
    assert "These are your own words" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["wrote", "skipped", "parted", "blocked"])
def test_what_has_settled_itself_is_said_and_nothing_is_lost(pair, ada, ben, client_of, end):
    found = go_silent(pair)
    if end == "wrote":
        send(pair, ben, found[1].on)
    elif end == "skipped":
        checkins.skip(by=ben, contract_id=pair.pk, on=found[2].on)
    elif end == "parted":
        ending.part(by=ben, contract_id=pair.pk)
    else:
        block(by=ben, member=ada)
    answer = client_of(ada).post(reverse("push", args=[pair.pk]), {"words": "You can do this"})
    if end != "blocked":
        assert "You can do this" in answer.content.decode()
    assert not Push.objects.exists()


@pytest.mark.django_db
def test_a_pause_is_no_silence(pair, ada, ben, client_of):
    found = meetings_of(pair)
    meetings.pause(by=ben, contract_id=pair.pk, from_on=found[0].on, until_on=found[2].on, note="")
    go_to(found[2].at + pushing.MISSED_AFTER)
    assert "might be glad" not in client_of(ada).get(reverse("home")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_goes_once(pair, ada):
    go_silent(pair)
    shift = clock.now()

    def press() -> Push:
        go_to(shift)
        return replying.push(by=ada, contract_id=pair.pk, words="You can")

    done = at_once(press, press, press)
    assert sum(isinstance(each, Push) for each in done) == 1
    assert all(isinstance(each, (Push, Refused)) for each in done)
    assert Notice.objects.filter(kind="check_in:push").count() == 1
