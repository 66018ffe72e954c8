"""A stretch comes to its end: both look back, each reads the other's together, and they go on, finish or let it be."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import clock
from accounts.actions.erasing import erase
from accounts.held import holdings
from accounts.models import Block, Notice
from accounts.notices import Unwanted
from accounts.rules import Refused
from checkins import series
from checkins.actions import planning
from checkins.rhythm import Rhythm
from checkins.views.pages import pairs_in_force
from checkins.waiting import waiting
from contracts import draft
from contracts.actions import closing, ending
from contracts.canonical import document_in
from contracts.history import entries
from contracts.letters import render_contract_mail
from contracts.lifecycle import Side, State
from contracts.models import AuditEvent, Contract, StretchReview
from contracts.stretches import Outcome, next_first_on, renewed, stretch_of
from contracts.trail import read as read_trail
from peermentor.demo.days import days_ago
from tests.days import advance
from tests.pairs import draft_of, in_force as contract_in_force, put_name
from tests.together import at_once

pytestmark = pytest.mark.django_db


def url(contract: Contract) -> str:
    return reverse("contract_review", args=[contract.pk])


def words(response) -> str:
    return response.content.decode()


def look_back(by, contract: Contract, outcome: str = "carry_over", **said: str) -> StretchReview:
    said = {"learned": "", "otherwise": "", "thanks": "", **said}
    number = Contract.objects.get(pk=contract.pk).version_in_force.number
    return closing.review(by=by, contract_id=contract.pk, version=number, outcome=Outcome(outcome), **said)


def send(client, contract: Contract, **said):
    number = Contract.objects.get(pk=contract.pk).version_in_force.number
    return client.post(url(contract), {"version": number, "outcome": "carry_over", **said}, follow=True)


@pytest.fixture
def pair(ada, ben) -> Contract:
    """Four weeks, of which the first begins in seven days; the last day is 34 days from now."""
    return contract_in_force(ada, ben, weeks="4", review_on="")


@pytest.fixture
def ending_soon(pair) -> Contract:
    """Two days before the last one: the last meeting was four days ago."""
    advance(days=32)
    return pair


class TestTheNextStretch:
    """When it begins, and what is in it. Pure."""

    @pytest.mark.parametrize(
        ("first_on", "every", "weeks", "review_on", "today", "next_on", "last_on"),
        [
            ("2026-03-02", "1", "4", "", "2026-03-29", "2026-03-30", "2026-04-26"),
            ("2026-03-02", "2", "4", "", "2026-03-29", "2026-03-30", "2026-04-26"),
            # Every second week for three: the next meeting by the rhythm comes a week after the last day.
            ("2026-03-02", "2", "3", "", "2026-03-20", "2026-03-30", "2026-04-19"),
            # Over a leap day, and from one.
            ("2028-02-07", "1", "4", "", "2028-03-01", "2028-03-06", "2028-04-02"),
            ("2028-02-29", "1", "4", "", "2028-03-27", "2028-03-28", "2028-04-24"),
            # Over the new year.
            ("2026-12-14", "1", "3", "", "2026-12-30", "2027-01-04", "2027-01-24"),
            # Until a review, which comes first, or alone.
            ("2026-03-02", "1", "8", "2026-03-20", "2026-03-19", "2026-03-23", "2026-04-10"),
            ("2026-03-02", "1", "", "2026-03-30", "2026-03-29", "2026-04-06", "2026-05-04"),
            # Long after it: the first such day that is still to come, or today.
            ("2026-03-02", "1", "4", "", "2026-06-02", "2026-06-08", "2026-07-05"),
            ("2026-03-02", "2", "4", "", "2026-06-08", "2026-06-08", "2026-07-05"),
        ],
    )
    def test_it_begins_on_the_first_day_of_a_meeting_after_the_last(
        self, first_on, every, weeks, review_on, today, next_on, last_on
    ):
        rhythm = {"first_on": first_on, "every_weeks": every, "weeks": weeks, "review_on": review_on, "zone": "UTC"}
        assert next_first_on(rhythm, today=dt.date.fromisoformat(today)).isoformat() == next_on
        document = {"parties": [], "commitments": [], "rhythm": rhythm}
        new = renewed(document, {}, today=dt.date.fromisoformat(today))["rhythm"]
        before, after = stretch_of(rhythm), stretch_of(new)
        assert (after.first_on.isoformat(), after.last_on.isoformat()) == (next_on, last_on)
        assert after.last_on - after.first_on == before.last_on - before.first_on
        assert after.first_on.weekday() == before.first_on.weekday()
        assert new["weeks"] == weeks
        assert document["rhythm"]["first_on"] == first_on

    @pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Apia"])
    def test_clocks_that_change_between_change_no_day(self, zone):
        rhythm = {"first_on": "2026-03-02", "every_weeks": "1", "weeks": "4", "review_on": "", "zone": zone}
        assert next_first_on(rhythm, today=dt.date(2026, 3, 27)) == dt.date(2026, 3, 30)

    def test_it_is_asked_about_from_a_week_before_its_last_day(self):
        rhythm = {"first_on": "2026-03-02", "every_weeks": "1", "weeks": "4", "review_on": "", "zone": "UTC"}
        stretch = stretch_of(rhythm)
        assert stretch.last_on == dt.date(2026, 3, 29)
        days = [dt.date(2026, 3, 21), dt.date(2026, 3, 22), dt.date(2026, 3, 29), dt.date(2026, 3, 30)]
        assert [stretch.is_asked_about(day) for day in days] == [False, True, True, True]
        assert [stretch.is_over(day) for day in days] == [False, False, False, True]
        assert [stretch.is_waited_for(dt.date(2026, 4, day)) for day in (12, 13)] == [True, False]


class TestLookingBack:
    def test_both_open_together(self, ada, ben, ending_soon, client_of):
        page = words(send(client_of(ada), ending_soon, outcome="done", learned="To ask", thanks="For the patience"))
        assert "Thank you for looking back." in page
        assert "For the patience" in page
        assert "Ben has not written yet" in page
        for seen in (url(ending_soon), ending_soon.get_absolute_url(), reverse("home")):
            assert "For the patience" not in words(client_of(ben).get(seen))
        assert "Ada has looked back already" in words(client_of(ben).get(url(ending_soon)))
        page = words(send(client_of(ben), ending_soon, learned="To count", thanks="For asking"))
        for client in (client_of(ada), client_of(ben)):
            page = words(client.get(url(ending_soon)))
            assert all(said in page for said in ("To ask", "For the patience", "To count", "For asking"))
            assert "What you both say" in page

    def test_ones_own_can_be_changed_until_the_other_has_written(self, ada, ben, ending_soon, client_of):
        send(client_of(ada), ending_soon, thanks="Thanks")
        assert "Change what you said" in words(client_of(ada).get(url(ending_soon)))
        send(client_of(ada), ending_soon, outcome="change", thanks="Many thanks")
        mine = StretchReview.objects.get()
        assert (mine.side, mine.outcome, mine.thanks) == ("first", "change", "Many thanks")
        look_back(ben, ending_soon)
        page = send(client_of(ada), ending_soon, thanks="No thanks")
        assert "it does not change any more" in words(page)
        assert "No thanks" in words(page)  # nothing typed is lost
        mine.refresh_from_db()
        assert mine.thanks == "Many thanks"
        assert "Change what you said" not in words(client_of(ada).get(url(ending_soon)))

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"outcome": ""}, "outcome"),
            ({"outcome": "won"}, "outcome"),
            ({"learned": "x" * 601}, "learned"),
            ({"thanks": "x" * 601}, "thanks"),
        ],
    )
    def test_what_cannot_be_is_said(self, ada, ending_soon, client_of, sent, field):
        answer = send(client_of(ada), ending_soon, **sent)
        assert field in answer.context["form"].errors
        assert not StretchReview.objects.exists()

    def test_markup_is_words(self, ada, ending_soon, client_of):
        page = words(send(client_of(ada), ending_soon, thanks="<script>alert(1)</script>\u202e"))
        assert "<script>alert" not in page
        assert StretchReview.objects.get().thanks == "<script>alert(1)</script>"

    def test_a_stranger_finds_nothing(self, dan, ending_soon, client_of):
        assert client_of(dan).get(url(ending_soon)).status_code == 404
        assert client_of(dan).post(reverse("contract_renew", args=[ending_soon.pk])).status_code == 404
        with pytest.raises(Contract.DoesNotExist):
            closing.review(
                by=dan, contract_id=ending_soon.pk, version=1, outcome=Outcome.DONE, learned="", otherwise="", thanks=""
            )

    def test_there_is_nothing_to_look_back_on_in_a_draft(self, ada, ready, client_of):
        page = client_of(ada).get(url(ready), follow=True)
        assert page.redirect_chain == [(ready.get_absolute_url(), 302)]
        assert "The contract is not in force." in words(page)

    def test_not_of_another_version_than_was_shown(self, ada, ben, ending_soon):
        number = ending_soon.version_in_force.number
        look_back(ada, ending_soon)
        closing.renew(by=ada, contract_id=ending_soon.pk)
        put_name(put_name(ending_soon, ada), ben)
        with pytest.raises(Refused, match="Another version"):
            closing.review(
                by=ben,
                contract_id=ending_soon.pk,
                version=number,
                outcome=Outcome.DONE,
                learned="",
                otherwise="",
                thanks="",
            )

    def test_what_one_said_opens_when_the_next_version_is_in_force(self, ada, ben, ending_soon, client_of):
        look_back(ada, ending_soon, thanks="For the patience")
        closing.renew(by=ada, contract_id=ending_soon.pk)
        assert "For the patience" not in words(client_of(ben).get(url(ending_soon)))
        put_name(put_name(ending_soon, ada), ben)
        page = words(client_of(ben).get(url(ending_soon)))
        assert "Earlier stretches" in page
        assert "For the patience" in page

    @pytest.mark.parametrize("end", ["part", "block"])
    def test_what_one_said_opens_when_the_contract_ends_and_nothing_is_added(
        self, ada, ben, ending_soon, client_of, end
    ):
        look_back(ada, ending_soon, thanks="For the patience")
        if end == "part":
            ending.part(by=ben, contract_id=ending_soon.pk)
        else:
            client_of(ben).post(reverse("partner_block", args=[ada.pk]))
            assert Block.objects.exists()
        assert "For the patience" in words(client_of(ben).get(url(ending_soon)))
        for person in (ada, ben):
            with pytest.raises(Refused, match="This contract has ended"):
                look_back(person, ending_soon, "done")


class TestBothAsked:
    def test_at_home_from_a_week_before(self, ada, ben, pair, client_of):
        advance(days=26)
        assert "look back" not in words(client_of(ada).get(reverse("home"))).lower()
        assert [thing.url for thing in waiting(pairs_in_force(ada)) if thing.url == url(pair)] == []
        advance(days=1)
        for person, other in ((ada, "Ben"), (ben, "Ada")):
            [asked] = [thing for thing in waiting(pairs_in_force(person)) if thing.url == url(pair)]
            assert asked.text.startswith(f"Your stretch with {other} ends on ")
            assert asked.since <= clock.now()
            page = words(client_of(person).get(reverse("home")))
            assert url(pair) in page
            assert url(pair) in words(client_of(person).get(reverse("contract", args=[pair.pk])))
            assert url(pair) in words(client_of(person).get(reverse("weeks", args=[pair.pk])))

    def test_who_has_said_so_is_not_asked_and_the_other_hears_that_it_is_their_turn(self, ada, ben, ending_soon):
        look_back(ada, ending_soon)
        assert [thing.text for thing in waiting(pairs_in_force(ada)) if thing.url == url(ending_soon)] == []
        [asked] = [thing for thing in waiting(pairs_in_force(ben)) if thing.url == url(ending_soon)]
        assert asked.text == "Ada has looked back on your stretch. It is your turn."

    def test_two_weeks_after_it_nobody_asks_any_more(self, ada, ending_soon):
        advance(days=15)
        [asked] = [thing for thing in waiting(pairs_in_force(ada)) if thing.url == url(ending_soon)]
        assert " ended on " in asked.text
        advance(days=3)
        assert not [thing for thing in waiting(pairs_in_force(ada)) if thing.url == url(ending_soon)]

    def test_in_one_mail_each(self, ada, ben, pair, delivered):
        advance(days=29)
        planning.plan_all()
        planning.plan_all()
        asked = [mail for mail in delivered() if "Your stretch with" in mail.subject or "Look back" in mail.body]
        assert sorted(mail.to[0] for mail in asked) == ["ada@example.org", "ben@example.org"]
        assert all(url(pair) in mail.body for mail in asked)
        assert Notice.objects.filter(kind="contract:stretch").count() == 2
        assert not Notice.objects.filter(kind="meeting:ends").exists()

    @pytest.mark.parametrize("meanwhile", ["reviewed", "parted", "renewed"])
    def test_not_when_it_is_not_so_any_more(self, ada, ben, pair, meanwhile):
        advance(days=29)
        planning.plan_all()
        notice = Notice.objects.get(kind="contract:stretch", member=ada)
        assert render_contract_mail(notice).heading == "How did it go, and what next?"
        assert "Ben Carter" in render_contract_mail(notice).subject
        if meanwhile == "reviewed":
            look_back(ben, pair)
            assert render_contract_mail(notice).heading == "How did it go, and what next?"
            look_back(ada, pair)
        elif meanwhile == "parted":
            ending.part(by=ben, contract_id=pair.pk)
        else:
            look_back(ben, pair)
            closing.renew(by=ben, contract_id=pair.pk)
            put_name(put_name(pair, ben), ada)
        with pytest.raises(Unwanted):
            render_contract_mail(notice)


class TestGoingOn:
    def test_the_next_stretch_is_a_draft_of_the_same_text_with_days_to_come(self, ada, ben, ending_soon, client_of):
        held = document_in(ending_soon.version_in_force.text)
        look_back(ada, ending_soon)
        assert "Go on: another stretch" in words(client_of(ada).get(url(ending_soon)))
        page = client_of(ada).post(reverse("contract_renew", args=[ending_soon.pk]), follow=True)
        assert "Here is the next stretch as a draft" in words(page)
        ending_soon.refresh_from_db()
        assert ending_soon.state == State.AMENDING
        parts = draft.contents(ending_soon)
        before, after = stretch_of(held["rhythm"]), stretch_of(parts["rhythm"])
        assert after.first_on == before.last_on + dt.timedelta(days=1)
        moved = after.first_on - before.first_on
        for party in held["parties"]:
            goal = dict(party["goal"])
            goal["by"] = (dt.date.fromisoformat(goal["by"]) + moved).isoformat()
            assert parts[f"goal-{party['side']}"] == goal
        for each in held["commitments"]:
            assert parts[each["id"]]["by"] == (dt.date.fromisoformat(each["by"]) + moved).isoformat()
            assert parts[each["id"]]["what"] == each["what"]
        # Signed by both it is in force, and nothing of the stretch before is lost.
        put_name(put_name(ending_soon, ada), ben)
        ending_soon.refresh_from_db()
        assert ending_soon.state == State.IN_FORCE
        assert document_in(ending_soon.version_in_force.text)["amends"]["version"] == "1"

    def test_whose_goal_is_done_begins_with_an_empty_one(self, ada, ben, ada_has_a_long_goal, ending_soon):
        look_back(ben, ending_soon, "change")
        look_back(ada, ending_soon, "done")
        closing.renew(by=ben, contract_id=ending_soon.pk)
        parts = draft.contents(Contract.objects.get(pk=ending_soon.pk))
        mine, theirs = parts["goal-first"], parts["goal-second"]
        assert (mine["short"], mine["indicator"], mine["target"], mine["unit"]) == ("", "", "", "")
        assert mine["long"] == "A novel"
        assert theirs["short"] == "Ben finishes"
        assert theirs["indicator"]

    @pytest.fixture
    def ada_has_a_long_goal(self, ada, ben, pair):
        ending.amend(by=ada, contract_id=pair.pk)
        from tests.pairs import change

        goal = draft_of(pair)["goal-first"].content
        change(pair, ada, "goal-first", {**goal, "long": "A novel", "start": "0", "target": "9", "unit": "chapters"})
        put_name(put_name(pair, ada), ben)
        pair.refresh_from_db()

    def test_the_trail_and_the_other_hear_that_it_is_another_stretch(self, ada, ben, ending_soon):
        look_back(ada, ending_soon)
        closing.renew(by=ada, contract_id=ending_soon.pk)
        last = AuditEvent.objects.filter(contract=ending_soon, kind="amended").get()
        assert '"how":"renewed"' in last.payload
        said = [
            each.sentence for each in entries(read_trail(ending_soon).links, {Side.FIRST: "Ada", Side.SECOND: "Ben"})
        ]
        assert said[-1] == "Ada began another stretch, as a draft"
        assert read_trail(ending_soon).fault is None
        notice = Notice.objects.get(kind="contract:renewing")
        assert notice.member == ben
        assert render_contract_mail(notice).subject == "Ada Bright would like to go on with you"
        assert not Notice.objects.filter(kind="contract:amending").exists()
        ending.take_back(by=ada, contract_id=ending_soon.pk)
        with pytest.raises(Unwanted):
            render_contract_mail(notice)

    def test_not_before_ones_own_review_nor_before_its_time(self, ada, ben, pair, client_of):
        look_back(ben, pair)
        for days, person, refusal in (
            (0, ben, "still has some weeks to go"),
            (32, ada, "Look back on this stretch first"),
        ):
            advance(days=days)
            assert "Go on: another stretch" not in words(client_of(person).get(url(pair)))
            with pytest.raises(Refused, match=refusal):
                closing.renew(by=person, contract_id=pair.pk)
        closing.renew(by=ben, contract_id=pair.pk)
        with pytest.raises(Refused, match="There is an amendment already"):
            closing.renew(by=ben, contract_id=pair.pk)

    def test_long_after_it_one_can_still_go_on(self, ada, ending_soon, client_of):
        advance(days=60)
        look_back(ada, ending_soon)
        assert "The stretch is over, and that is fine" in words(client_of(ada).get(url(ending_soon)))
        closing.renew(by=ada, contract_id=ending_soon.pk)
        first_on = dt.date.fromisoformat(draft_of(ending_soon)["rhythm"].content["first_on"])
        today = clock.now().date()
        assert today <= first_on < today + dt.timedelta(days=7)

    def test_signed_early_it_takes_no_meeting_of_this_stretch_away(self, ada, ben, pair):
        advance(days=27)  # the last meeting is tomorrow
        before = [one.on for one in series.of(pair).all()]
        look_back(ada, pair)
        closing.renew(by=ada, contract_id=pair.pk)
        put_name(put_name(pair, ada), ben)
        after = [one.on for one in series.of(Contract.objects.get(pk=pair.pk)).all()]
        assert len(before) == 4
        assert after[:4] == before
        assert after == [before[0] + dt.timedelta(weeks=week) for week in range(8)]

    def test_an_amendment_within_the_stretch_holds_at_once_all_the_same(self, ada, ben, pair):
        from tests.pairs import amend

        advance(days=15)
        held = Rhythm.signed(document_in(pair.version_in_force.text)["rhythm"])
        amend(pair, first_on=(held.first_on + dt.timedelta(days=15)).isoformat())
        days = [one.on for one in series.of(Contract.objects.get(pk=pair.pk)).all()]
        assert days[:3] == [held.first_on + dt.timedelta(days=each) for each in (0, 7, 15)]


class TestTheGoalIsMet:
    @pytest.mark.parametrize("days", [10, 32])
    def test_a_happy_ending_also_before_the_last_day(self, ada, ben, pair, client_of, days):
        advance(days=days)
        look_back(ada, pair, "done", thanks="For the patience")
        page = words(client_of(ada).get(url(pair)))
        assert ("Finish early" in page) is (days == 10)
        for person in (ada, ben):
            client_of(person).post(reverse("contract_done", args=[pair.pk]))
        look_back(ben, pair, "done", thanks="For asking")
        for person in (ada, ben):
            for seen in (pair.get_absolute_url(), url(pair)):
                page = words(client_of(person).get(seen))
                assert "You got there" in page
                assert "For the patience" in page
                assert "For asking" in page

    def test_what_is_said_after_it_stands(self, ada, ben, pair, client_of):
        for person in (ada, ben):
            ending.say_done(by=person, contract_id=pair.pk)
        assert "Look back on it" in words(client_of(ada).get(pair.get_absolute_url()))
        look_back(ada, pair, "done")
        with pytest.raises(Refused, match="does not change any more"):
            look_back(ada, pair, "change")
        assert "Look back on it" not in words(client_of(ada).get(pair.get_absolute_url()))


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("side = 'second'", "stays of whom and of what"),
            ("side = 'third'", "stays of whom"),
            ("outcome = 'won'", "stretch_review_says_what_came_of_it"),
        ],
    )
    def test_what_a_review_is_of(self, ada, ending_soon, change, constraint):
        look_back(ada, ending_soon)
        self.refuses(f"UPDATE contracts_stretchreview SET {change}", constraint)

    def test_a_change_of_what_is_open(self, ada, ben, ending_soon):
        look_back(ada, ending_soon)
        look_back(ben, ending_soon)
        self.refuses("UPDATE contracts_stretchreview SET thanks = 'None'", "is open to the other")

    @pytest.mark.parametrize("end", ["part", "done"])
    def test_a_change_of_what_is_over(self, ada, ben, ending_soon, end):
        look_back(ada, ending_soon)
        if end == "part":
            ending.part(by=ben, contract_id=ending_soon.pk)
        else:
            for person in (ada, ben):
                ending.say_done(by=person, contract_id=ending_soon.pk)
        self.refuses("UPDATE contracts_stretchreview SET thanks = 'None'", "is closed")

    def test_a_second_one(self, ada, ending_soon):
        look_back(ada, ending_soon)
        self.refuses(
            "INSERT INTO contracts_stretchreview (contract_id, version_id, side, outcome, learned, otherwise, thanks)"
            " SELECT contract_id, version_id, side, outcome, '', '', '' FROM contracts_stretchreview",
            "stretch_review_once_per_party",
        )

    def test_one_of_a_version_that_is_not_in_force(self, ada, ben, ending_soon, yuki):
        look_back(ada, ending_soon)
        old = ending_soon.version_in_force
        closing.renew(by=ada, contract_id=ending_soon.pk)
        put_name(put_name(ending_soon, ada), ben)
        with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
            StretchReview.objects.create(contract=ending_soon, version=old, side="second", outcome="done")

    def refuses(self, statement: str, match: str) -> None:
        with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


class TestLeaving:
    def test_ones_own_goes_and_the_other_keeps_theirs(self, ada, ben, ending_soon, client_of):
        look_back(ada, ending_soon, thanks="Of Ada")
        look_back(ben, ending_soon, thanks="Of Ben")
        erase(by=ada, site_url="https://example.org")
        assert list(StretchReview.objects.values_list("side", "thanks")) == [("second", "Of Ben")]
        page = words(client_of(ben).get(url(ending_soon)))
        assert "Of Ben" in page
        assert "Of Ada" not in page
        erase(by=ben, site_url="https://example.org")
        assert not StretchReview.objects.exists()
        assert not Contract.objects.exists()

    def test_each_has_their_own_in_the_download(self, ada, ben, ending_soon):
        look_back(ada, ending_soon, thanks="Of Ada")
        look_back(ben, ending_soon, thanks="Of Ben")
        held = {each.name: each for each in holdings() if each.model == "contracts.StretchReview"}
        assert {name: [row["thanks"] for row in each.rows(ada.pk)] for name, each in held.items()} == {
            "closing_reviews_as_first_party": ["Of Ada"],
            "closing_reviews_as_second_party": [],
        }


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    @pytest.fixture
    def ending_soon(self, ada, ben) -> Contract:
        """Signed 32 days ago by the clock itself: each act has a connection of its own, for which no time went by."""
        with transaction.atomic(), days_ago(32):
            return contract_in_force(ada, ben, weeks="4", review_on="")

    def test_both_send(self, ada, ben, ending_soon):
        sent = at_once(lambda: look_back(ada, ending_soon), lambda: look_back(ben, ending_soon))
        assert [type(each) for each in sent] == [StretchReview, StretchReview]
        assert StretchReview.objects.count() == 2

    def test_one_sends_twice(self, ada, ending_soon):
        sent = at_once(*[lambda: look_back(ada, ending_soon)] * 4)
        assert {each.pk for each in sent} == {StretchReview.objects.get().pk}

    def test_one_changes_while_the_other_sends(self, ada, ben, ending_soon):
        look_back(ada, ending_soon, thanks="Before")
        changed, _sent = at_once(
            lambda: look_back(ada, ending_soon, thanks="After"), lambda: look_back(ben, ending_soon)
        )
        now = StretchReview.objects.get(side="first").thanks
        if isinstance(changed, Refused):
            assert now == "Before"
        else:
            assert now == "After"

    def test_both_go_on(self, ada, ben, ending_soon):
        look_back(ada, ending_soon)
        look_back(ben, ending_soon)
        done = at_once(
            lambda: closing.renew(by=ada, contract_id=ending_soon.pk),
            lambda: closing.renew(by=ben, contract_id=ending_soon.pk),
        )
        assert sorted(type(each).__name__ for each in done) == ["NoneType", "Refused"]
        assert AuditEvent.objects.filter(contract=ending_soon, kind="amended").count() == 1
