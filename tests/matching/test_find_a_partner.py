import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts import clock
from accounts.actions.blocks import block
from accounts.actions.profiles import save_preferences, save_rhythm
from accounts.models import Block, Listing, Profile, Topic, TopicNeighbour, User
from tests.people import member, settle


def partners(client, **wishes) -> str:
    return client.get(reverse("partners"), wishes).content.decode()


def shown(client, **wishes) -> dict:
    context = client.get(reverse("partners"), wishes).context
    return {
        "mutual": [each.profile.name for each in context["page"].object_list],
        "helpers": [each.profile.name for each in context["helpers"]],
        "helped": [each.profile.name for each in context["helped"]],
    }


def test_those_who_fit_both_ways_come_first_and_then_those_who_fit_one_way(ada, ben, chloe, client_of):
    settle(member("eve@example.org", "Eve Helper"), offers={"Bookkeeping": 3}, needs={"Chess": 1})
    settle(member("fay@example.org", "Fay Helped"), offers={"Chess": 3}, needs={"Writing": 1})
    assert shown(client_of(ada)) == {
        "mutual": ["Ben Carter", "Chloé Moreau"],
        "helpers": ["Eve Helper"],
        "helped": ["Fay Helped"],
    }


def test_a_card_says_what_each_gives_why_and_when(ada, ben, client_of):
    page = partners(client_of(ada))
    assert "Your goal depends on “Bookkeeping”, and Ben offers it." in page
    assert "Ben needs “Writing”, which you offer." in page
    assert "Both free Mon 18:00–21:00" in page
    assert "Strong fit" in page
    assert "%" not in page.split('id="partners"')[1].split("</main>")[0]


def test_a_card_and_a_page_have_their_own_words_and_the_topic_beside_them(ada, client_of):
    topic = Topic.objects.get(label_en="Bookkeeping")
    topic.aliases.create(phrase="doing the books", key="doing the books")
    gil = settle(member("gil@example.org", "Gil"), offers={"Doing the BOOKS": 3}, needs={"Writing": 1})
    client = client_of(ada)
    assert "<li>Doing the BOOKS (Bookkeeping)</li>" in partners(client)
    page = client.get(reverse("partner", args=[gil.pk])).content.decode()
    assert "<h3>Doing the BOOKS" in page
    assert "Bookkeeping · Skill · Strong" in page


@pytest.mark.parametrize(
    ("hundredths", "said", "is_open"),
    [
        (60, "Your goal depends on “Bookkeeping”, and Gil offers “Accounting”, which is near it.", False),
        (30, "You need “Bookkeeping”. Gil offers “Accounting”, which may help a little.", True),
    ],
)
def test_what_is_far_is_not_called_near(ada, client_of, hundredths, said, is_open):
    gil = settle(member("gil@example.org", "Gil"), offers={"Accounting": 3}, needs={"Writing": 1})
    need, offer = (Topic.objects.get(label_en=name) for name in ("Bookkeeping", "Accounting"))
    for one, other in ((need, offer), (offer, need)):
        TopicNeighbour.objects.create(topic=one, neighbour=other, similarity=hundredths, engine="test")
    page = client_of(ada).get(reverse("partner", args=[gil.pk])).content.decode()
    assert said in page
    assert ("Still open for you" in page) is is_open


def test_when_both_are_free_is_said_on_the_readers_clock(ada, ben, client_of):
    save_preferences(by=ben, time_zone="Asia/Kathmandu", language="en")
    # 18:00 to 21:00 in London meets 18:00 to 21:00 in Kathmandu nowhere: 4 h 45 min or 5 h 45 min apart
    assert shown(client_of(ada))["mutual"] == []
    save_preferences(by=ben, time_zone="Europe/Paris", language="en")
    assert "Both free Mon 18:00–20:00" in partners(client_of(ada))
    assert "Both free Mon 19:00–21:00" in partners(client_of(ben))


@pytest.mark.parametrize(
    "reason", ["paused", "not looking", "unconfirmed", "inactive", "blocked", "blocker", "nameless"]
)
def test_who_is_not_there_is_neither_in_the_list_nor_on_a_page(ada, ben, client_of, reason):
    client = client_of(ada)
    assert shown(client)["mutual"] == ["Ben Carter"]
    if reason == "paused":
        Profile.objects.filter(member=ben).update(paused_until=clock.now() + dt.timedelta(days=3))
    elif reason == "not looking":
        Profile.objects.filter(member=ben).update(is_looking=False)
    elif reason == "unconfirmed":
        EmailAddress.objects.filter(user=ben).update(verified=False)
    elif reason == "inactive":
        type(ben).objects.filter(pk=ben.pk).update(is_active=False)
    elif reason == "blocked":
        block(by=ada, member=ben)
    elif reason == "blocker":
        block(by=ben, member=ada)
    else:
        Profile.objects.filter(member=ben).update(name="")
    assert shown(client) == {"mutual": [], "helpers": [], "helped": []}
    assert client.get(reverse("partner", args=[ben.pk])).status_code == 404
    assert client.post(reverse("partner_block", args=[ben.pk])).status_code == 404


