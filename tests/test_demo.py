"""The demo community: who is in it, that it may be made again, and that its members find each other."""

import datetime as dt
import json
import threading
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import global_settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import clock
from accounts.actions.profiles import save_profile
from accounts.clock import Now
from accounts.models import Goal, Listing, Notice, Profile, Topic, User
from accounts.models.profiles import SPOKEN_LANGUAGES, Medium
from checkins import books, series
from checkins.actions.planning import plan_all
from checkins.actions.silence import look_after_all
from checkins.ledger import Standing
from checkins.models import CheckIn, FitAnswer, Help
from checkins.rhythm import Rhythm
from checkins.series import Series
from checkins.views.pages import goal_of, pairs_in_force
from checkins.waiting import waiting as waiting_in_weeks
from contracts import draft
from contracts.actions import holding
from contracts.lifecycle import ENDED, State as ContractState
from contracts.models import Contract, Event
from contracts.waiting import waiting as waiting_in_contracts
from matching.card_lifecycle import State as CardState
from matching.lifecycle import ANSWER, EXPLANATION, YES, State
from matching.models import Card, Introduction, Proposal
from matching.ranking import Fit, rank
from matching.waiting import waiting
from peermentor.demo import contracts as demo_contracts
from peermentor.demo.days import DOMAIN, days_ago
from peermentor.management.commands.demo import MEMBERS_FILE, PASSWORD, STAFF, add_missing, hours_of_week

ENTRIES: list[dict[str, Any]] = json.loads(MEMBERS_FILE.read_text(encoding="utf-8"))
HERE = [entry for entry in ENTRIES if entry["confirmed"] and not entry["paused"]]


def make_demo() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def _made(django_db_setup, django_db_blocker):
    """Made once for all tests that only add to it: it takes some seconds."""
    with django_db_blocker.unblock():
        make_demo()
    yield
    with django_db_blocker.unblock():
        User.objects.filter(email__endswith="@demo.example").delete()
        Topic.objects.all().delete()


@pytest.fixture
def community(_made, db) -> dict[str, User]:
    """The members by address."""
    return {user.email: user for user in User.objects.select_related("profile")}


def as_in_file(user: User) -> dict[str, Any]:
    """What the database holds about a member, in the form of the file."""
    profile = user.profile
    goals = Goal.objects.owned_by(user).order_by("due_on")
    listings = Listing.objects.owned_by(user).standing().select_related("topic")
    today = clock.now().date()
    return {
        "email": user.email,
        "name": profile.name,
        "headline": profile.headline,
        "about": profile.about,
        "time_zone": user.time_zone,
        "languages": profile.languages,
        "hours_per_week": profile.hours_per_week,
        "media": profile.media,
        "free": profile.free_hours,
        "goals": [
            {
                "horizon": goal.horizon,
                "text": goal.text,
                "indicator": goal.indicator,
                "due_in_days": (goal.due_on - today).days,
            }
            for goal in goals
        ],
        "offers": [
            {"topic": offer.topic.label_en, "kind": offer.kind, "words": offer.words, "level": offer.level}
            for offer in listings.offers()
        ],
        "needs": [
            {
                "topic": need.topic.label_en,
                "kind": need.kind,
                "words": need.words,
                "importance": need.importance,
                "difference": need.difference,
            }
            for need in listings.needs()
        ],
        "paused": bool(profile.paused_until and profile.paused_until > clock.now()),
        "confirmed": EmailAddress.objects.get(user=user, email=user.email, primary=True).verified,
    }


def test_no_mail_of_the_demo_waits_since_days_that_it_makes_up(community):
    waiting = Notice.objects.filter(state=Notice.State.PENDING, member__email__endswith=DOMAIN)
    assert waiting.exists()
    assert not waiting.filter(expires_at__lte=Now()).exists()
    assert not waiting.filter(next_attempt_at__lt=Now() - dt.timedelta(hours=1)).exists()


def test_everyone_has_what_the_file_says(community):
    kinds = dict(Topic.objects.filter(is_provisional=False).values_list("label_en", "kind"))
    for entry in ENTRIES:
        listings = {
            side: [{"kind": listing.get("kind") or kinds[listing["topic"]], **listing} for listing in entry[side]]
            for side in ("offers", "needs")
        }
        goals = sorted(entry["goals"], key=lambda goal: goal["due_in_days"])
        expected = entry | listings | {"free": sorted(hours_of_week(entry["free"])), "goals": goals}
        assert as_in_file(community[entry["email"]]) == expected


