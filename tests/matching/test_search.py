"""A member looks for somebody in particular: filters narrow the exact ranking, and its pages do not shift."""

import pytest
from django.urls import reverse

from accounts.actions.listings import add_listing, remove_listing
from accounts.actions.pausing import pause
from accounts.actions.profiles import save_profile, save_rhythm
from accounts.models import Listing, Profile, Topic, TopicNeighbour
from matching import frozen
from matching.actions.candidates import rebuild
from matching.actions.marks import mark
from matching.index import Index, index
from matching.models import Candidate, Pricing, Searchable
from matching.ranking import Fit, Wishes, in_the_way, rank
from matching.searching import members_saying
from tests.people import member, settle

pytestmark = pytest.mark.django_db


def shown(client, **wishes) -> list[str]:
    return [each.profile.name for each in client.get(reverse("partners"), wishes).context["page"].object_list]


def found(viewer, **wishes) -> set[int]:
    ranks = rank(viewer, Wishes(**wishes))
    assert ranks == rank(viewer, Wishes(**wishes), among=Index())
    return {place.member_id for place in ranks if place.fit is Fit.MUTUAL}


def live(person, **rhythm) -> None:
    mine = Profile.objects.get(pk=person.pk)
    said = {
        "hours_per_week": 3,
        "free_hours": mine.free_hours,
        "languages": mine.languages,
        "media": mine.media,
        "time_zone": person.time_zone,
    }
    save_rhythm(by=person, **(said | rhythm))


class TestByTopic:
    def test_what_is_typed_is_found_as_the_type_ahead_finds_it(self, ada, ben, chloe, client_of):
        visit = client_of(ada)
        Topic.objects.filter(label_en="French").update(is_provisional=False)
        for typed in ("French", "french", " FREN", "Frensh"):
            assert shown(visit, help=typed) == ["Chloé Moreau"], typed
        assert shown(visit, help="bookkeeping") == ["Ben Carter", "Chloé Moreau"]

    def test_a_topic_that_is_close_counts_and_one_that_is_far_does_not(self, ada, ben, chloe):
        books, french = (Topic.objects.get(label_en=name) for name in ("Bookkeeping", "French"))
        taxes = Topic.objects.create(kind="skill", label_en="Taxes")
        for near, similarity in ((books, 60), (french, 40)):
            TopicNeighbour.objects.create(topic=taxes, neighbour=near, similarity=similarity, engine="test")
            TopicNeighbour.objects.create(topic=near, neighbour=taxes, similarity=similarity, engine="test")
        assert found(ada, topic_id=taxes.pk) == {ben.pk, chloe.pk}
        Listing.objects.filter(member=chloe, topic=books).update(topic=Topic.objects.create(kind="skill", label_en="X"))
        add_listing(by=ada, side="need", kind="skill", phrase="French", importance=1)
        assert found(ada, topic_id=taxes.pk) == {ben.pk}

    def test_what_is_no_topic_narrows_nothing_and_says_so(self, ada, ben, client_of):
        answer = client_of(ada).get(reverse("partners"), {"help": "qqqq zzzz"})
        assert "We know no topic of that name" in answer.content.decode()
        assert [each.profile.name for each in answer.context["page"].object_list] == ["Ben Carter"]

    def test_an_address_of_before_still_works(self, ada, ben, chloe, client_of):
        need = Listing.objects.get(member=ada, side="need")
        answer = client_of(ada).get(reverse("partners"), {"help": need.topic_id})
        assert 'value="Bookkeeping"' in answer.content.decode()
        assert len(answer.context["page"].object_list) == 2


class TestByWords:
    @pytest.mark.parametrize(
        "typed",
        [
            "traductrice", "TRADUC", "lyon traductrice", "Moreau-less OR", "d'économie", "ECONOMIE",
            "french", "jardin", "serres", "дом", "مدرسة", "straße", "c++",
        ],
    )  # fmt: skip
    def test_words_of_the_profile_and_of_listings_are_found_without_case_and_accents(self, ada, ben, chloe, typed):
        save_profile(
            by=chloe,
            name="Chloé Moreau",
            headline="Traductrice, Lyon. Moreau-less, or not",
            about="Un peu d’économie, d'économie politique. Мой Дом. مَدْرَسة. Straße, C++.",
        )
        listing = Listing.objects.get(member=chloe, topic__label_en="Gardening")
        Listing.objects.filter(pk=listing.pk).update(words="Un jardin et des serres")
        assert members_saying(typed) == [chloe.pk]
        assert found(ada, words=typed) == {chloe.pk}
        assert rebuild() == 0

    @pytest.mark.parametrize("typed", ["Moreau", "chloe@example.org", "traductrice paris", "aductrice", "zzz"])
    def test_names_addresses_and_inner_parts_of_words_are_not(self, ada, chloe, typed):
        assert found(ada, words=typed) == set()

    @pytest.mark.parametrize("typed", ["'", "' | 'x", "\\", "!", "a:*b & (", "<->", "%s", "\0", "'''''", "&|!()"])
    def test_signs_are_no_language(self, ada, chloe, client_of, typed):
        assert client_of(ada).get(reverse("partners"), {"words": typed}).status_code == 200

    def test_a_removed_listing_says_nothing_any_more(self, ada, ben):
        assert set(members_saying("know bookkeeping")) == {ada.pk, ben.pk}
        remove_listing(by=ben, listing_id=Listing.objects.get(member=ben, side="offer").pk)
        assert members_saying("know bookkeeping") == [ada.pk]
        assert rebuild() == 0

    def test_how_one_is_reached_is_not_searched(self, ada, ben):
        save_profile(by=ben, name="Ben Carter", headline="", about="", contact="Ring me: 0123456789 Zebra")
        assert members_saying("zebra") == members_saying("0123456789") == []

    def test_who_leaves_takes_their_words_along(self, ada, ben):
        ben.delete()
        assert not Searchable.objects.filter(pk=ben.pk).exists()

    def test_who_cannot_be_seen_is_not_found_by_words(self, ada, ben):
        assert found(ada, words="accountant") == {ben.pk}
        pause(by=ben, until=None)
        assert found(ada, words="accountant") == set()

    def test_the_index_answers(self, ada, ben):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                "EXPLAIN SELECT member_id FROM matching_searchable "
                "WHERE words @@ to_tsquery('simple', matching_folded('''book'':*'))"
            )
            assert "searchable_words" in str(cursor.fetchall())