def test_a_pause_that_is_over_hides_nobody(ada, ben, client_of):
    Profile.objects.filter(member=ben).update(paused_until=clock.now() - dt.timedelta(seconds=1))
    assert shown(client_of(ada))["mutual"] == ["Ben Carter"]


def test_the_partners_page_shows_all_that_they_show_and_no_address(ada, ben, client_of):
    page = client_of(ada).get(reverse("partner", args=[ben.pk])).content.decode()
    for sentence in (
        "Ben Carter",
        "Accountant, Leeds",
        "I know Bookkeeping.",
        "Ben Carter finishes a draft",
        "you need this",
    ):
        assert sentence in page
    assert "ben@example.org" not in page


def test_my_own_partners_page_is_my_profile(ada, client_of):
    assert client_of(ada).get(reverse("partner", args=[ada.pk])).url == reverse("profile")


def test_filters_narrow_and_say_so_when_nobody_is_left(ada, ben, chloe, client_of):
    client = client_of(ada)
    bookkeeping = Listing.objects.get(member=ada, side="need").topic_id
    assert shown(client, help=bookkeeping)["mutual"] == ["Ben Carter", "Chloé Moreau"]
    assert shown(client, medium="video")["mutual"] == ["Ben Carter", "Chloé Moreau"]
    assert "Nobody fits with these filters" in partners(client, medium="in_person")
    assert shown(client, help="x", language="\x00", medium="'; --", page="-1")["mutual"] == [
        "Ben Carter",
        "Chloé Moreau",
    ]


def test_htmx_gets_the_list_alone(ada, ben, client_of):
    page = client_of(ada).get(reverse("partners"), headers={"HX-Request": "true"}).content.decode()
    assert "Ben Carter" in page
    assert "<html" not in page


def test_somebody_new_is_told_what_is_missing(dan, client_of):
    page = partners(client_of(dan))
    for what in ("one thing that you can give", "one thing that you need", "when in the week you could meet"):
        assert what in page


def test_where_nobody_fits_the_page_says_what_to_do(ada, client_of):
    page = partners(client_of(ada))
    assert "Nobody fits both ways yet" in page
    assert reverse("listing_add", args=["offer"]) in page


def test_a_block_hides_both_and_can_be_undone(ada, ben, client_of):
    client = client_of(ada)
    response = client.post(reverse("partner_block", args=[ben.pk]), follow=True)
    assert "You and Ben Carter no longer see each other." in response.content.decode()
    assert shown(client_of(ben))["mutual"] == []
    undo = reverse("partner_unblock", args=[ben.pk])
    assert f'action="{undo}"' in response.content.decode()
    client.post(undo)
    assert shown(client)["mutual"] == ["Ben Carter"]
    assert not Block.objects.exists()


