"""Each part of a profile is for everyone here, for people one is introduced to, or for nobody: on every page."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.actions.goals import set_goal
from accounts.actions.listings import add_listing
from accounts.actions.merging import merge_topics
from accounts.actions.profiles import save_profile, save_rhythm
from accounts.actions.showing import show
from accounts.export import zip_of
from accounts.models import Goal, Listing, Profile, Topic, User
from contracts.actions import drafting
from matching.actions.candidates import rebuild
from matching.actions.introductions import close
from matching.actions.marks import mark
from matching.actions.watches import tell_all, watch
from matching.models import Candidate
from matching.ranking import Fit, rank, rank_of
from matching.searching import members_saying
from matching.suggestions import describe
from tests.matching.conftest import RHYTHM, conversation, invitation
from tests.people import member, settle

pytestmark = pytest.mark.django_db

# What a page must not say where it is hidden, by the part that says it.
WORDS = {
    "about": ("Zebraheadline", "Zebraabout"),
    "hours": ("7 hours a week", "Meets by", "Monday 18:00", "Mon 18:00"),
    "country": ("Iceland",),
    "goal": ("Zebramonth", "Zebraindicator"),
    "year": ("Zebrayear",),
    "offer": ("Zebraoffer", "Zebrawords"),
    "need": ("Zebraneed", "Zebradifference"),
}
ALL = {word for words in WORDS.values() for word in words}


@pytest.fixture
def zoe(db) -> User:
    """She fits Ben by what everyone sees, and has one more of everything."""
    zoe = settle(member("zoe@example.org", "Zoe Frank"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
    save_profile(by=zoe, name="Zoe Frank", headline="Zebraheadline", about="Zebraabout")
    save_rhythm(
        by=zoe, hours_per_week=7, free_hours=[18, 19], languages=["en"], media=["in_person"],
        time_zone="Europe/London", country="IS",
    )  # fmt: skip
    add_listing(by=zoe, side="offer", kind="skill", phrase="Zebraoffer", words="Zebrawords", level=3)
    add_listing(by=zoe, side="need", kind="skill", phrase="Zebraneed", importance=3, difference="Zebradifference")
    set_goal(by=zoe, horizon="long", text="Zebrayear", indicator="", due_on=None)
    set_goal(by=zoe, horizon="short", text="Zebramonth", indicator="Zebraindicator", due_on=None, is_bite=True)
    return zoe


@pytest.fixture
def ben(ben) -> User:
    """He needs and offers the rest as well, so that nothing but her choice keeps it from him."""
    add_listing(by=ben, side="need", kind="skill", phrase="Zebraoffer", importance=1)
    add_listing(by=ben, side="offer", kind="skill", phrase="Zebraneed", level=1)
    return ben


def hide(person: User, shown_to: str, *parts: str) -> None:
    chosen = {part: shown_to if part in parts else "everyone" for part in ("about", "hours", "country")}
    goals = {"short": "goal", "long": "year"}
    show(
        by=person,
        **chosen,
        goals={
            goal.pk: shown_to if goals[goal.horizon] in parts else "everyone"
            for goal in Goal.objects.owned_by(person).current()
        },
        listings={
            each.pk: shown_to if each.phrase.startswith("Zebra") and each.side in parts else "everyone"
            for each in Listing.objects.owned_by(person)
        },
    )


def texts(viewer: User, other: User, client_of, mails=()) -> str:
    """Return everything that the viewer is shown: pages, answers of forms, searches, mails, their download."""
    visit = client_of(viewer)
    mark(by=viewer, member_id=other.pk, kind="kept")
    names = ("home", "partners", "marked", "introductions", "contracts", "meetings", "settings")
    pages = [visit.get(reverse(name)).content.decode() for name in names]
    for introduction in viewer.introductions_received.all() | viewer.introductions_sent.all():
        pages.append(visit.get(introduction.get_absolute_url()).content.decode())
    address = reverse("introduction_invite", args=[other.pk])
    pages.append(visit.get(reverse("partner", args=[other.pk])).content.decode())
    pages.append(visit.get(address, follow=True).content.decode())
    for minutes in (1, 60):
        form = {"note": "Hello", **RHYTHM, "minutes": minutes}
        pages.append(visit.post(address, {**form, "step": "show"}).content.decode())
    with zipfile.ZipFile(io.BytesIO(zip_of(viewer))) as packed:
        pages += [packed.read(name).decode() for name in packed.namelist()]
    pages += [f"{mail.subject} {mail.body} {mail.alternatives}" for mail in mails if mail.to == [viewer.email]]
    # What Ben says himself is his.
    return "\n".join(pages)


def seen(viewer: User, other: User, client_of, mails=()) -> set[str]:
    text = texts(viewer, other, client_of, mails)
    # His own need and offer have the same names; that she has them too is said by her own words.
    own = {"Zebraoffer", "Zebraneed"}
    return {word for word in ALL - own if word in text}


SAID = ALL - {"Zebraoffer", "Zebraneed"}


def test_the_look_finds_everything_where_nothing_is_hidden(zoe, ben, client_of):
    assert seen(ben, zoe, client_of) == SAID


@pytest.mark.parametrize("shown_to", ["introduced", "nobody"])
@pytest.mark.parametrize("part", WORDS)
def test_a_stranger_does_not_see_what_is_not_for_everyone(zoe, ben, client_of, part, shown_to):
    hide(zoe, shown_to, part)
    assert seen(ben, zoe, client_of) == SAID - set(WORDS[part])


@pytest.mark.parametrize("state", ["invited by her", "invited by him", "closed"])
@pytest.mark.parametrize("shown_to", ["introduced", "nobody"])
def test_nor_does_who_is_not_introduced_yet_or_any_more(zoe, ben, client_of, delivered, state, shown_to):
    hide(zoe, shown_to, *WORDS)
    if state == "invited by her":
        invitation(zoe, ben)
    elif state == "invited by him":
        invitation(ben, zoe)
    else:
        talk = conversation(zoe, ben)
        close(by=ben, introduction_id=talk.pk, seen_move=talk.moves)
    assert seen(ben, zoe, client_of, delivered()) == set()


def test_who_is_introduced_sees_what_is_for_them_and_nothing_that_is_for_nobody(zoe, ben, client_of, delivered):
    conversation(zoe, ben)
    hide(zoe, "introduced", *WORDS)
    assert seen(ben, zoe, client_of, delivered()) >= SAID - {"Mon 18:00"}
    hide(zoe, "nobody", *WORDS)
    assert seen(ben, zoe, client_of, delivered()) == set()


@pytest.mark.parametrize(("shown_to", "there"), [("introduced", True), ("nobody", False)])
def test_a_contract_begins_with_what_the_other_may_see(zoe, ben, client_of, shown_to, there):
    hide(zoe, shown_to, *WORDS)
    contract = drafting.start(by=zoe, introduction_id=conversation(zoe, ben).pk)
    page = client_of(ben).get(contract.get_absolute_url()).content.decode()
    for word in ("Zebramonth", "Zebrayear", "Zebrawords"):
        assert (word in page) is there, word


class TestWhatIsNotForEveryone:
    @pytest.mark.parametrize("shown_to", ["introduced", "nobody"])
    def test_counts_in_no_ranking_and_no_reason(self, zoe, ben, shown_to):
        hide(zoe, shown_to, "offer", "need")
        [place] = [each for each in rank(ben) if each.fit is Fit.MUTUAL]
        [suggestion] = describe(ben, [place])
        said = " ".join([*suggestion.gives_topics, *suggestion.learns_topics, *suggestion.reasons])
        assert "Zebra" not in said
        # The gains are still the sum of what is said.
        whole = 1000 * sum(need.importance for need in Listing.objects.owned_by(ben).needs())
        assert place.my_gain == pytest.approx(sum(match.worth for match in suggestion.gives) / whole)
        assert rank_of(ben, zoe.pk).my_gain == place.my_gain
        assert rebuild() == 0
        # Nor for herself: what she gains is of what others see of her.
        [hers] = [each for each in rank(zoe) if each.fit is Fit.MUTUAL]
        assert (hers.my_gain, hers.their_gain) == (place.their_gain, place.my_gain)

    @pytest.mark.parametrize("shown_to", ["introduced", "nobody"])
    def test_is_found_by_no_search(self, zoe, ben, client_of, shown_to):
        hide(zoe, shown_to, *WORDS)
        for word in ("Zebraheadline", "Zebraabout", "Zebraoffer", "Zebrawords", "Zebraneed", "Zebradifference"):
            assert zoe.pk not in members_saying(word)
        visit = client_of(ben)

        def listed(**wishes) -> list[str]:
            return [each.profile.name for each in visit.get(reverse("partners"), wishes).context["page"].object_list]

        assert listed() == ["Zoe Frank"]
        for wishes in (
            {"help": "Zebraoffer"},
            {"country": "IS"},
            {"day": "0"},
            {"part": "evening"},
            {"medium": "in_person"},
            {"words": "zebra"},
        ):
            assert "Zoe Frank" not in listed(**wishes), wishes
        hide(zoe, "everyone")
        for wishes in (
            {"help": "Zebraoffer"},
            {"country": "IS"},
            {"day": "0"},
            {"part": "evening"},
            {"medium": "in_person"},
            {"words": "zebra"},
        ):
            assert listed(**wishes) == ["Zoe Frank"], wishes

    def test_that_somebody_has_such_words_nobody_learns(self, zoe, ada, client_of):
        hide(zoe, "nobody", "offer")
        answers = [
            client_of(ada).get(reverse("partners"), {"help": typed}).content.decode().replace(typed, "")
            for typed in ("Zebraoffer", "Zebranobody")
        ]
        assert "We know no topic of that name" in answers[0]
        assert "We know no topic of that name" in answers[1]

    def test_is_in_no_mail_about_who_fits(self, zoe, ben, delivered):
        zoe_fits = {"is_active": False}
        User.objects.filter(pk=zoe.pk).update(**zoe_fits)
        watch(by=ben, often="week")
        User.objects.filter(pk=zoe.pk).update(is_active=True)
        hide(zoe, "nobody", *WORDS)
        assert tell_all() == 1
        [told] = [each for each in delivered() if "Zoe Frank" in each.subject]
        assert "Zebra" not in told.body

    def test_hidden_hours_are_not_called_none(self, zoe, ben, client_of):
        hide(zoe, "nobody", "hours")
        page = client_of(ben).get(reverse("partner", args=[zoe.pk])).content.decode()
        assert "no hour" not in page
        assert "not shown" in page
        assert Candidate.objects.get(pk=zoe.pk).shows_hours is False

    def test_a_month_does_not_tell_of_the_year_that_it_is_part_of(self, zoe, ben, client_of):
        hide(zoe, "nobody", "year")
        page = client_of(ben).get(reverse("partner", args=[zoe.pk])).content.decode()
        assert "Zebramonth" in page
        assert "Zebrayear" not in page


class TestChoosing:
    def chosen(self, person: User, **others: str) -> dict[str, str]:
        names = ["about", "hours", "country"]
        names += [f"goal-{goal.pk}" for goal in Goal.objects.owned_by(person).current()]
        names += [f"listing-{listing.pk}" for listing in Listing.objects.owned_by(person).standing()]
        return dict.fromkeys(names, "everyone") | others

    def test_one_page_for_all_of_it(self, zoe, client_of):
        visit = client_of(zoe)
        page = visit.get(reverse("showing")).content.decode()
        for words in ("Zebramonth", "Zebrayear", "Zebraoffer", "Zebraneed", "Writing"):
            assert words in page
        offer = Listing.objects.get(member=zoe, phrase="Zebraoffer")
        answer = visit.post(
            reverse("showing"), self.chosen(zoe, about="introduced", **{f"listing-{offer.pk}": "nobody"}), follow=True
        )
        assert Profile.objects.get(pk=zoe.pk).about_shown_to == "introduced"
        assert Listing.objects.get(pk=offer.pk).shown_to == "nobody"
        assert "Only people you are introduced to see this." in answer.content.decode()
        assert "Nobody sees this but you." in answer.content.decode()

    @pytest.mark.parametrize("said", ["", "friends", "x" * 300])
    def test_nothing_else_can_be_chosen(self, zoe, client_of, said):
        answer = client_of(zoe).post(reverse("showing"), self.chosen(zoe, hours=said))
        assert "Choose who sees it." in answer.content.decode()
        assert Profile.objects.get(pk=zoe.pk).hours_shown_to == "everyone"
        for model in (Profile, Goal, Listing):
            field = "about_shown_to" if model is Profile else "shown_to"
            with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
                model.objects.filter(member=zoe).update(**{field: "friends"})

    def test_nobody_changes_what_is_somebody_elses(self, zoe, ben):
        offer = Listing.objects.get(member=ben, phrase="Zebraneed")
        show(by=zoe, about="everyone", hours="everyone", country="everyone", goals={}, listings={offer.pk: "nobody"})
        assert Listing.objects.get(pk=offer.pk).shown_to == "everyone"

    def test_an_edit_of_a_listing_leaves_it_hidden(self, zoe, client_of):
        from accounts.actions.listings import change_listing

        hide(zoe, "nobody", "offer")
        offer = Listing.objects.get(member=zoe, phrase="Zebraoffer")
        change_listing(by=zoe, listing_id=offer.pk, kind="skill", phrase="Zebraoffer", words="More", level=2)
        assert Listing.objects.get(pk=offer.pk).shown_to == "nobody"

    @pytest.mark.parametrize(("one", "other", "both"), [
        ("everyone", "nobody", "nobody"), ("introduced", "everyone", "introduced"), ("nobody", "introduced", "nobody"),
    ])  # fmt: skip
    def test_what_is_hidden_stays_so_when_two_topics_become_one(self, zoe, one, other, both):
        offers = Listing.objects.owned_by(zoe).offers()
        offers.filter(phrase="Writing").update(shown_to=one)
        offers.filter(phrase="Zebraoffer").update(shown_to=other)
        merge_topics(
            kept_id=Topic.objects.get(label_en="Writing").pk, merged_id=Topic.objects.get(label_en="Zebraoffer").pk
        )
        assert offers.get().shown_to == both
        assert "Zebrawords" in offers.get().words