class TestByTime:
    def test_an_hour_must_be_common_on_that_day_and_part_of_the_readers_clock(self, ada, ben):
        # Ada and Ben share Monday 18 to 21; Ben alone is free on Tuesday morning.
        live(ben, free_hours=[18, 19, 20, 33, 34])
        assert found(ada, day=0) == found(ada, part="evening") == found(ada, day=0, part="evening") == {ben.pk}
        assert found(ada, day=1) == found(ada, part="morning") == found(ada, day=0, part="morning") == set()

    def test_the_clock_is_that_of_who_reads(self, ada, ben):
        # 18:00 on Monday in London is Tuesday morning in Tokyo.
        yuki = settle(
            member("yuki@example.org", "Yuki"),
            offers={"Writing": 2}, needs={"Bookkeeping": 2}, hours=tuple(range(168)), time_zone="Asia/Tokyo",
        )  # fmt: skip
        assert found(yuki, day=1, part="night") == {ben.pk}
        assert found(yuki, day=0) == set()

    def test_an_hour_that_begins_in_a_part_ends_in_it(self, ada, ben):
        live(ada, free_hours=[11, 12])
        live(ben, free_hours=[11, 12], time_zone="Asia/Kathmandu")
        live(ben, free_hours=[11], time_zone="Europe/London")
        assert found(ada, part="morning") == {ben.pk}
        live(ben, free_hours=[12])
        assert found(ada, part="morning") == set()
        assert found(ada, part="afternoon") == {ben.pk}


class TestByCountry:
    def test_where_somebody_lives_is_what_they_said(self, ada, ben, chloe, client_of):
        index.forget()
        rank(ada)
        live(chloe, country="FR")  # read as a change
        assert found(ada, country="FR") == {chloe.pk}
        assert found(ada, country="GB") == set()
        assert rebuild() == 0
        page = client_of(ada).get(reverse("partners"), {"country": "FR"}).content.decode()
        assert '<option value="FR" selected>France</option>' in page
        assert '<option value="DE"' not in page
        assert "France" in client_of(ada).get(reverse("partner", args=[chloe.pk])).content.decode()

    def test_a_country_where_nobody_is_can_be_asked_for_and_nonsense_narrows_nothing(self, ada, ben, client_of):
        visit = client_of(ada)
        assert shown(visit, country="JP") == []
        for nonsense in ("ZZ", "fr", "FRA", "' OR 1=1"):
            assert shown(visit, country=nonsense) == ["Ben Carter"]

    def test_it_is_guessed_for_somebody_new_and_kept_only_when_they_save(self, dan, client_of):
        dan.time_zone = "Europe/Dublin"
        dan.save()
        visit = client_of(dan)
        assert '<option value="IE" selected>Ireland</option>' in visit.get(reverse("welcome_rhythm")).content.decode()
        visit.post(reverse("welcome_rhythm"), {"skip": "1", "country": "IE", "time_zone": "Europe/Dublin"})
        assert Profile.objects.get(pk=dan.pk).country == ""
        visit.post(
            reverse("welcome_rhythm"),
            {"country": "IE", "time_zone": "Europe/Dublin", "free_hours": ["1"], "languages": ["en"]},
        )
        assert Profile.objects.get(pk=dan.pk).country == "IE"
        visit.post(
            reverse("rhythm_edit"),
            {"country": "", "time_zone": "Europe/Dublin", "free_hours": ["1"], "languages": ["en"]},
        )
        assert Profile.objects.get(pk=dan.pk).country == ""
        # It is not guessed again for who has left it out.
        assert '<option value="IE" selected>' not in visit.get(reverse("rhythm_edit")).content.decode()


