"""Home: whom it suggests, and whom it need not."""

import pytest
from django.urls import reverse

from accounts.actions.blocks import block
from contracts.actions import drafting
from matching.actions.introductions import close, decline, invite
from tests.pairs import introduce
from tests.people import member, settle


def suggested(client) -> list[str]:
    return [each.profile.name for each in client.get(reverse("home")).context["suggestions"]]


def invite_ben(ada, ben):
    return invite(by=ada, member_id=ben.pk, note="Shall we?", every_weeks=1, minutes=60, weeks=8)


def begin_and_close(ada, ben):
    introduction = introduce(ada, ben)
    drafting.start(by=ada, introduction_id=introduction.pk)
    close(by=ben, introduction_id=introduction.pk, seen_move=introduction.moves)


@pytest.mark.parametrize("known", [invite_ben, introduce, begin_and_close], ids=lambda known: known.__name__)
def test_whom_one_knows_already_is_not_suggested_and_still_counted(ada, ben, chloe, client_of, known):
    client = client_of(ada)
    assert suggested(client) == ["Ben Carter", "Chloé Moreau"]
    known(ada, ben)
    assert suggested(client) == ["Chloé Moreau"]
    assert "See all 2" in client.get(reverse("home")).content.decode()
    assert "Ada Bright" not in suggested(client_of(ben))


def test_the_next_best_take_their_place(ada, ben, client_of):
    for number in range(4):
        person = member(f"next{number}@example.org", f"Next {number}")
        settle(person, offers={"Bookkeeping": 1}, needs={"Writing": 1, "Chess": 3})
    client = client_of(ada)
    assert suggested(client) == ["Ben Carter", "Next 0", "Next 1"]
    invite_ben(ada, ben)
    assert suggested(client) == ["Next 0", "Next 1", "Next 2"]


def test_after_a_no_they_may_be_suggested_again(ada, ben, client_of):
    introduction = invite_ben(ada, ben)
    assert suggested(client_of(ada)) == []
    assert "Nobody else fits both ways yet" in client_of(ada).get(reverse("home")).content.decode()
    decline(by=ben, introduction_id=introduction.pk, seen_move=introduction.moves, reason="", is_private=False)
    assert suggested(client_of(ada)) == ["Ben Carter"]


def test_partners_says_with_whom_one_is_in_touch(ada, ben, chloe, client_of):
    client = client_of(ada)
    assert "In touch already" not in client.get(reverse("partners")).content.decode()
    invite_ben(ada, ben)
    page = client.get(reverse("partners")).content.decode()
    assert page.count("In touch already") == 1
    assert page.index("Ben Carter") < page.index("In touch already") < page.index("Chloé Moreau")


def test_whom_one_blocks_is_suggested_nowhere(ada, ben, client_of):
    introduce(ada, ben)
    block(by=ada, member=ben)
    assert suggested(client_of(ada)) == []
    assert "Nobody fits both ways yet" in client_of(ada).get(reverse("home")).content.decode()
