"""What is asked with SQL that was written once is what the query would answer."""

import pytest

from accounts.models import Listing
from accounts.prepared import AboutMember, Prepared


def test_each_member_gets_their_own_answer_from_one_question(ada, ben):
    asked = AboutMember(lambda member: Listing.objects.owned_by(member).order_by("pk").values_list("pk", "side"))
    for person in (ada, ben, ada):
        assert asked.of(person) == list(Listing.objects.owned_by(person).order_by("pk").values_list("pk", "side"))


def test_the_question_is_written_once(ada, ben, django_assert_num_queries):
    written = []

    def ask(member):
        written.append(member.pk)
        return Listing.objects.owned_by(member).values_list("pk")

    asked = AboutMember(ask)
    with django_assert_num_queries(2):
        asked.of(ada)
        asked.of(ben)
    assert len(written) == 1


def test_a_stand_in_that_stands_nowhere_is_a_mistake(db):
    asked = Prepared(lambda me, day: Listing.objects.filter(member_id=me).values_list("pk"), me=-1, day="?day")
    with pytest.raises(AssertionError, match="day has no place in the question"):
        asked.rows(me=1, day="today")
