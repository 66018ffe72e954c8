"""Each logs each meeting; the two open together; nothing that was typed is lost; a private note is its author's."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import clock
from accounts.models import Draft
from accounts.rules import Refused
from checkins.actions import checkins, meetings, planning
from checkins.actions.checkins import Said
from checkins.models import CheckIn
from contracts.actions import ending
from contracts.actions.blocks import block
from contracts.lifecycle import Side
from tests.checkins.conftest import SAID, find, first_of, meetings_of
from tests.days import advance
from tests.together import at_once

pytestmark = pytest.mark.django_db


def send(contract, by, on, said=SAID, **more) -> CheckIn:
    return checkins.send(by=by, contract_id=contract.pk, on=on, said=said, **more)


def page_of(client, contract, on) -> str:
    return client.get(reverse("meeting", args=[contract.pk, on])).content.decode()


def go_to(moment: dt.datetime) -> None:
    advance(seconds=int((moment - clock.now()).total_seconds()) + 1)


def test_the_two_open_together_when_both_are_sent(contract, ada, ben, client_of):
    on = first_of(contract).on
    send(contract, ada, on, Said(moved="Ada wrote two chapters", private_note="Ada is tired"))
    assert "Ada wrote two chapters" not in page_of(client_of(ben), contract, on)
    send(contract, ben, on, Said(moved="Ben sorted the invoices"))
    assert "Ada wrote two chapters" in page_of(client_of(ben), contract, on)
    assert "Ben sorted the invoices" in page_of(client_of(ada), contract, on)


def test_what_is_sent_opens_when_the_meeting_begins(contract, ada, ben, client_of):
    one = first_of(contract)
    send(contract, ada, one.on, Said(moved="Ada wrote two chapters"))
    go_to(one.at - dt.timedelta(minutes=5))
    assert "Ada wrote two chapters" not in page_of(client_of(ben), contract, one.on)
    go_to(one.at)
    assert "Ada wrote two chapters" in page_of(client_of(ben), contract, one.on)


def test_who_skips_does_not_open_the_other_ones_early(contract, ada, ben, client_of):
    one = first_of(contract)
    send(contract, ada, one.on, Said(moved="Ada wrote two chapters"))
    checkins.skip(by=ben, contract_id=contract.pk, on=one.on)
    assert "Ada wrote two chapters" not in page_of(client_of(ben), contract, one.on)


def test_a_private_note_is_nowhere_but_with_its_author(contract, ada, ben, client_of):
    one = first_of(contract)
    for person, note in ((ada, "Ada is tired of it"), (ben, "Ben doubts")):
        send(contract, person, one.on, Said(moved="Something", private_note=note))
    go_to(one.at)
    for name, args in [
        ("meeting", [contract.pk, one.on]), ("weeks", [contract.pk]), ("weeks_csv", [contract.pk]), ("home", []),
        ("meetings", []),
    ]:  # fmt: skip
        assert b"tired of it" not in client_of(ben).get(reverse(name, args=args)).content, name
    assert "tired of it" in page_of(client_of(ada), contract, one.on)


def test_until_it_is_open_it_can_be_changed_and_then_no_more(contract, ada, ben):
    on = first_of(contract).on
    send(contract, ada, on)
    send(contract, ada, on, Said(moved="Three chapters"))
    assert CheckIn.objects.get(side=Side.FIRST).moved == "Three chapters"
    send(contract, ben, on)
    with pytest.raises(Refused, match="open already"):
        send(contract, ada, on, Said(moved="Four"))
    checkins.note(by=ada, contract_id=contract.pk, on=on, private_note="But the note can")
    assert CheckIn.objects.get(side=Side.FIRST).private_note == "But the note can"


def test_an_empty_one_is_refused_kindly(contract, ada, client_of):
    on = first_of(contract).on
    answer = client_of(ada).post(reverse("check_in", args=[contract.pk, on]), {"moved": " "})
    assert "Write one thing at least" in answer.content.decode()
    assert not CheckIn.objects.exists()


def test_what_was_promised_stands_first_the_next_time(contract, ada, client_of):
    one, two = meetings_of(contract)[:2]
    send(contract, ada, one.on, Said(next_step="Call the printer"))
    go_to(one.at)
    page = client_of(ada).get(reverse("check_in", args=[contract.pk, two.on])).content.decode()
    assert "Call the printer" in page
    assert "Did you do it?" in page
    send(contract, ada, two.on, Said(kept="partly", next_step="Go there"))
    assert CheckIn.objects.get(on=two.on).promise == "Call the printer"


def test_it_asks_in_the_goals_own_unit_and_ways_and_once_a_month_for_the_long_goal(contract, ada, client_of):
    one, two, _three, _four, five = meetings_of(contract)[:5]
    client = client_of(ada)

    def asked(on: dt.date) -> str:
        return client.get(reverse("check_in", args=[contract.pk, on])).content.decode()

    first = asked(one.on)
    assert "in chapters?" in first
    for way in ("Write before breakfast", "Ask Jo", "read aloud"):
        assert way in first
    assert "A novel" in first
    sent = {"moved": "x", "indicator": "3.5", "strategies": ["Ask Jo"], "other_strategy": "Tea", "confidence": "2"}
    client.post(reverse("check_in", args=[contract.pk, one.on]), sent)
    check_in = CheckIn.objects.get()
    assert (check_in.indicator, check_in.strategies, check_in.confidence) == (Decimal("3.5"), ["Ask Jo", "Tea"], 2)
    go_to(one.at)
    assert "A novel" not in asked(two.on)
    go_to(_four.at)
    assert "A novel" in asked(five.on)


def test_what_is_typed_is_kept_until_it_is_sent(contract, ada, client_of):
    on = first_of(contract).on
    client = client_of(ada)
    draft = f"check-in-{contract.pk}{on:%Y%m%d}"
    kept = client.post(reverse("draft_save", args=[draft]), {"moved": "Half a sen", "confidence": "3"})
    assert kept.status_code == 204
    assert "Half a sen" in client.get(reverse("check_in", args=[contract.pk, on])).content.decode()
    client.post(reverse("check_in_skip", args=[contract.pk, on]), {"moved": "Half a sentence"})
    client.post(reverse("check_in_unskip", args=[contract.pk, on]))
    assert "Half a sentence" in client.get(reverse("check_in", args=[contract.pk, on])).content.decode()
    client.post(reverse("check_in", args=[contract.pk, on]), {"moved": "Half a sentence."})
    assert not Draft.objects.exclude(values={}).exists()
    assert CheckIn.objects.get().moved == "Half a sentence."


def test_a_form_that_is_wrong_comes_back_with_everything(contract, ada, client_of):
    on = first_of(contract).on
    answer = client_of(ada).post(
        reverse("check_in", args=[contract.pk, on]), {"moved": "Much", "indicator": "many", "next_step": "Rest"}
    )
    said = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Much", "many", "Rest"):
        assert words in said


def test_one_can_log_what_is_past_and_what_is_next_and_nothing_later(contract, ada):
    one, two, three = meetings_of(contract)[:3]
    with pytest.raises(Refused, match="Another meeting comes first"):
        send(contract, ada, two.on)
    go_to(two.at)
    send(contract, ada, one.on)
    send(contract, ada, three.on)


def test_nothing_is_logged_for_a_meeting_that_is_off(contract, ada):
    one, two = meetings_of(contract)[:2]
    meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)
    with pytest.raises(Refused, match="was cancelled"):
        send(contract, ada, one.on)
    send(contract, ada, two.on)


def test_after_the_end_there_are_two_weeks_to_log_the_last_one(contract, ada, ben):
    one = first_of(contract)
    go_to(one.at)
    ending.part(by=ben, contract_id=contract.pk)
    send(contract, ada, one.on)
    advance(days=15)
    with pytest.raises(Refused, match="has ended"):
        send(contract, ben, one.on)


def test_the_last_meeting_is_asked_about_and_noted(contract, ada, client_of):
    one, two = meetings_of(contract)[:2]
    go_to(one.at)
    client = client_of(ada)
    assert "Did you and Ben meet on" in client.get(reverse("check_in", args=[contract.pk, two.on])).content.decode()
    client.post(reverse("check_in", args=[contract.pk, two.on]), {"moved": "x", "held_last": "no"})
    assert find(contract, one.on).held == "no"
    assert find(contract, two.on).held == ""


def test_reminders_come_the_evening_before_and_once_on_the_morning_after(contract, ada, ben, delivered):
    planning.plan_all()
    delivered()
    one = first_of(contract)
    go_to(one.at - dt.timedelta(days=1, hours=3))
    assert delivered() == []
    go_to(one.at - dt.timedelta(hours=23))
    evening = [mail for mail in delivered() if mail.to == [ada.email]]
    told = " ".join(mail.subject + mail.body for mail in evening)
    assert "18:00" in told
    assert reverse("check_in", args=[contract.pk, one.on]) in told
    send(contract, ben, one.on)
    go_to(one.at + dt.timedelta(hours=23))
    assert [mail.to for mail in delivered() if "room for your check-in" in mail.subject] == [[ada.email]]
    go_to(one.at + dt.timedelta(days=3))
    assert not [mail for mail in delivered() if "room for your check-in" in mail.subject]


def test_who_skips_is_not_asked_again(contract, ada, delivered):
    planning.plan_all()
    one = first_of(contract)
    checkins.skip(by=ada, contract_id=contract.pk, on=one.on)
    go_to(one.at + dt.timedelta(hours=23))
    assert not [mail for mail in delivered() if mail.to == [ada.email] and "check-in" in mail.subject]


@pytest.mark.django_db(transaction=True)
def test_two_check_ins_at_one_moment_are_both_there(contract, ada, ben):
    on = first_of(contract).on
    outcomes = at_once(
        lambda: send(contract, ada, on), lambda: send(contract, ben, on), lambda: send(contract, ada, on)
    )
    assert CheckIn.objects.filter(state=CheckIn.State.SENT).count() == 2
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(outcome, Refused) for outcome in refused), refused


def test_who_was_blocked_adds_nothing_more_to_read(contract, ada, ben, client_of):
    one = first_of(contract)
    go_to(one.at)
    block(by=ada, member=ben)
    with pytest.raises(Refused):
        send(contract, ben, one.on, Said(moved="I still see you"))
    with pytest.raises(Refused):
        meetings.say_held(by=ben, contract_id=contract.pk, on=one.on, held="no")
    assert client_of(ben).get(reverse("check_in", args=[contract.pk, one.on])).status_code == 302


def test_a_private_note_that_is_too_long_comes_back(contract, ada, client_of):
    one = first_of(contract)
    send(contract, ada, one.on)
    go_to(one.at)
    answer = client_of(ada).post(
        reverse("check_in_note", args=[contract.pk, one.on]), {"private_note": "Tired. " + "x" * 2000}
    )
    assert "Tired. xxx" in answer.content.decode()
    assert "There is a problem" in answer.content.decode()


def test_what_is_sent_after_the_meeting_was_cancelled_comes_back_with_the_reason(contract, ada, ben, client_of):
    on = first_of(contract).on
    meetings.cancel(by=ben, contract_id=contract.pk, on=on, note="", seen=0)
    said = client_of(ada).post(reverse("check_in", args=[contract.pk, on]), {"moved": "Much"}).content.decode()
    assert "was cancelled" in said
    assert ">Much" in said.replace("\n", "")


def test_what_is_sent_after_the_contract_ended_is_there_to_copy(contract, ada, ben, dan, client_of):
    where = reverse("check_in", args=[contract.pk, first_of(contract).on])
    ending.part(by=ben, contract_id=contract.pk)
    sent = {"moved": "Much", "private_note": "For me"}
    answer = client_of(ada).post(where, sent)
    assert answer.status_code == 409
    for words in ("Much", "For me", "nothing was sent"):
        assert words in answer.content.decode()
    assert client_of(dan).post(where, sent).status_code == 404


def test_on_a_browser_that_grows_no_boxes_they_are_small(contract, ada, client_of):
    page = client_of(ada).get(reverse("check_in", args=[contract.pk, first_of(contract).on])).content.decode()
    assert set(re.findall(r'<textarea[^>]* rows="(\d+)"', page)) == {"2"}


def test_who_is_apart_is_not_asked_whether_they_met(contract, ada, ben, client_of):
    one = first_of(contract)
    go_to(one.at)
    assert "Yes, we met" in page_of(client_of(ben), contract, one.on)
    block(by=ada, member=ben)
    assert "Yes, we met" not in page_of(client_of(ben), contract, one.on)