def test_a_short_goal_is_a_bite_of_the_long_one_where_there_is_one(community):
    amara, priya = community["amara.okafor@demo.example"], community["priya.raghunathan@demo.example"]
    assert amara.goals.get(horizon="short").part_of == amara.goals.get(horizon="long")
    assert priya.goals.get().part_of is None


def test_amara_has_an_open_card_and_gets_no_second_one(community):
    make_demo()
    card = Card.objects.get(owner__email__endswith="@demo.example")
    assert card.owner == community["amara.okafor@demo.example"]
    assert card.state_at(clock.now()) is CardState.OPEN
    assert (card.listings.count(), card.goal.horizon) == (4, "short")


def test_the_printed_logins_work(community, client, settings):
    # The community was hashed as an application does it, not with the quick hash of other tests.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    printed = make_demo()
    emails = [word for word in printed.split() if word.endswith("@demo.example")]
    assert emails == [entry["email"] for entry in ENTRIES[:4]] + [STAFF]
    assert f"password {PASSWORD}\n" in printed
    for email in emails:
        assert client.login(email=email, password=PASSWORD), email
    olga = community[STAFF]
    assert (olga.is_staff, olga.is_superuser) == (True, True)
    assert EmailAddress.objects.get(user=olga).verified


def test_made_again_it_changes_nobody_and_adds_those_who_are_missing(community):
    amara = community["amara.okafor@demo.example"]
    save_profile(by=amara, name="Amara O.", headline="On holiday", about="")
    amara.listings.all().delete()
    community["tom.hargreaves@demo.example"].delete()
    others = {
        profile.pk: profile.name for profile in Profile.objects.exclude(member__email="tom.hargreaves@demo.example")
    }

    make_demo()

    assert Profile.objects.get(member=amara).headline == "On holiday"
    assert not amara.listings.exists()
    tom = Profile.objects.get(member__email="tom.hargreaves@demo.example")
    assert tom.name == "Tom Hargreaves"
    assert {profile.pk: profile.name for profile in Profile.objects.exclude(pk=tom.pk)} == others


def test_a_complete_community_is_seen_with_four_queries(community, django_assert_num_queries):
    with django_assert_num_queries(4):
        make_demo()


def test_it_refuses_in_production(community, settings):
    community[STAFF].delete()
    settings.LAPTOP = False
    with pytest.raises(CommandError, match="for a machine of your own"):
        make_demo()
    assert not User.objects.filter(email=STAFF).exists()


def test_most_members_find_partners_and_some_see_an_honest_empty_page(community):
    fits = {}
    for entry in HERE:
        ranks = rank(community[entry["email"]], one_way=60)
        fits[entry["name"]] = Counter(place.fit for place in ranks)
    mutual = [found[Fit.MUTUAL] for found in fits.values()]
    assert max(mutual) <= 12
    assert sum(2 <= number <= 12 for number in mutual) >= 50
    assert {name for name, found in fits.items() if not found[Fit.MUTUAL]} == {
        "Sam Rivers", "Louise Petit", "Ruth Winslade",
    }  # fmt: skip
    assert sum(found[Fit.HELPS_ME] > 0 for found in fits.values()) >= 40


def test_the_first_three_logins_have_a_strong_fit(community):
    for entry in ENTRIES[:3]:
        assert max(place.score for place in rank(community[entry["email"]])) >= 0.6, entry["name"]


def test_who_is_paused_or_not_confirmed_is_not_there(community):
    seen = set(Profile.objects.visible_to(community["amara.okafor@demo.example"]).values_list("name", flat=True))
    absent = {entry["name"] for entry in ENTRIES} - {entry["name"] for entry in HERE}
    assert len(absent) == 3
    assert seen & absent == set()


def test_the_file_holds_only_what_the_application_knows():
    assert len({entry["email"] for entry in ENTRIES}) == len(ENTRIES) == 60
    assert len({entry["time_zone"] for entry in ENTRIES}) >= 14
    for entry in ENTRIES:
        assert entry["email"].endswith("@demo.example")
        assert set(entry["languages"]) <= set(SPOKEN_LANGUAGES), entry["name"]
        assert set(entry["media"]) <= set(Medium.values), entry["name"]


