"""A member introduces two others: each is asked, two yeses are a meeting, and nobody learns of a no."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, export
from accounts.actions.erasing import erase
from accounts.actions.pausing import pause, resume
from accounts.models import Notice, User
from accounts.rules import Refused
from contracts.actions.blocks import block
from matching.actions import proposals
from matching.actions.introductions import close, introduce, invite
from matching.actions.proposals import answer, lapse_all, propose, withdraw
from matching.lifecycle import State as IntroductionState
from matching.models import Candidate, Introduction, Proposal
from matching.peers import answering
from matching.proposing import Answer, State
from matching.waiting import count, waiting
from peermentor.demo.days import days_ago
from tests.matching.conftest import RHYTHM, conversation
from tests.people import member, settle

pytestmark = pytest.mark.django_db
NOT_NOW = "You cannot introduce these two now."
GONE = "This question is not open any more."
ANSWERS = {"yes": Answer.YES, "no": Answer.NO}


@pytest.fixture
def seun(ada, ben) -> User:
    """Knows Ada and Ben."""
    person = settle(member("seun@example.org", "Seun Bello"), offers={"Chess": 1}, needs={"Sailing": 1})
    conversation(person, ada)
    conversation(ben, person)
    return person


@pytest.fixture
def asked(seun, ada, ben) -> Proposal:
    return propose(by=seun, one_id=ada.pk, other_id=ben.pk, note="Meet Ben, Ada.", other_note="Meet Ada, Ben.")


def say(proposal: Proposal, by: User, what: str) -> Proposal:
    return answer(by=by, proposal_id=proposal.pk, says=ANSWERS[what])


def page(client, name: str, *args) -> str:
    return client.get(reverse(name, args=args), follow=True).content.decode()


def press(client, name: str, *args, **what) -> str:
    return client.post(reverse(name, args=args), what, follow=True).content.decode()


def form(one: User, other: User, **what) -> dict:
    return {"one": one.pk, "other": other.pk, "note": "You two should meet.", **what}


def test_two_yeses_are_a_conversation_that_says_who_introduced_them(seun, ada, ben, client_of, delivered):
    delivered()
    said = press(client_of(seun), "proposal_new", **form(ada, ben, other_note="Ada writes, Ben."))
    assert "Both are asked now, each for themselves." in said
    [proposal] = Proposal.objects.all()
    mails = delivered()
    assert sorted((mail.to[0], mail.subject) for mail in mails) == [
        ("ada@example.org", "Seun Bello would like to introduce you to Ben Carter"),
        ("ben@example.org", "Seun Bello would like to introduce you to Ada Bright"),
    ]
    notes = {mail.to[0]: ("You two should meet." in mail.body, "Ada writes, Ben." in mail.body) for mail in mails}
    assert notes == {"ada@example.org": (True, False), "ben@example.org": (False, True)}
    hers = page(client_of(ada), "proposal", proposal.pk)
    for shown in ("Seun writes to you", "You two should meet.", "Ben Carter finishes a draft", "I know Bookkeeping."):
        assert shown in hers
    assert "Ada writes, Ben." not in hers
    assert "You said yes." in press(client_of(ada), "proposal_yes", proposal.pk)
    assert not Introduction.objects.between(ada, ben).exists()
    assert delivered() == []
    assert "You both said yes: you can talk now." in press(client_of(ben), "proposal_yes", proposal.pk)
    introduction = Introduction.objects.open_between(ada, ben)
    assert introduction.state == IntroductionState.ACCEPTED
    assert introduction.rhythm == (1, 60, 8)
    for each in (ada, ben):
        assert "Seun Bello introduced you to each other" in page(client_of(each), "introduction", introduction.pk)
    assert sorted((mail.to[0], mail.subject) for mail in delivered()) == [
        ("ada@example.org", "You and Ben Carter can talk now"),
        ("seun@example.org", "Ada Bright and Ben Carter are talking"),
    ]
    assert "Both said yes: they can talk now" in page(client_of(seun), "proposal_new")
    # Whoever looks at the question again is led to what came of it.
    assert "How to reach Ben" in page(client_of(ada), "proposal", proposal.pk)


def what_is_seen(client, proposal: Proposal, person: User) -> list[str]:
    """Return all that the application gives a person to read, without what differs from one request to the next."""
    pages = [page(client, name) for name in ("home", "introductions", "proposal_new")]
    pages.append(page(client, "proposal", proposal.pk))
    ours = [held for held in export.holdings() if held.fields and held.model.startswith("matching.")]
    pages.append(export.as_json({held.name: held.rows(person.pk) for held in ours}))
    mails = Notice.objects.filter(member=person).order_by("pk").values_list("kind", "state")
    pages.append(str(list(mails)))
    numbers = r'(?<=of-two/)\d+|(?<=proposal-)\d+|(?<="id": )\d+'
    of_request = rf'{numbers}|\b\w{{64}}\b|(?<=draft_page" value=")[^"]+|T\d\d:\d\d:\d\d\.\d+Z'
    return [re.sub(of_request, "", each) for each in pages]


@pytest.mark.parametrize(
    ("day", "bens"),
    [
        (8, "yes"),
        (15, "nothing yet"),
        pytest.param(8, "nothing yet", marks=pytest.mark.slow),
        pytest.param(15, "yes", marks=pytest.mark.slow),
    ],
)
def test_a_no_is_the_same_as_silence_for_the_two_others(seun, ada, ben, client_of, delivered, bens, day):
    """Ada says nothing, or not now: whatever Ben and Seun can look at, at any time, is the same to the letter."""
    seen, mails = {}, {}
    for adas in ("nothing yet", "no"):
        with transaction.atomic():
            with days_ago(day):
                proposal = propose(by=seun, one_id=ada.pk, other_id=ben.pk, note="Meet.")
                delivered()
                for who, said in ((ada, adas), (ben, bens)):
                    if said in ANSWERS:
                        say(proposal, who, said)
            lapse_all()
            mails[adas] = [(each.to, each.subject) for each in delivered() if "ada@example.org" not in each.to]
            seen[adas] = [text for each in (seun, ben) for text in what_is_seen(client_of(each), proposal, each)]
            transaction.set_rollback(True)
    for no, silence in zip(seen["no"], seen["nothing yet"], strict=True):
        assert no.splitlines() == silence.splitlines()
    assert mails["no"] == mails["nothing yet"]


def test_who_asked_learns_of_nothing_until_the_time_is_over(asked, seun, ada, ben, client_of):
    client = client_of(seun)
    for what in ("yes", "no"):
        say(asked, ada, what)
        assert "Waiting for two yeses" in page(client, "proposal", asked.pk)
    Proposal.objects.update(lapses_at=clock.now())
    assert "Nothing came of it this time" in page(client, "proposal", asked.pk)
    assert lapse_all() == 1
    assert lapse_all() == 0
    asked.refresh_from_db()
    assert (asked.state, asked.ended_at) == (State.LAPSED, asked.lapses_at)
    assert "Nothing came of it this time" in page(client, "proposal_new")


def test_a_not_now_may_become_a_yes_and_a_yes_a_not_now(asked, ada, ben, client_of):
    client = client_of(ada)
    assert "You said: not now. That is fine, and nobody is told." in press(client, "proposal_no", asked.pk)
    assert "You may still change your mind." in page(client, "introductions")
    assert "Say yes after all" in page(client, "proposal", asked.pk)
    press(client, "proposal_yes", asked.pk)
    assert "There is no yes from Ben yet" in page(client, "proposal", asked.pk)
    press(client, "proposal_no", asked.pk)
    say(asked, ben, "yes")
    assert not Introduction.objects.between(ada, ben).exists()
    assert "You both said yes" in press(client, "proposal_yes", asked.pk)


def test_it_waits_for_who_is_asked_and_for_nobody_else(asked, seun, ada, ben, client_of):
    assert [thing.text for thing in waiting(ada)] == ["Seun asks whether you would like to meet Ben"]
    assert [count(each) for each in (seun, ada, ben)] == [0, 1, 1]
    assert "Seun Bello asks whether you would like to meet." in page(client_of(ada), "introductions")
    say(asked, ada, "no")
    assert [count(each) for each in (seun, ada, ben)] == [0, 0, 1]


def test_who_has_not_answered_is_reminded_once(asked, ada, ben, delivered, monkeypatch):
    assert len(delivered()) >= 2
    say(asked, ada, "no")
    reminders = Notice.objects.filter(kind="proposal:reminder")
    assert reminders.count() == 2
    Notice.objects.filter(kind="proposal:reminder").update(due_at=clock.now(), next_attempt_at=clock.now())
    assert [(mail.to, mail.subject) for mail in delivered()] == [
        (["ben@example.org"], "Would you like to meet Ada Bright? Seun Bello asked you a week ago")
    ]
    assert delivered() == []


def test_what_is_taken_back_is_gone_for_who_has_not_said_yes(asked, seun, ada, ben, client_of, delivered):
    say(asked, ben, "yes")
    assert "You took it back." in press(client_of(seun), "proposal_withdraw", asked.pk)
    # The mail that had not gone out does not go out any more.
    assert [mail for mail in delivered() if "introduce you" in mail.subject] == []
    for name in ("proposal_yes", "proposal_no"):
        assert GONE in press(client_of(ada), name, asked.pk)
    assert GONE in page(client_of(ada), "proposal", asked.pk)
    assert "Ben Carter" not in page(client_of(ada), "introductions")
    assert "Seun took the proposal back." in page(client_of(ben), "introductions")
    assert "Seun has taken the proposal back since." in page(client_of(ben), "proposal", asked.pk)
    # Twice is once, and after a meeting it is too late.
    withdraw(by=seun, proposal_id=asked.pk)


def test_two_who_have_met_cannot_be_taken_back(asked, seun, ada, ben, client_of):
    say(asked, ada, "yes")
    say(asked, ben, "yes")
    assert "They have both said yes, and can talk now." in press(client_of(seun), "proposal_withdraw", asked.pk)
    with pytest.raises(Refused, match="You and Ben have both said yes"):
        say(asked, ada, "no")
    assert say(asked, ada, "yes").state == State.MET


def would_rather_not(ada: User, ben: User) -> None:
    proposals.choose(by=ben, may_be_proposed=False)


def talk_already(ada: User, ben: User) -> None:
    conversation(ada, ben)


def one_has_invited(ada: User, ben: User) -> None:
    invite(by=ada, member_id=ben.pk, note="Hello", **RHYTHM)


def one_has_blocked(ada: User, ben: User) -> None:
    block(by=ben, member=ada)


def one_is_full(ada: User, ben: User) -> None:
    Candidate.objects.filter(pk=ben.pk).update(is_full=True)


def were_asked_lately(ada: User, ben: User) -> None:
    other = member("x@example.org", "Xenia")
    for each in (ada, ben):
        conversation(other, each)
    with days_ago(89):
        withdraw(by=other, proposal_id=propose(by=other, one_id=ada.pk, other_id=ben.pk, note="Hello").pk)


@pytest.mark.parametrize(
    "why", [would_rather_not, talk_already, one_has_invited, one_has_blocked, one_is_full, were_asked_lately]
)
def test_why_two_cannot_be_introduced_is_not_said(seun, ada, ben, client_of, why):
    """One sentence for all of them."""
    why(ada, ben)
    before = Proposal.objects.count()
    for pair in ((ada, ben), (ben, ada)):
        assert NOT_NOW in press(client_of(seun), "proposal_new", **form(*pair))
    assert Proposal.objects.count() == before


def test_after_ninety_days_they_may_be_asked_again(seun, ada, ben):
    with days_ago(91):
        propose(by=seun, one_id=ada.pk, other_id=ben.pk, note="Hello")
    # No task has marked the first one meanwhile.
    again = propose(by=seun, one_id=ben.pk, other_id=ada.pk, note="Hello again")
    assert [each.state for each in Proposal.objects.order_by("pk")] == [State.LAPSED, State.ASKED]
    assert (again.first, again.second) == (ada, ben)


def test_only_people_whom_one_knows_can_be_chosen(seun, ada, ben, chloe, client_of):
    client = client_of(seun)
    shown = page(client, "proposal_new")
    assert "Ada Bright (Novelist, London)" in shown
    assert "Chloé Moreau" not in shown
    for wrong in (form(ada, chloe), form(ada, ada), form(ada, seun), {"one": ada.pk, "note": "x"}, {}):
        assert client.post(reverse("proposal_new"), wrong).status_code == 200
    with pytest.raises(Refused, match="with whom you talk here"):
        propose(by=seun, one_id=ada.pk, other_id=chloe.pk, note="Hello")
    # An invitation that nobody accepted is no acquaintance; a conversation that was closed is.
    invite(by=seun, member_id=chloe.pk, note="Hello", **RHYTHM)
    assert [each.name for each in proposals.acquaintances(seun)] == ["Ada Bright", "Ben Carter"]
    standing = Introduction.objects.open_between(seun, ada)
    close(by=ada, introduction_id=standing.pk, seen_move=standing.moves)
    assert [each.name for each in proposals.acquaintances(seun)] == ["Ada Bright", "Ben Carter"]
    pause(by=ada, until=None)
    block(by=ben, member=seun)
    assert proposals.acquaintances(seun) == []
    assert "You need to know two people for this" in page(client, "proposal_new")
    assert not Proposal.objects.exists()


def test_who_comes_from_somebodys_page_has_chosen_them(seun, ada, chloe, client_of):
    client = client_of(seun)
    link = f"{reverse('proposal_new')}?with={ada.pk}"
    assert link in page(client, "partner", ada.pk)
    assert link in page(client, "introduction", Introduction.objects.open_between(seun, ada).pk)
    assert "proposal_new" not in page(client, "partner", chloe.pk)
    assert f'<option value="{ada.pk}" selected>' in client.get(link).content.decode()


def test_three_pairs_at_a_time(seun, ada, ben, chloe, dan, client_of, monkeypatch):
    for each in (chloe, dan):
        conversation(seun, each)
    for pair in ((ada, ben), (ada, chloe), (ada, dan)):
        propose(by=seun, one_id=pair[0].pk, other_id=pair[1].pk, note="Hello")
    assert "You have asked for 3 pairs" in press(client_of(seun), "proposal_new", **form(ben, chloe))
    Proposal.objects.filter(first=ada, second=ben).update(lapses_at=clock.now())
    assert "Both are asked now" in press(client_of(seun), "proposal_new", **form(ben, chloe))


def test_a_double_click_asks_once(seun, ada, ben, client_of):
    client = client_of(seun)
    for _click in range(2):
        assert "Both are asked now" in press(client, "proposal_new", **form(ada, ben))
    assert Proposal.objects.count() == 1
    assert Notice.objects.filter(kind="proposal:asked").count() == 2


def test_who_may_not_be_seen_is_not_asked_about(asked, seun, ada, ben, client_of, delivered):
    client = client_of(ada)
    for hide, show in (
        (lambda: pause(by=ben, until=None), lambda: resume(by=ben)),
        (lambda: User.objects.filter(pk=ben.pk).update(is_active=False), lambda: activate(ben)),
        (lambda: User.objects.filter(pk=seun.pk).update(is_active=False), lambda: activate(seun)),
    ):
        assert count(ada) == 1
        hide()
        assert count(ada) == 0
        assert GONE in page(client, "proposal", asked.pk)
        assert GONE in press(client, "proposal_yes", asked.pk)
        show()
    assert "Yes, I would" in page(client, "proposal", asked.pk)


def activate(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)


def test_a_block_between_the_two_shows_to_who_asked_as_silence(asked, seun, ada, ben, client_of, delivered):
    say(asked, ben, "yes")
    block(by=ada, member=ben)
    assert delivered_subjects(delivered) == []
    for each in (ada, ben):
        assert client_of(each).get(reverse("proposal", args=[asked.pk])).status_code == 404
        assert client_of(each).post(reverse("proposal_yes", args=[asked.pk])).status_code == 404
        assert count(each) == 0
    assert "Waiting for two yeses" in page(client_of(seun), "proposal", asked.pk)
    with pytest.raises(Refused, match=GONE):
        say(asked, ada, "yes")


def test_a_block_with_who_asked_takes_it_away_for_these_two(asked, seun, ada, ben, client_of):
    block(by=ada, member=seun)
    for each in (seun, ada):
        assert client_of(each).get(reverse("proposal", args=[asked.pk])).status_code == 404
    say(asked, ben, "yes")
    assert "There is no yes from Ada yet" in page(client_of(ben), "proposal", asked.pk)


def delivered_subjects(delivered: Callable) -> list[str]:
    return [mail.subject for mail in delivered() if "introduce" in mail.subject or "meet" in mail.subject]


def test_two_who_have_an_invitation_meanwhile_go_on_from_there(asked, ada, ben, client_of):
    say(asked, ada, "yes")
    invite(by=ada, member_id=ben.pk, note="Hello", **RHYTHM)
    said = press(client_of(ben), "proposal_yes", asked.pk)
    assert "There is an invitation between you and Ada already: go on from there." in said
    assert "Would you like to talk with Ada?" in said
    asked.refresh_from_db()
    assert asked.state == State.ASKED


def test_who_introduced_them_is_not_named_after_a_block_or_when_they_left(asked, seun, ada, ben, client_of):
    say(asked, ada, "yes")
    introduction = say(asked, ben, "yes").introduction
    block(by=ada, member=seun)
    assert "You were introduced to each other" in page(client_of(ada), "introduction", introduction.pk)
    assert "Seun Bello introduced you" in page(client_of(ben), "introduction", introduction.pk)
    erase(by=seun, site_url="http://localhost")
    assert "You were introduced to each other" in page(client_of(ben), "introduction", introduction.pk)
    assert not Proposal.objects.exists()


def test_the_download_of_one_who_is_asked_holds_only_what_is_theirs(asked, seun, ada, ben):
    say(asked, ben, "no")
    held = {each.name: each.rows(ada.pk) for each in export.holdings() if each.fields}
    [row] = held["proposals_to_you_first"]
    assert (row["proposer"], row["second"], row["first_note"]) == ("Seun Bello", "Ben Carter", "Meet Ben, Ada.")
    assert not {"state", "second_answer", "second_note", "second_answered_at", "ended_at"} & set(row)
    [row] = next(each for each in export.holdings() if each.name == "proposals_made").rows(seun.pk)
    assert row["state"] == "asked"
    assert not {"first_answer", "second_answer"} & set(row)


def test_a_stranger_gets_404_and_who_asked_cannot_answer(asked, seun, dan, client_of):
    for person in (dan,):
        assert client_of(person).get(reverse("proposal", args=[asked.pk])).status_code == 404
    for person, names in ((dan, ("yes", "no", "withdraw")), (seun, ("yes", "no"))):
        for name in names:
            assert client_of(person).post(reverse(f"proposal_{name}", args=[asked.pk])).status_code == 404


def test_one_of_the_two_cannot_take_it_back(asked, ada, client_of):
    assert client_of(ada).post(reverse("proposal_withdraw", args=[asked.pk])).status_code == 404
    with pytest.raises(Refused):
        withdraw(by=ada, proposal_id=asked.pk)


def test_the_choice_is_kept(ada, client_of):
    client, url = client_of(ada), reverse("proposal_choice")

    def chosen() -> str:
        return client.get(url).context["form"]["may_be_proposed"].value()

    assert chosen() == "yes"
    for said, sentence in (("no", "Nobody introduces you now."), ("yes", "Others may introduce you.")):
        assert sentence in client.post(url, {"may_be_proposed": said}, follow=True).content.decode()
        assert chosen() == said
    assert "Choose one of the two." in client.post(url, {}).content.decode()
    assert chosen() == "yes"


def test_the_page_of_introductions_asks_as_often_for_three_as_for_one(seun, ada, ben, chloe, dan, client_of):
    conversation(seun, chloe)
    conversation(seun, dan)
    client, counts = client_of(ada), []
    page(client, "home")
    for other in (ben, chloe, dan):
        propose(by=seun, one_id=ada.pk, other_id=other.pk, note="Hello")
        for name in ("home", "introductions"):
            with CaptureQueriesContext(connection) as queries:
                page(client, name)
            counts.append((name, len(queries)))
    assert len(set(counts)) == 2


def test_an_introduction_is_no_invitation_of_the_day(asked, ada, ben, monkeypatch):
    """Who is introduced a lot may still invite."""
    from matching.actions import introductions

    monkeypatch.setattr(introductions, "MOST_A_DAY", 2)
    say(asked, ada, "yes")
    say(asked, ben, "yes")
    for number in range(2):
        invite(by=ada, member_id=member(f"m{number}@example.org", f"M {number}").pk, note="Hello", **RHYTHM)


def test_an_introduction_is_no_slow_answer_to_an_invitation(ada):
    for number in range(3):
        other = member(f"m{number}@example.org", f"M {number}")
        with days_ago(9):
            introduction = introduce(one=other, other=ada, now=clock.now())
        close(by=ada, introduction_id=introduction.pk, seen_move=1)
    assert answering([ada.pk]) == {}


def test_the_time_is_fourteen_days(asked):
    assert asked.lapses_at - asked.asked_at == dt.timedelta(days=14)