class TestAllTogether:
    def test_the_best_of_those_who_pass_are_shown_not_those_of_the_best_who_pass(self, ada, client_of):
        for number in range(55):
            settle(member(f"x{number}@example.org", f"X {number}"), offers={"Bookkeeping": 3}, needs={"Writing": 3})
        last = settle(member("last@example.org", "Last"), offers={"Bookkeeping": 1}, needs={"Writing": 1, "Chess": 3})
        live(last, country="IS")
        assert last.pk not in found(ada)
        assert shown(client_of(ada), country="IS") == ["Last"]

    def test_an_empty_answer_names_the_filter_that_leaves_most_out(self, ada, ben, chloe, client_of):
        live(ben, media=["phone"])
        live(chloe, media=["phone"], country="FR")
        wishes = Wishes(medium="in_person", country="FR")
        assert in_the_way(ada, wishes) == [("medium", 1)]
        assert in_the_way(ada, Wishes(words="traductrice", medium="in_person", language="en")) == [("medium", 1)]
        assert in_the_way(ada, Wishes(day=5, part="evening")) == [("day", 2)]
        assert in_the_way(ada, Wishes(day=5, country="IS")) == []
        answer = client_of(ada).get(reverse("partners"), {"country": "FR", "medium": "in_person", "page": "3"})
        page = answer.content.decode()
        assert "“How to meet” leaves most people out: without it 1 person fits you both ways." in page
        assert answer.context["obstacle"]["url"] == "?country=FR"
        assert shown(client_of(ada), country="FR") == ["Chloé Moreau"]

    def test_every_filter_at_once_makes_no_error(self, ada, ben, client_of):
        everything = {
            "help": "bookkeeping", "words": "accountant", "language": "en", "day": "0", "part": "evening",
            "country": "", "medium": "video",
        }  # fmt: skip
        assert shown(client_of(ada), **everything) == ["Ben Carter"]
        assert shown(client_of(ada), **{**everything, "day": "9", "part": "x", "medium": "x"}) == ["Ben Carter"]


class TestPagesDoNotShift:
    @pytest.fixture
    def many(self, ada):
        return [
            settle(member(f"x{number}@example.org", f"X {number:02}"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
            for number in range(20)
        ]

    def reprice(self, people) -> None:
        for place, person in enumerate(people):
            Candidate.objects.filter(pk=person.pk).update(price=1000 - 20 * place)
        Pricing.objects.create()

    def next_of(self, answer) -> str:
        token = answer.context["order"]
        number = answer.context["page"].next_page_number()
        assert f"page={number}&amp;order={token}" in answer.content.decode()
        return f"{reverse('partners')}?page={number}&order={token}"

    def names(self, answer) -> list[str]:
        return [each.profile.name for each in answer.context["page"].object_list]

    def test_nobody_is_seen_twice_or_skipped_while_prices_move(self, ada, many, client_of):
        visit = client_of(ada)
        first = visit.get(reverse("partners"))
        self.reprice(many[::-1])
        second = visit.get(self.next_of(first))
        self.reprice(many)
        third = visit.get(self.next_of(second))
        seen = self.names(first) + self.names(second) + self.names(third)
        assert seen == [f"X {number:02}" for number in range(20)]
        self.reprice(many[::-1])
        assert self.names(visit.get(reverse("partners")))[0] == "X 19"

    def test_who_is_gone_meanwhile_is_not_shown_and_moves_nobody(self, ada, many, client_of):
        visit = client_of(ada)
        first = visit.get(reverse("partners"))
        pause(by=many[0], until=None)
        pause(by=many[9], until=None)
        mark(by=ada, member_id=many[10].pk, kind="dismissed")
        second = visit.get(self.next_of(first))
        assert self.names(second) == ["X 08", "X 11", "X 12", "X 13", "X 14", "X 15"]

    def test_the_order_is_the_readers_own_and_of_these_filters(self, ada, dan, many, client_of):
        token = client_of(ada).get(reverse("partners")).context["order"]
        assert frozen.order_of(ada, Wishes(), token)
        assert frozen.order_of(dan, Wishes(), token) is None
        assert frozen.order_of(ada, Wishes(medium="video"), token) is None
        for nonsense in ("x" * 8, "*", "", "\0", "a" * 5000):
            assert self.names(client_of(ada).get(reverse("partners"), {"page": "2", "order": nonsense}))[0] == "X 08"

    def test_without_redis_the_next_page_is_of_that_moment(self, ada, many, client_of, settings):
        from matching import pricing

        settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
        pricing.connected.cache_clear()
        try:
            answer = client_of(ada).get(reverse("partners"))
            assert answer.context["order"] == ""
            assert "?page=2" in answer.content.decode()
            assert self.names(client_of(ada).get(reverse("partners"), {"page": "2"}))[0] == "X 08"
        finally:
            pricing.connected.cache_clear()


@pytest.mark.parametrize("wishes", [{}, {"words": "know"}, {"day": "5", "country": "IS", "medium": "phone"}])
def test_filters_cost_few_queries(ada, ben, chloe, client_of, wishes, django_assert_max_num_queries):
    client = client_of(ada)
    client.get(reverse("partners"), wishes)
    with django_assert_max_num_queries(24):
        client.get(reverse("partners"), wishes)
