"""How alike two are, in sentences that the two profiles bear out."""

import pytest
from django.urls import reverse

from accounts.models import Listing, Profile
from matching.actions.introductions import accept, decline
from matching.models import Introduction
from matching.peers import NO_ANSWER, answering
from tests.days import advance
from tests.matching.conftest import invitation
from tests.people import member, settle

pytestmark = pytest.mark.django_db


def page_of(client_of, viewer, other) -> str:
    return client_of(viewer).get(reverse("partner", args=[other.pk])).content.decode()


def test_levels_are_compared(ada, ben, client_of):
    assert "You are surer of what you bring than Ben is of what they bring." in page_of(client_of, ada, ben)
    assert "Ada is surer of what they bring than you are of what you bring." in page_of(client_of, ben, ada)
    Listing.objects.filter(side="offer").update(level=2)
    assert "You are peers: what you bring each other, you know about equally well." in page_of(client_of, ada, ben)


def test_the_time_that_both_give_is_compared(ada, ben, client_of):
    assert "You both give it about 3 hours a week." in page_of(client_of, ada, ben)
    Profile.objects.filter(pk=ben.pk).update(hours_per_week=1)
    assert "Hours a week: you 3, Ben 1." in page_of(client_of, ada, ben)
    Profile.objects.filter(pk=ben.pk).update(hours_per_week=None)
    assert "hours a week" not in page_of(client_of, ada, ben).lower().replace("hours a week</dt>", "")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ([1, 1, 30], "Ben usually answers an invitation within two hours."),
        ([20, 3, 100], "Ben usually answers an invitation within a day."),
        ([30, 60, 80], "Ben usually answers an invitation within 3 days."),
    ],
)
def test_how_soon_somebody_usually_answers(ada, ben, client_of, hours, words):
    for number, after in enumerate(hours):
        assert "usually answers" not in page_of(client_of, ada, ben)
        other = settle(member(f"x{number}@example.org", f"Xenia {number}"), offers={}, needs={})
        sent = invitation(other, ben)
        advance(hours=after)
        answer = accept if number % 2 else decline
        answer(by=ben, introduction_id=sent.pk, seen_move=1)
    assert words in page_of(client_of, ada, ben)


def test_who_never_answers_is_slow_and_old_times_are_forgotten(ada, ben, client_of):
    from matching.actions.introductions import LAPSES_AFTER, lapse_all

    for number in range(3):
        invitation(settle(member(f"x{number}@example.org", f"Xenia {number}"), offers={}, needs={}), ben)
    advance(days=15)
    lapse_all()
    assert Introduction.objects.filter(state="lapsed").count() == 3
    assert answering([ben.pk])[ben.pk] == NO_ANSWER == LAPSES_AFTER
    # "Usually answers within 14 days" would not be true.
    assert "usually answers" not in page_of(client_of, ada, ben)
    advance(days=200)
    assert answering([ben.pk]) == {}
