"""A member writes in their own words what they offer or need, and the words find their topic."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.actions.choosing import is_near, topic_for
from accounts.actions.listings import add_listing
from accounts.actions.topics import TopicEntry, load_topics
from accounts.meaning.resolving import Near
from accounts.models import Draft, Listing, PendingAlias, RefusedPair, Topic

pytestmark = pytest.mark.django_db

NEAR = "Photographs for weddings"  # of no topic the name, and a little like several
VERY_NEAR = "Photography, wedding"

ENTRIES = [
    TopicEntry("skill", "Wedding photography", "Photographie de mariage", ("taking wedding pictures",)),
    TopicEntry("skill", "Photography", "Photographie", ("taking photographs",)),
    TopicEntry("contact", "Photographers", "Photographes", ()),
    TopicEntry("resource", "Photographs", "Tirages photo", ()),
    TopicEntry("skill", "Weddings", "Mariages", ("planning a wedding",)),
    TopicEntry("skill", "Public speaking", "Prise de parole en public", ("stage fright",)),
]


@pytest.fixture(autouse=True)
def _topics():
    load_topics(ENTRIES)


def typed(phrase: str, side: str = "offer", **fields) -> dict[str, str]:
    weight = {"level": "3"} if side == "offer" else {"importance": "3", "difference": ""}
    return {"phrase": phrase, "kind": "skill", "words": "Twenty so far", "draft_page": "a-page", **weight, **fields}


def add(client, phrase: str, side: str = "offer", page: str = "listing_add", **fields):
    address = reverse(page, args=[side] if page == "listing_add" else [])
    return client.post(address, typed(phrase, side, **fields))


def answer(client, asked, pick: str, **changed):
    """Send the question that a page asks, with this topic picked (its English name, or "own")."""
    page = asked.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    value = pick if pick in {"own", ""} else str(Topic.objects.get(label_en=pick).pk)
    return client.post(asked.request["PATH_INFO"], {**hidden, "topic": value, **changed})


def asked_about(response) -> list[str]:
    """The English names of the topics that are asked about, in order."""
    ids = [value for value, _label in response.context["form"].fields["topic"].choices if value != "own"]
    return [Topic.objects.get(pk=pk).label_en for pk in ids]


def listed(member) -> list[tuple[str, str]]:
    return list(Listing.objects.standing().filter(member=member).values_list("phrase", "topic__label_en"))


def test_an_alias_links_at_once_and_the_words_stay(dan, ben, client_of):
    client = client_of(dan)
    response = client.post(reverse("listing_add", args=["offer"]), typed("Stage  fright"), follow=True)
    assert listed(dan) == [("Stage fright", "Public speaking")]
    assert "“Stage fright” is on your list, and found under “Public speaking” as well." in response.content.decode()
    page = client_of(ben).get(reverse("partner", args=[dan.pk])).content.decode()
    assert "<h3>Stage fright</h3>" in page
    assert "Public speaking · Skill" in page


def test_a_name_of_the_topic_needs_no_word_about_it(dan, client_of):
    client = client_of(dan)
    page = client.post(reverse("listing_add", args=["offer"]), typed("photography"), follow=True).content.decode()
    assert "“photography” is on your list." in page
    assert "as well" not in page


def test_what_is_very_near_links_and_can_be_changed(dan, client_of):
    client = client_of(dan)
    response = client.post(reverse("listing_add", args=["offer"]), typed(VERY_NEAR), follow=True)
    assert listed(dan) == [(VERY_NEAR, "Wedding photography")]
    change = reverse("listing_topic", args=[Listing.objects.get().pk])
    assert response.content.decode().count(f'href="{change}"') == 2  # in the message, and in the row


def test_what_is_only_near_is_asked_about_and_nothing_typed_is_lost(dan, client_of):
    client = client_of(dan)
    asked = add(client, NEAR, words="“Twenty” <so> far\nand more")
    assert asked.status_code == 200
    assert not Listing.objects.exists()
    assert set(asked_about(asked)) == {entry.label_en for entry in ENTRIES} - {"Public speaking"}
    page = asked.content.decode()
    assert "None of these, keep my words" in page
    assert '<span class="hint">Resource' in page
    # Who goes away here finds the form as they left it.
    assert Draft.objects.get(member=dan, form="offer").values["phrase"] == [NEAR]

    done = client.post(
        reverse("listing_add", args=["offer"]),
        {
            **typed(NEAR, words="“Twenty” <so> far\nand more"),
            **{name: asked.context["form"][name].value() for name in ("topics_shown", "shown_for")},
            "topic": Topic.objects.get(label_en="Wedding photography").pk,
        },
    )
    assert done.url == reverse("listings")
    fields = ("phrase", "words", "level", "topic__label_en")
    assert list(Listing.objects.values_list(*fields)) == [
        (NEAR, "“Twenty” <so> far\nand more", 3, "Wedding photography")
    ]
    assert Draft.objects.get(member=dan, form="offer").values == {}


def test_a_question_without_an_answer_is_asked_again(dan, client_of):
    client = client_of(dan)
    again = answer(client, add(client, NEAR), "")
    assert again.content.decode().count("Choose one of these, or keep your own words.") == 2
    assert not Listing.objects.exists()
    assert answer(client, again, "Photography").url == reverse("listings")
    assert listed(dan) == [(NEAR, "Photography")]


def test_what_was_typed_can_be_changed_instead(dan, client_of):
    client = client_of(dan)
    form = answer(client, add(client, NEAR), "own", rewrite="1")
    assert form.context["form"]["words"].value() == "Twenty so far"
    assert "There is a problem" not in form.content.decode()
    # The answer to a question about other words is none.
    asked = answer(client, add(client, NEAR), "own", phrase="Photographs of a wedding")
    assert asked.context["phrase"] == "Photographs of a wedding"
    assert not Listing.objects.exists()


def test_their_own_words_are_a_topic_that_others_meet(dan, ada, client_of):
    client = client_of(dan)
    answer(client, add(client, NEAR), "own")
    add(client_of(ada), NEAR.upper(), "need")
    topic = Topic.objects.get(label_en=NEAR)
    assert topic.is_provisional
    assert set(topic.listings.values_list("member__email", "side", "phrase")) == {
        (dan.email, "offer", NEAR),
        (ada.email, "need", NEAR.upper()),
    }


def test_what_is_near_to_nothing_is_a_topic_at_once_and_it_is_said(dan, client_of):
    page = client_of(dan).post(reverse("listing_add", args=["offer"]), typed("Yodelling"), follow=True)
    assert "“Yodelling” is on your list. It is new here: whoever writes the same meets you." in page.content.decode()
    assert Topic.objects.get(label_en="Yodelling").is_provisional


@pytest.mark.parametrize(
    ("engine", "similarity", "is_asked"),
    [("trigram", 0.29, False), ("trigram", 0.3, True), ("use-1:0.2.1", 0.49, False), ("use-1:0.2.1", 0.5, True)],
)
def test_each_way_of_finding_has_a_floor_of_its_own(engine, similarity, is_asked):
    assert is_near(Near(1, "Yoga", similarity, engine)) == is_asked


@pytest.mark.parametrize("page", ["welcome_offers", "welcome_needs"])
def test_the_welcome_asks_as_well(dan, client_of, page):
    client = client_of(dan)
    side = "offer" if page == "welcome_offers" else "need"
    asked = add(client, NEAR, side, page)
    assert "Step" in asked.content.decode()
    assert answer(client, asked, "Photography").url == reverse(page)
    assert listed(dan) == [(NEAR, "Photography")]
    assert NEAR in client.get(reverse(page)).content.decode()


def test_a_change_of_the_words_asks_again_and_a_change_beside_them_does_not(dan, client_of):
    client = client_of(dan)
    answer(client, add(client, NEAR), "Photography")
    listing = Listing.objects.get()
    edit = reverse("listing_edit", args=[listing.pk])
    assert client.get(edit).context["form"]["phrase"].value() == NEAR
    assert client.post(edit, typed(f" {NEAR.lower()}", words="Thirty")).url == reverse("listings")
    assert listed(dan) == [(NEAR.lower(), "Photography")]
    asked = client.post(edit, typed("Photographs of weddings", words="Forty"))
    assert listed(dan) == [(NEAR.lower(), "Photography")]
    assert answer(client, asked, "Weddings").url == reverse("listings")
    assert list(Listing.objects.values_list("phrase", "topic__label_en", "words")) == [
        ("Photographs of weddings", "Weddings", "Forty")
    ]


class TestWhatIsRemembered:
    def test_a_choice_is_so_for_who_made_it_and_proposed_to_others_first(self, dan, ada, client_of):
        client = client_of(dan)
        before = asked_about(add(client, NEAR))
        chosen = before[-1]
        answer(client, add(client, NEAR), chosen)
        assert list(PendingAlias.objects.values_list("member", "phrase", "topic__label_en")) == [(dan.pk, NEAR, chosen)]
        assert add(client, NEAR, "need").url == reverse("listings")
        assert {topic for _phrase, topic in listed(dan)} == {chosen}
        assert asked_about(add(client_of(ada), NEAR)) == [chosen, *before[:-1]]

    def test_none_of_these_refuses_each_and_they_are_offered_last(self, dan, ada, client_of):
        client = client_of(dan)
        asked = add(client, NEAR)
        shown = asked_about(asked)
        answer(client, asked, "own")
        key = NEAR.lower()
        assert set(RefusedPair.objects.values_list("key", "topic__label_en")) == {(key, each) for each in shown}
        RefusedPair.objects.exclude(topic__label_en=shown[0]).delete()
        Listing.objects.all().delete()
        Topic.objects.filter(is_provisional=True).delete()
        assert asked_about(add(client_of(ada), NEAR)) == [*shown[1:], shown[0]]

    def test_what_was_changed_is_never_linked_by_likeness_again(self, dan, ada, client_of):
        client = client_of(dan)
        add(client, VERY_NEAR)
        page = reverse("listing_topic", args=[Listing.objects.get(member=dan).pk])
        assert asked_about(client.get(page))[0] == "Wedding photography"
        assert client.get(page).context["form"]["topic"].value() == str(
            Topic.objects.get(label_en="Wedding photography").pk
        )
        assert answer(client, client.get(page), "Photography").url == reverse("listings")
        assert listed(dan) == [(VERY_NEAR, "Photography")]
        assert list(RefusedPair.objects.values_list("key", "topic__label_en")) == [
            (VERY_NEAR.lower(), "Wedding photography")
        ]
        asked = asked_about(add(client_of(ada), VERY_NEAR))
        assert (asked[0], asked[-1]) == ("Photography", "Wedding photography")

    def test_leaving_it_as_it_is_refuses_nothing(self, dan, client_of):
        client = client_of(dan)
        add(client, VERY_NEAR)
        page = reverse("listing_topic", args=[Listing.objects.get().pk])
        answer(client, client.get(page), "Wedding photography")
        assert listed(dan) == [(VERY_NEAR, "Wedding photography")]
        assert not RefusedPair.objects.exists()
        assert not PendingAlias.objects.exists()

    def test_their_own_words_instead_of_an_alias_are_theirs_and_of_who_says_so_too(self, dan, ada, ben, client_of):
        for person in (dan, ada):
            client = client_of(person)
            add(client, "stage fright")
            mine = Listing.objects.get(member=person, phrase="stage fright")
            page = reverse("listing_topic", args=[mine.pk])
            assert answer(client, client.get(page), "own").url == reverse("listings")
        add(client_of(ben), "stage fright")
        found = dict(Listing.objects.filter(phrase="stage fright").values_list("member__email", "topic__label_en"))
        assert found == {dan.email: "Stage fright", ada.email: "Stage fright", ben.email: "Public speaking"}
        assert Topic.objects.filter(label_en="Stage fright").count() == 1
        assert topic_for("stage fright", kind="skill", by=dan).is_provisional

    def test_who_takes_another_topic_and_then_their_own_words_is_not_led_back(self, dan, client_of):
        client = client_of(dan)
        answer(client, add(client, NEAR), "Photography")
        page = reverse("listing_topic", args=[Listing.objects.get().pk])
        answer(client, client.get(page), "own")
        assert listed(dan) == [(NEAR, NEAR)]
        assert topic_for(NEAR, kind="skill", by=dan).label_en == NEAR
        assert not PendingAlias.objects.exists()

    def test_the_other_topic_may_be_on_the_list_already(self, dan, client_of):
        client = client_of(dan)
        add(client, "Photography")
        add(client, VERY_NEAR)
        page = reverse("listing_topic", args=[Listing.objects.get(phrase=VERY_NEAR).pk])
        refused = answer(client, client.get(page), "Photography")
        assert refused.content.decode().count("This is on your list already.") == 2
        assert not RefusedPair.objects.exists()

    def test_a_listing_that_was_removed_meanwhile_stays_removed(self, dan, client_of):
        client = client_of(dan)
        add(client, VERY_NEAR)
        listing = Listing.objects.get()
        page = client.get(reverse("listing_topic", args=[listing.pk]))
        client.post(reverse("listing_remove", args=[listing.pk]))
        assert "You took this off your list meanwhile." in answer(client, page, "Photography").content.decode()
        assert client.get(reverse("listing_topic", args=[listing.pk])).status_code == 404


@pytest.mark.parametrize(
    "odd",
    [
        {"topics_shown": "x,-1,٣," + "9" * 40, "topic": "1"},
        {"topics_shown": "", "topic": "9" * 40},
        {"topics_shown": "\x00", "topic": "\x00"},
        {"topics_shown": "1" * 5000, "topic": "own' OR 1=1"},
    ],
)
def test_what_no_page_has_asked_is_asked_again(dan, client_of, odd):
    again = add(client_of(dan), NEAR, shown_for=NEAR, **odd)
    assert again.status_code == 200
    assert "Choose one of these, or keep your own words." in again.content.decode()
    assert not Listing.objects.exists()


def test_words_of_others_are_not_proposed_and_cannot_be_picked(dan, ada, client_of):
    secret = add_listing(by=ada, side="offer", kind="skill", phrase="Photographs for a wedding", level=2).topic
    client = client_of(dan)
    assert secret.label_en not in asked_about(add(client, NEAR))
    again = add(client, NEAR, shown_for=NEAR, topics_shown=str(secret.pk), topic=str(secret.pk))
    assert "Choose one of these, or keep your own words." in again.content.decode()


def test_a_topic_that_was_merged_meanwhile_is_said(dan, client_of):
    client = client_of(dan)
    asked = add(client, NEAR)
    gone = Topic.objects.get(label_en="Weddings")
    pk = gone.pk
    gone.delete()
    again = answer(client, asked, "own", topic=str(pk))
    assert "Choose one of these, or keep your own words." in again.content.decode()


def test_in_french_the_names_are_french(dan, client_of):
    client = client_of(dan)
    add(client, "photography")
    listing = Listing.objects.get()
    with translation.override("fr"):
        assert (listing.phrase, listing.beside, listing.in_full) == (
            *("photography", "Photographie"),
            "photography (Photographie)",
        )