def test_only_the_blocker_can_lift_a_block(ada, ben, client_of):
    block(by=ada, member=ben)
    assert client_of(ben).post(reverse("partner_unblock", args=[ada.pk])).status_code == 404
    assert Block.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_as_often_for_three_as_for_one(ada, client_of, count, django_assert_num_queries):
    for number in range(count):
        settle(member(f"x{number}@example.org", f"Xenia {number}"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
    client = client_of(ada)
    client.get(reverse("partners"))  # the first of a process reads everybody
    with django_assert_num_queries(20):
        assert len(shown(client)["mutual"]) == count


def test_paging_is_stable_and_complete(ada, client_of):
    for number in range(30):
        settle(member(f"x{number}@example.org", f"Xenia {number:02}"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
    client = client_of(ada)
    seen = [name for page in (1, 2, 3, 4) for name in shown(client, page=page)["mutual"]]
    assert seen == [f"Xenia {number:02}" for number in range(30)]


def test_the_partners_page_says_what_is_in_the_way(ada, ben, dan, client_of):
    save_preferences(by=ben, time_zone="Asia/Kathmandu", language="en")
    page = client_of(ada).get(reverse("partner", args=[ben.pk])).content.decode()
    assert "There is no hour of the week in which you are both free." in page
    page = client_of(ada).get(reverse("partner", args=[dan.pk])).content.decode()
    for sentence in (
        "As your lists stand, nothing that one of you offers is what the other needs.",
        "You and Dan have named no language in common.",
        "There is no hour of the week in which you are both free.",
    ):
        assert sentence in page


def test_a_partner_sees_the_hours_we_share_and_no_others(ada, ben, client_of):
    save_rhythm(
        by=ben, hours_per_week=2, free_hours=[18, 100], languages=["en"], media=["phone"], time_zone="Europe/London"
    )
    page = client_of(ada).get(reverse("partner", args=[ben.pk])).content.decode()
    assert "Monday 18:00–19:00" in page
    assert "Friday" not in page


def test_where_few_fit_the_page_says_what_would_open_doors(ada, client_of):
    topic = Topic.objects.create(kind="skill", label_en="Origami", label_fr="Origami")
    for number, need in enumerate(["Origami", "Origami", "Sailing"]):
        settle(member(f"x{number}@example.org", f"Xenia {number}"), offers={"Bookkeeping": 1}, needs={})
        Listing.objects.create(
            member=User.objects.get(email=f"x{number}@example.org"),
            side="need",
            kind="skill",
            phrase=need,
            topic=topic if need == "Origami" else Topic.objects.get_or_create(kind="skill", label_en=need)[0],
            importance=2,
        )
    never = settle(member("never@example.org", "Never Free"), offers={"Bookkeeping": 1}, needs={}, hours=(100,))
    Listing.objects.create(member=never, side="need", kind="skill", phrase="Origami", topic=topic, importance=2)
    client = client_of(ada)
    page = client.get(reverse("partners"))
    assert [(door.topic.label_en, door.members) for door in page.context["doors"]] == [("Origami", 2), ("Sailing", 1)]
    link = f"{reverse('listing_add', args=['offer'])}?topic={topic.pk}"
    assert link in page.content.decode()
    assert 'value="Origami"' in client.get(link).content.decode()
    # It is as the page says.
    Listing.objects.create(member=ada, side="offer", kind="skill", phrase="Origami", topic=topic, level=2)
    assert len(shown(client)["mutual"]) == 2


def test_a_topic_that_is_near_to_what_several_need_opens_the_door_to_all_of_them(ada, client_of):
    names = ("Voice training", "Stage fright", "Public speaking", "Knitting")
    topics = {name: Topic.objects.create(kind="skill", label_en=name, label_fr=name) for name in names}
    for one, other in (("Voice training", "Public speaking"), ("Stage fright", "Public speaking")):
        for pair in ((one, other), (other, one)):
            TopicNeighbour.objects.create(
                topic=topics[pair[0]], neighbour=topics[pair[1]], similarity=60, engine="test"
            )
    needs = (["Voice training", "Stage fright"], ["Stage fright"], ["Voice training"], ["Knitting"], ["Knitting"])
    for number, of_one in enumerate(needs):
        helper = settle(member(f"x{number}@example.org", f"Xenia {number}"), offers={"Bookkeeping": 1}, needs={})
        for need in of_one:
            Listing.objects.create(
                member=helper, side="need", kind="skill", phrase=need, topic=topics[need], importance=2
            )
    client = client_of(ada)
    doors = [(door.topic.label_en, door.members) for door in client.get(reverse("partners")).context["doors"]]
    assert doors == [("Public speaking", 3), ("Voice training", 2), ("Stage fright", 2)]
    # It is as the page says, though nobody needs this very topic.
    offer = Listing.objects.create(
        member=ada, side="offer", kind="skill", phrase="Speaking", topic=topics["Public speaking"], level=2
    )
    assert len(shown(client)["mutual"]) == 3
    offer.delete()
    # Whoever needs it is not asked whether they know something about it.
    Listing.objects.create(
        member=ada, side="need", kind="skill", phrase="Speaking", topic=topics["Public speaking"], importance=1
    )
    doors = [door.topic.label_en for door in client.get(reverse("partners")).context["doors"]]
    assert doors == ["Voice training", "Stage fright", "Knitting"]


def test_where_several_fit_nobody_is_told_to_offer_more(ada, client_of):
    for number in range(4):
        settle(member(f"x{number}@example.org", f"Xenia {number}"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
    settle(member("y@example.org", "Yan"), offers={"Bookkeeping": 1}, needs={"Sailing": 1})
    assert client_of(ada).get(reverse("partners")).context["doors"] == []