def test_pairs_stand_in_every_state(community):
    assert set(Introduction.objects.values_list("state", flat=True)) == set(State.values)
    found = {introduction.standing for introduction in Introduction.objects.filter(state="sent")}
    assert found == {ANSWER, EXPLANATION, YES}


def test_the_first_login_has_an_invitation_to_answer_and_messages_to_read(community):
    amara = community["amara.okafor@demo.example"]
    assert {thing.text for thing in waiting(amara)} == {
        "Harriet invites you to talk",
        "Sunita asked for more about your invitation",
        "2 messages from Tom to read",
        "Oluwaseun asks whether you would like to meet Blessing",
    }
    talk = Introduction.objects.get(inviter=amara, state="accepted")
    assert talk.messages.count() > 5
    assert {tick.member for tick in talk.ticks.select_related("member")} == {talk.inviter, talk.invited}
    assert talk.messages.first().sent_at < clock.now() - dt.timedelta(days=5)


def test_proposals_are_made_once(community):
    [before] = Proposal.objects.values()
    assert {before["first_answer"], before["second_answer"]} == {"", "yes"}
    make_demo()
    assert list(Proposal.objects.values()) == [before]


def test_introductions_are_made_once_and_only_where_there_is_none(community):
    before = list(Introduction.objects.order_by("pk").values())
    make_demo()
    assert list(Introduction.objects.order_by("pk").values()) == before


def contract_of(first: str, second: str) -> Contract:
    return Contract.objects.get(first__email=f"{first}@demo.example", second__email=f"{second}@demo.example")


def test_contracts_stand_in_every_state(community):
    assert set(Contract.objects.values_list("state", flat=True)) == set(ContractState.values)


def test_the_first_login_has_a_draft_that_the_other_changed_and_a_contract_to_sign(community):
    amara = community["amara.okafor@demo.example"]
    assert {thing.text for thing in waiting_in_contracts(amara)} == {
        "Oluwaseun has changed the draft of your contract.",
        "Javier has signed your contract. It is your turn.",
    }
    unfinished = contract_of("seun.bello", "amara.okafor")
    assert len(holding.missing_in(unfinished, holding.document(unfinished))) >= 4
    side = unfinished.side_of(amara)
    unseen = draft.changed_since(draft.read_all(unfinished), unfinished.has_seen(side), by=side.other)
    assert {part.key.split("-")[0] for part in unseen} == {"goal", "need", "commitment", "rhythm"}


def test_what_is_promised_is_still_to_come(community):
    today = clock.now().date().isoformat()
    for contract in Contract.objects.exclude(state__in=ENDED):
        document = holding.document(contract)
        rhythm = document["rhythm"]
        dates = [party["goal"]["by"] for party in document["parties"]]
        # Those who have met for some weeks began in the past.
        dates += [Rhythm.signed(rhythm).ends_on.isoformat()] if contract.is_in_force else [rhythm["first_on"]]
        dates += [commitment["by"] for commitment in document["commitments"]]
        assert min(date for date in dates if date) >= today, contract


def test_each_step_of_a_contract_was_taken_on_a_day_of_its_own(community):
    agreed = contract_of("camille.roussel", "yann.legoff")
    events = list(Event.objects.filter(contract=agreed).order_by("number"))
    assert [event.kind for event in events] == [
        *("started", "signed", "signature_voided", "signed", "signed", "in_force", "said_done", "done"),
    ]
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert events[0].at < clock.now() - dt.timedelta(days=60)
    assert events[-1].at > clock.now() - dt.timedelta(days=10)


def test_contracts_hold_only_what_the_file_says(community):
    for entry in demo_contracts.read_file():
        if entry["first"] == "nathan.feldbaum":  # taken back before he had written anything but one promise
            continue
        document = holding.document(contract_of(entry["first"], entry["second"]))
        last = {(step["do"], step["by"]): step for step in entry["then"]}
        for party in document["parties"]:
            lists = last["lists", party["side"]]
            assert [[have["kind"], have["text"]] for have in party["haves"]] == lists["haves"]
            assert [[need["kind"], need["text"]] for need in party["needs"]] == lists["needs"]
            promised = [promise["what"] for promise in last["promise", party["side"]]["promises"]]
            given = [each["what"] for each in document["commitments"] if each["giver"] == party["side"]]
            assert given == promised


