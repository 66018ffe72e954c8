"""Each answers what the other has logged: a cheer, a few words; and what was in the way comes back, once and gently."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts import clock
from accounts.models import Notice
from accounts.notices import Unwanted
from accounts.rules import Refused
from checkins import hindrances
from checkins.actions import checkins, replying
from checkins.actions.checkins import Said
from checkins.letters import render_meeting_mail
from checkins.models import CheckIn, Reply
from contracts.actions.blocks import block
from tests.checkins.conftest import first_of, meetings_of
from tests.days import advance
from tests.together import at_once

BLOCK = CheckIn.Block


def go_to(moment: dt.datetime) -> None:
    advance(seconds=int((moment - clock.now()).total_seconds()) + 1)


def send(contract, by, on, **said) -> CheckIn:
    return checkins.send(by=by, contract_id=contract.pk, on=on, said=Said(**(said or {"moved": "A page"})))


def reply(contract, by, on, is_cheer=False, words="") -> Reply | None:
    return replying.reply(by=by, contract_id=contract.pk, on=on, is_cheer=is_cheer, words=words)


def both_sent(contract, ada, ben) -> dt.date:
    on = first_of(contract).on
    send(contract, ada, on)
    send(contract, ben, on)
    return on


@pytest.mark.django_db
def test_a_cheer_and_a_few_words_stand_beside_the_check_in(contract, ada, ben, client_of):
    on = both_sent(contract, ada, ben)
    address = reverse("check_in_reply", args=[contract.pk, on])
    client_of(ben).post(address, {"cheer": "yes", "words": "That page cost you something"})
    page = client_of(ada).get(reverse("meeting", args=[contract.pk, on])).content.decode()
    assert "Ben cheers you on" in page
    assert "That page cost you something" in page
    client_of(ben).post(address, {"words": "And it shows"})
    said = Reply.objects.get()
    assert (said.is_cheer, said.words) == (True, "And it shows"), "a cheer stays when the words change"
    client_of(ben).post(address, {"cheer": "no", "words": ""})
    assert not Reply.objects.exists()


@pytest.mark.django_db
def test_nobody_answers_what_they_cannot_read(contract, ada, ben):
    on = first_of(contract).on
    send(contract, ada, on)
    with pytest.raises(Refused, match="no check-in to answer"):
        reply(contract, ben, on, is_cheer=True)
    with pytest.raises(Refused, match="no check-in to answer"):
        reply(contract, ben, on + dt.timedelta(days=1), is_cheer=True)


@pytest.mark.django_db
def test_nobody_answers_after_a_block(contract, ada, ben):
    on = both_sent(contract, ada, ben)
    block(by=ada, member=ben)
    with pytest.raises(Refused, match="has ended"):
        reply(contract, ben, on, is_cheer=True)


@pytest.mark.django_db
def test_one_mail_tells_of_it_and_none_when_it_is_taken_back(contract, ada, ben):
    on = both_sent(contract, ada, ben)
    reply(contract, ben, on, is_cheer=True)
    reply(contract, ben, on, is_cheer=True, words="Well done")
    notice = Notice.objects.get(kind="check_in:reply")
    assert notice.member == ada
    letter = render_meeting_mail(notice)
    assert (letter.subject, letter.quote) == ("Ben Carter cheers you on", "Well done")
    reply(contract, ben, on)
    notice.refresh_from_db()
    assert notice.state == Notice.State.CANCELLED
    with pytest.raises(Unwanted):
        render_meeting_mail(Notice(kind="check_in:reply", member=ada, context={**_context(contract, on)}))


def _context(contract, on) -> dict:
    return {"contract": contract.pk, "on": on.isoformat(), "side": "second"}


@pytest.mark.django_db
def test_what_is_typed_is_kept_and_too_much_comes_back(contract, ada, ben, client_of):
    on = both_sent(contract, ada, ben)
    client = client_of(ben)
    client.post(reverse("draft_save", args=[f"reply-{contract.pk}{on:%Y%m%d}"]), {"words": "Half a sen"})
    assert "Half a sen" in client.get(reverse("meeting", args=[contract.pk, on])).content.decode()
    answer = client.post(reverse("check_in_reply", args=[contract.pk, on]), {"words": "x" * 601})
    assert "x" * 601 in answer.content.decode()
    assert not Reply.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_cheer(contract, ada, ben):
    on = both_sent(contract, ada, ben)
    done = at_once(*[lambda: reply(contract, ben, on, is_cheer=True)] * 4)
    assert not [each for each in done if isinstance(each, Exception)]
    assert Reply.objects.count() == 1
    assert Notice.objects.filter(kind="check_in:reply").count() == 1


# --- What was in the way comes back -----------------------------------------------------------------------------------

DAY = dt.date(2026, 3, 2)


def logged(weeks: int, *, block: str = "", words: str = "", asked_back: int | None = None, state="sent") -> CheckIn:
    asked = DAY + dt.timedelta(weeks=asked_back) if asked_back is not None else None
    on = DAY + dt.timedelta(weeks=weeks)
    return CheckIn(on=on, block=block, in_the_way=words, asked_back=asked, state=state)


@pytest.mark.parametrize(
    ("mine", "week", "asked"),
    [
        ([], 3, None),
        ([logged(0, words="My stomach")], 2, None),  # too soon
        ([logged(0, words="My stomach")], 3, 0),
        ([logged(0, block=BLOCK.FEAR)], 3, 0),
        ([logged(0)], 3, None),  # nothing was in the way
        ([logged(0, words="My stomach", state="skipped")], 3, None),
        ([logged(0, words="My stomach")], 11, None),  # too long ago
        ([logged(0, words="One"), logged(1, words="Two")], 4, 0),  # the oldest first
        ([logged(0, words="One"), logged(1, words="Two"), logged(3, asked_back=0)], 4, 1),  # once each
        ([logged(0, words="One"), logged(3, asked_back=0)], 4, None),
        ([logged(0, words="One"), logged(3, asked_back=0)], 3, 0),  # the one that asked is written again
    ],
)
def test_what_was_in_the_way_is_asked_about_once_three_weeks_later(mine, week, asked):
    found = hindrances.comes_back(mine, DAY + dt.timedelta(weeks=week))
    assert (found.on if found else None) == (None if asked is None else DAY + dt.timedelta(weeks=asked))


@pytest.mark.django_db
def test_three_weeks_later_the_check_in_asks_what_helped(contract, ada, ben, client_of):
    found = meetings_of(contract)
    send(contract, ada, found[0].on, in_the_way="My stomach, when the phone rings")
    go_to(found[2].at)
    client = client_of(ada)
    address = reverse("check_in", args=[contract.pk, found[3].on])
    assert "3 weeks ago you wrote: “My stomach, when the phone rings”" in client.get(address).content.decode()
    client.post(address, {"helped": "Ben stayed on the line", "block": "time"})
    said = CheckIn.objects.get(on=found[3].on)
    assert (said.asked_back, said.helped, said.block) == (found[0].on, "Ben stayed on the line", "time")
    go_to(found[3].at)
    page = client_of(ben).get(reverse("meeting", args=[contract.pk, found[3].on])).content.decode()
    assert "Ben stayed on the line" in page
    assert "Time" in page
    assert "What helped?" not in client.get(reverse("check_in", args=[contract.pk, found[4].on])).content.decode()


@pytest.mark.django_db
def test_what_is_in_the_way_of_one_is_never_asked_of_the_other(contract, ada, ben, client_of):
    found = meetings_of(contract)
    send(contract, ada, found[0].on, in_the_way="My stomach")
    go_to(found[2].at)
    page = client_of(ben).get(reverse("check_in", args=[contract.pk, found[3].on])).content.decode()
    assert "My stomach" not in page