def test_contracts_are_made_once_and_only_where_there_is_none(community):
    before = list(Contract.objects.order_by("pk").values())
    make_demo()
    assert list(Contract.objects.order_by("pk").values()) == before


def pair_of(first: str, second: str) -> tuple[Contract, Series]:
    contract = contract_of(first, second)
    found = series.of(contract)
    assert found is not None
    return contract, found


def logged(contract: Contract) -> dict[str, list[str]]:
    """Return what became of each party's check-ins, meeting by meeting."""
    found: dict[str, list[str]] = {"first": [], "second": []}
    for each in CheckIn.objects.filter(contract=contract).order_by("on"):
        found[each.side].append(each.state)
    return found


def test_the_first_login_has_met_for_seven_weeks_and_has_a_check_in_to_write(community):
    amara = community["amara.okafor@demo.example"]
    contract, found = pair_of("darnell.whitaker", "amara.okafor")
    now = clock.now()
    past = [one for one in found.all() if one.at < now]
    assert [one.standing.value for one in past] == [*["planned"] * 2, "moved", "cancelled", *["planned"] * 3]
    assert [one.held for one in past] == ["yes", "yes", "yes", "", "yes", "no", "yes"]
    assert all(one.note for one in past if one.standing.value in {"moved", "cancelled"})
    assert logged(contract) == {"first": [*["sent"] * 4, "skipped", *["sent"] * 2], "second": ["sent"] * 6}
    coming = next(one for one in found.all() if one.at > now)
    assert coming.at - now < dt.timedelta(days=2)
    assert {each.side for each in CheckIn.objects.filter(contract=contract, on=coming.on)} == {"first"}
    side = contract.side_of(amara)
    numbers = CheckIn.objects.filter(contract=contract, side=side).order_by("on").values_list("indicator", flat=True)
    assert list(numbers) == sorted(numbers)
    assert goal_of(contract, side)["target"] == "12"


@pytest.mark.parametrize(("first", "second"), [("rebecca.stein", "jonas.lindqvist"), ("rosa.ferreira", "fatou.diop")])
def test_others_have_met_since_they_signed(community, first, second):
    contract, found = pair_of(first, second)
    past = [one for one in found.all() if one.at < clock.now()]
    assert len(past) >= 2
    assert contract.in_force_at < past[0].at
    assert {each for states in logged(contract).values() for each in states} >= {"sent"}
    assert CheckIn.objects.filter(contract=contract, on=past[0].on, state="sent").count() == 2


def test_one_pair_has_said_that_it_is_a_good_fit_and_one_has_fallen_silent(community):
    shared = FitAnswer.objects.exclude(shared_at=None).values_list("author__email", flat=True)
    assert sorted(shared) == ["fatou.diop@demo.example", "rosa.ferreira@demo.example"]
    plan_all()
    look_after_all()
    asked = Notice.objects.filter(kind="silence:asked", state="pending").values_list("address", flat=True)
    assert sorted(asked) == ["grace.nkosi@demo.example", "linda.kowalczyk@demo.example"]


def test_a_contract_that_is_done_has_its_whole_history(community):
    contract, found = pair_of("camille.roussel", "yann.legoff")
    assert [one.held or one.standing.value for one in found.all()] == [
        *("yes", "yes", "no", "yes", "yes", "cancelled", "yes", "yes"),
    ]
    assert {side: len(states) for side, states in logged(contract).items()} == {"first": 7, "second": 7}


def test_one_pair_is_at_the_end_of_a_stretch_and_one_of_them_has_looked_back(community):
    contract, found = pair_of("darnell.whitaker", "amara.okafor")
    assert 0 <= (found.rhythm.ends_on - clock.now().date()).days <= 7
    assert list(contract.reviews.values_list("side", flat=True)) == ["first"]
    said = [thing.text for thing in waiting_in_weeks(pairs_in_force(community["amara.okafor@demo.example"]))]
    assert "Darnell has looked back on your stretch. It is your turn." in said


def test_those_who_are_done_have_both_looked_back(community):
    reviews = contract_of("camille.roussel", "yann.legoff").reviews.order_by("side")
    assert [(each.side, each.outcome) for each in reviews] == [("first", "done"), ("second", "done")]
    assert all(each.thanks for each in reviews)


def test_promises_of_help_stand_in_every_way(community):
    today = clock.now().date()
    pairs = (
        ("darnell.whitaker", "amara.okafor"),
        ("rebecca.stein", "jonas.lindqvist"),
        ("camille.roussel", "yann.legoff"),
    )
    standings = {
        row.standing(today) for pair in pairs for row in books.of(contract_of(*pair)).rows
    }  # fmt: skip
    assert standings >= {Standing.OPEN, Standing.KEPT, Standing.KEPT_LATE}
    assert set(Help.objects.values_list("state", flat=True)) >= {"said", "confirmed", "not_yet"}


def test_help_waits_for_the_yes_of_the_first_login(community):
    said = [thing.text for thing in waiting_in_weeks(pairs_in_force(community["amara.okafor@demo.example"]))]
    assert "Darnell has given you help: did it reach you?" in said


def test_each_check_in_was_sent_before_its_meeting(community):
    for contract in Contract.objects.exclude(version_in_force=None):
        found = series.of(contract)
        assert found is not None
        for each in CheckIn.objects.filter(contract=contract):
            assert contract.in_force_at < each.sent_at < found.find(each.on).at


@pytest.mark.parametrize("day", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_the_weeks_are_there_on_whatever_day_they_are_made(community, day):
    amara, darnell = (community[f"{name}@demo.example"] for name in ("amara.okafor", "darnell.whitaker"))
    with days_ago(-day - 0.4):
        for member in (amara, darnell):
            member.delete()
        make_demo()
        contract, found = pair_of("darnell.whitaker", "amara.okafor")
        now = clock.now()
        assert sum(one.at < now for one in found.all()) == 7
        assert sum(map(len, logged(contract).values())) == 13


def test_who_left_and_is_made_again_signs_again(community):
    community["chloe.moreau@demo.example"].delete()
    make_demo()
    theirs = Contract.objects.of(community["isabelle.gagnon@demo.example"]).order_by("pk")
    assert [(contract.second_name, contract.second is None, contract.state) for contract in theirs] == [
        ("Chloé Moreau", True, "parted"),
        ("Chloé Moreau", False, "in_force"),
    ]


def test_a_pair_that_does_not_talk_is_given_no_contract(community):
    steps = [{"days_ago": 1, "by": "first", "do": "start"}]
    demo_contracts.add_missing([{"first": "harriet.whitcombe", "second": "amara.okafor", "then": steps}])
    assert not Contract.objects.filter(first=community["harriet.whitcombe@demo.example"]).exists()


def test_no_mail_of_the_past_goes_out_today(community):
    old = Notice.objects.filter(due_at__lt=clock.now() - dt.timedelta(days=7), state="pending")
    assert not old.filter(expires_at__gt=clock.now()).exists()


NOT_WORDS = {"kept", "confidence", "indicator", "strategies"}


def sentences(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """What the contracts of the file say, once for each who says it: an amendment says most of it again."""
    found = set()
    for entry in entries:
        for step in entry["then"]:
            words = [step.get("strategies", ""), step.get("indicator", "")]
            words += [text for _kind, text in step.get("haves", []) + step.get("needs", [])]
            words += [step[name] for name in ("learned", "otherwise", "thanks") if name in step]
            words += [promise["what"] for promise in step.get("promises", [])]
            found |= {(entry[step["by"]], text) for text in words if text}
        for week in entry.get("weeks", []):
            for side in ("first", "second"):
                said = week.get(side, {})
                texts = [] if said == "skip" else [text for key, text in said.items() if key not in NOT_WORDS]
                found |= {(entry[side], text) for text in texts}
            found |= {
                (entry[change["by"]], change["note"]) for change in map(week.get, ("moved", "cancelled")) if change
            }
    return found


def test_no_sentence_is_used_twice():
    texts = [entry["about"] for entry in ENTRIES if entry["about"]]
    texts += [goal["text"] for entry in ENTRIES for goal in entry["goals"]]
    texts += [listing["words"] for entry in ENTRIES for listing in entry["offers"] + entry["needs"]]
    texts += [text for _who, text in sentences(demo_contracts.read_file())]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


@pytest.mark.django_db(transaction=True)
def test_made_twice_at_once_each_member_is_there_once():
    User.objects.all().delete()  # what the module made before
    call_command("load_topics", verbosity=0)
    start, errors = threading.Barrier(2), []

    def make():
        try:
            start.wait()
            add_missing(ENTRIES[:3])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(User.objects.values_list("email", flat=True)) == sorted([STAFF, *(e["email"] for e in ENTRIES[:3])])
