"""The two comment on the draft: it is for them alone, no part of what is signed, and goes with the draft."""

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
from contracts import tasks
from contracts.actions import commenting, drafting, ending
from contracts.actions.commenting import comment
from contracts.actions.holding import document
from contracts.canonical import canonical
from contracts.letters import render_contract_mail
from contracts.models import AuditEvent, Comment, Contract
from tests.days import advance
from tests.pairs import draft_of, put_name
from tests.together import at_once

pytestmark = pytest.mark.django_db


def url(contract: Contract, key: str = "goal-first") -> str:
    return reverse("comments", args=[contract.pk, key])


def words(response) -> str:
    return response.content.decode()


def say(by, contract: Contract, text: str = "Is that one goal?", **where: str) -> Comment:
    return comment(by=by, contract_id=contract.pk, text=text, **where)


def press(client, name: str, one: Comment, **options):
    return client.post(reverse(name, args=[one.contract_id, one.pk]), **options)


def wanted(person) -> str:
    """The mail about comments as it would be sent now."""
    notice = Notice.objects.filter(kind="contract:commented", member=person).latest("pk")
    return render_contract_mail(notice).heading


class TestSaying:
    def test_it_stands_beside_the_part_for_both(self, ada, ben, begun, client_of):
        answer = client_of(ada).post(url(begun), {"text": "Is that one goal?\nOr two?", "about": "short"})
        assert answer.url == url(begun)
        said = Comment.objects.get()
        assert (said.key, said.field, said.by, said.text) == (
            "goal-first",
            "short",
            "first",
            "Is that one goal?\nOr two?",
        )
        for person, name in ((ada, "You"), (ben, "Ada")):
            for page in (begun.get_absolute_url(), url(begun)):
                shown = words(client_of(person).get(page))
                assert "Is that one goal?<br>Or two?" in shown
                assert f"{name}, <time" in shown or f"{name} · The goal" in shown
                assert "The goal for this stretch" in shown
        assert "Comments (1)" in words(client_of(ben).get(begun.get_absolute_url()))

    @pytest.mark.parametrize("key", ["text", "rhythm", "push-second"])
    def test_on_the_whole_and_on_what_has_no_number(self, ada, begun, client_of, key):
        client_of(ada).post(url(begun, key), {"text": "Well"})
        assert Comment.objects.get().key == ("" if key == "text" else key)

    def test_on_an_item_of_a_list(self, ada, begun, client_of):
        key = next(key for key in draft_of(begun) if key.startswith("need-first"))
        assert client_of(ada).post(url(begun, key), {"text": "Which books?"}).status_code == 302
        drafting.remove_part(by=ada, contract_id=begun.pk, key=key)
        assert "Which books?" not in words(client_of(ada).get(begun.get_absolute_url()))
        assert url(begun, key) in words(client_of(ada).get(url(begun, "text")))
        page = words(client_of(ada).get(url(begun, key)))
        assert "This was taken out of the draft." in page
        assert "Which books?" in page

    @pytest.mark.parametrize("key", ["x", "goal", "need-first-99999", "goal-third", "commitment-0x1"])
    def test_what_is_no_part_is_not_there(self, ada, begun, client_of, key):
        assert client_of(ada).get(url(begun, key)).status_code == 404
        assert client_of(ada).post(url(begun, key), {"text": "Well"}).status_code == 404
        with pytest.raises(Refused, match="no such part"):
            say(ada, begun, key=key)

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"text": ""}, "text"),
            ({"text": " \u200b"}, "text"),
            ({"text": "x" * 1001}, "text"),
            ({"text": "Well", "about": "kind"}, "about"),
        ],
    )
    def test_what_cannot_be_is_said(self, ada, begun, client_of, sent, field):
        answer = client_of(ada).post(url(begun), sent)
        assert answer.status_code == 200
        assert field in answer.context["form"].errors
        assert not Comment.objects.exists()

    def test_a_double_click_says_it_once(self, ada, begun):
        assert say(ada, begun).pk == say(ada, begun).pk
        advance(minutes=1)
        say(ada, begun)
        assert Comment.objects.count() == 2

    def test_markup_is_words(self, ada, begun, client_of):
        say(ada, begun, "<script>alert(1)</script>", key="rhythm")
        for page in (url(begun, "rhythm"), begun.get_absolute_url()):
            assert "<script>alert" not in words(client_of(ada).get(page))

    def test_a_stranger_finds_nothing(self, dan, ada, begun, client_of):
        said = say(ada, begun)
        assert client_of(dan).get(url(begun)).status_code == 404
        assert press(client_of(dan), "comment_resolve", said).status_code == 404
        with pytest.raises(Contract.DoesNotExist):
            say(dan, begun)

    def test_one_of_another_contract_is_not_there(self, ada, ben, chloe, begun, client_of):
        from tests.pairs import introduce

        other = drafting.start(by=ada, introduction_id=introduce(ada, chloe).pk)
        said = say(ada, other)
        answer = client_of(ada).post(reverse("comment_resolve", args=[begun.pk, said.pk]))
        assert answer.status_code == 404


class TestItIsNoPartOfTheText:
    def test_it_makes_no_signature_void_and_changes_no_text(self, ada, ben, signed_by_ada):
        before = canonical(document(signed_by_ada))
        head, links = signed_by_ada.head, AuditEvent.objects.count()
        say(ben, signed_by_ada, key="goal-first")
        now = Contract.objects.get()
        assert (now.signer, now.head, canonical(document(now))) == ("first", head, before)
        assert AuditEvent.objects.count() == links
        put_name(now, ben)
        assert say(ada, now).pk  # in force, it can still be talked about

    def test_while_it_is_in_force_it_stands_on_its_page(self, ada, ben, in_force, client_of):
        say(ada, in_force, "Shall we move it to Tuesday?")
        assert "Shall we move it to Tuesday?" in words(client_of(ben).get(in_force.get_absolute_url()))

    def test_what_is_over_is_not_commented_and_stays_readable(self, ada, ben, begun, client_of):
        said = say(ada, begun, key="goal-first")
        ending.take_back(by=ben, contract_id=begun.pk)
        for act in (commenting.resolve, commenting.take_back):
            with pytest.raises(Refused, match="taken back"):
                act(by=ada, contract_id=begun.pk, comment_id=said.pk)
        answer = client_of(ada).post(url(begun), {"text": "Much thought"})
        assert "This draft was taken back." in words(answer)
        assert "Much thought" in words(answer)
        assert Comment.objects.count() == 1
        page = words(client_of(ben).get(url(begun)))
        assert "Is that one goal?" in page
        assert "<textarea" not in page
        assert url(begun) in words(client_of(ben).get(url(begun, "text")))
        assert url(begun, "text") in words(client_of(ben).get(begun.get_absolute_url()))

    def test_nobody_comments_past_a_block(self, ada, ben, begun):
        Block.objects.create(blocker=ada, blocked=ben)
        with pytest.raises(Refused, match="ended"):
            say(ben, begun)


class TestResolving:
    def test_either_resolves_and_it_stays_readable(self, ada, ben, begun, client_of):
        said = say(ada, begun, key="goal-first")
        page = words(press(client_of(ben), "comment_resolve", said, follow=True))
        assert reverse("comment_reopen", args=[begun.pk, said.pk]) in page
        assert "Resolved: You" in page
        assert "Is that one goal?" in page
        assert "Resolved: Ben" in words(client_of(ada).get(url(begun)))
        assert "Is that one goal?" not in words(client_of(ada).get(begun.get_absolute_url()))
        assert "Comments, all resolved" in words(client_of(ada).get(begun.get_absolute_url()))

    def test_it_is_undone_and_twice_is_once(self, ada, ben, begun, client_of):
        said = say(ada, begun, key="goal-first")
        commenting.resolve(by=ben, contract_id=begun.pk, comment_id=said.pk)
        first = Comment.objects.get().resolved_at
        commenting.resolve(by=ada, contract_id=begun.pk, comment_id=said.pk)
        assert (Comment.objects.get().resolved_at, Comment.objects.get().resolved_by) == (first, "second")
        for _press in range(2):
            press(client_of(ben), "comment_reopen", said)
            assert Comment.objects.get().is_open


class TestTakingBack:
    def test_ones_own_for_a_while_with_a_way_back(self, ada, begun, client_of):
        said = say(ada, begun, key="goal-first")
        page = words(press(client_of(ada), "comment_take_back", said, follow=True))
        assert "Is that one goal?" not in page
        assert reverse("comment_put_back", args=[begun.pk, said.pk]) in page
        assert "Is that one goal?" in words(press(client_of(ada), "comment_put_back", said, follow=True))

    def test_not_the_other_s(self, ada, ben, begun, client_of):
        said = say(ada, begun)
        assert press(client_of(ben), "comment_take_back", said).status_code == 404
        commenting.take_back(by=ben, contract_id=begun.pk, comment_id=said.pk)
        assert Comment.objects.get().is_open

    def test_the_other_does_not_find_what_was_taken_back(self, ada, ben, begun, client_of):
        said = say(ada, begun)
        commenting.take_back(by=ada, contract_id=begun.pk, comment_id=said.pk)
        for name in ("comment_put_back", "comment_resolve", "comment_reopen"):
            assert press(client_of(ben), name, said).status_code == 404

    def test_not_after_a_while(self, ada, begun, client_of):
        said = say(ada, begun, key="goal-first")
        assert "Take back" in words(client_of(ada).get(url(begun)))
        advance(minutes=16)
        assert "Take back" not in words(client_of(ada).get(url(begun)))
        with pytest.raises(Refused, match="You can resolve it"):
            commenting.take_back(by=ada, contract_id=begun.pk, comment_id=said.pk)

    def test_what_cannot_be_put_back_any_more_goes(self, ada, begun):
        said, kept = say(ada, begun), say(ada, begun, "Kept")
        commenting.take_back(by=ada, contract_id=begun.pk, comment_id=said.pk)
        tasks.heal()
        assert Comment.objects.count() == 2
        advance(hours=1, minutes=1)
        tasks.heal()
        assert list(Comment.objects.all()) == [kept]


class TestLimits:
    def test_there_is_room_for_so_many_open_ones(self, ada, ben, begun, monkeypatch, client_of):
        monkeypatch.setattr(commenting, "MOST_OPEN", 2)
        first, _second = say(ada, begun, "One"), say(ben, begun, "Two")
        answer = client_of(ada).post(url(begun), {"text": "Three"})
        assert "There are 2 open comments. Resolve some first." in words(answer)
        assert "Three" in words(answer)
        commenting.resolve(by=ada, contract_id=begun.pk, comment_id=first.pk)
        say(ada, begun, "Three")
        with pytest.raises(Refused, match="Resolve some first"):
            commenting.reopen(by=ada, contract_id=begun.pk, comment_id=first.pk)

    def test_so_many_an_hour(self, ada, ben, begun, monkeypatch):
        monkeypatch.setattr(commenting, "MOST_AN_HOUR", 1)
        said = say(ada, begun, "One")
        commenting.take_back(by=ada, contract_id=begun.pk, comment_id=said.pk)  # which does not make room
        with pytest.raises(Refused, match="time for a call"):
            say(ada, begun, "Two")
        say(ben, begun, "Three")
        advance(hours=1, minutes=1)
        say(ada, begun, "Two")


class TestTheOtherHearsOfIt:
    def test_in_one_mail_half_an_hour_after_the_first(self, ada, ben, begun):
        say(ada, begun, "One")
        say(ada, begun, "Two")
        notice = Notice.objects.get(kind="contract:commented")
        assert notice.member == ben
        assert dt.timedelta(minutes=29) < notice.due_at - clock.now() <= dt.timedelta(minutes=30)
        assert wanted(ben) == "2 comments on your contract"

    @pytest.mark.parametrize("key", ["", "goal-first"])
    def test_not_when_they_have_looked(self, ada, ben, begun, client_of, key):
        say(ada, begun, key="goal-first")
        client_of(ada).get(begun.get_absolute_url())  # ones own look is nobody else's
        assert wanted(ben) == "A comment on your contract"
        page = url(begun, key) if key else begun.get_absolute_url()
        assert ">new<" in words(client_of(ben).get(page))
        with pytest.raises(Unwanted):
            wanted(ben)
        assert ">new<" not in words(client_of(ben).get(page))

    def test_looking_at_one_thread_is_not_looking_at_another(self, ada, ben, begun, client_of):
        say(ada, begun, key="goal-first")
        say(ada, begun, "And when?", key="rhythm")
        client_of(ben).get(url(begun, "rhythm"))
        assert wanted(ben) == "A comment on your contract"

    @pytest.mark.parametrize("act", [commenting.resolve, commenting.take_back])
    def test_not_when_nothing_is_left_of_it(self, ada, ben, begun, act):
        said = say(ada, begun)
        act(by=ada, contract_id=begun.pk, comment_id=said.pk)
        with pytest.raises(Unwanted):
            wanted(ben)

    def test_again_when_they_have_looked_and_at_most_once_a_day_when_not(self, ada, ben, begun, client_of):
        say(ada, begun, "One")
        client_of(ben).get(url(begun, "text"))
        say(ada, begun, "Two")
        assert Notice.objects.filter(kind="contract:commented").count() == 2
        say(ada, begun, "Three")
        assert Notice.objects.filter(kind="contract:commented").count() == 2
        advance(days=1)
        say(ada, begun, "Four")
        assert Notice.objects.filter(kind="contract:commented").count() == 3


class TestWhoLeavesTakesThemAlong:
    @pytest.mark.parametrize("leaver", ["ada", "ben"])
    @pytest.mark.parametrize("stage", ["begun", "signed_by_ada", "in_force"])
    def test_with_the_draft(self, request, leaver, stage):
        contract = request.getfixturevalue(stage)
        for name in ("ada", "ben"):
            say(request.getfixturevalue(name), contract, f"Of {name}", key="rhythm")
        erase(by=request.getfixturevalue(leaver), site_url="https://example.org")
        assert not Comment.objects.exists()

    def test_each_has_their_own_in_the_download(self, ada, ben, begun):
        say(ada, begun, "Of Ada", key="rhythm", field="weekday")
        say(ben, begun, "Of Ben")
        held = {each.name: each for each in holdings() if each.model == "contracts.Comment"}
        found = {name: [row["text"] for row in each.rows(ada.pk)] for name, each in held.items()}
        assert found == {"comments_as_first_party": ["Of Ada"], "comments_as_second_party": []}


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("text = 'Otherwise'", "does not change"),
            ("by = 'second'", "does not change"),
            ("at = at - interval '1 day'", "does not change"),
            ("resolved_at = now()", "comment_resolved_by_a_party"),
            ("resolved_by = 'first'", "comment_resolved_by_a_party"),
        ],
    )
    def test_what_was_said_stays_as_said(self, ada, begun, change, constraint):
        say(ada, begun)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE contracts_comment SET {change}")

    def test_nothing_is_said_about_what_is_over(self, ada, begun):
        ending.take_back(by=ada, contract_id=begun.pk)
        with pytest.raises(IntegrityError, match="and so are its comments"), transaction.atomic():
            Comment.objects.create(contract=begun, by="first", text="Well")


@pytest.mark.parametrize("many", [False, True])
def test_a_thread_asks_the_database_as_often_with_many_comments(
    ada, ben, begun, client_of, django_assert_num_queries, many
):
    for number in range(10 if many else 1):
        for by in (ada, ben):
            say(by, begun, f"Number {number}", key="goal-first")
    client = client_of(ada)
    client.get(url(begun))
    with django_assert_num_queries(8):
        client.get(url(begun))


@pytest.mark.parametrize("many", [False, True])
def test_the_draft_asks_the_database_as_often_with_many_comments(
    ada, ben, begun, client_of, django_assert_num_queries, many
):
    for number in range(10 if many else 1):
        for by in (ada, ben):
            say(by, begun, f"Number {number}", key="goal-first")
    client = client_of(ada)
    client.get(begun.get_absolute_url())
    with django_assert_num_queries(11):
        client.get(begun.get_absolute_url())


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_there_is_room_for_one(transactional_db, ada, ben, begun, monkeypatch):
    monkeypatch.setattr(commenting, "MOST_OPEN", 1)
    found = at_once(lambda: say(ada, begun, "One"), lambda: say(ben, begun, "Two"), lambda: say(ada, begun, "Three"))
    assert Comment.objects.count() == 1
    assert sorted(type(each).__name__ for each in found) == ["Comment", "Refused", "Refused"]


@pytest.mark.django_db(transaction=True)
def test_one_leaves_while_the_other_comments(transactional_db, ada, ben, begun):
    said, left = at_once(lambda: say(ada, begun), lambda: erase(by=ben, site_url="https://example.org"))
    assert left is None
    assert isinstance(said, (Comment, Refused, Contract.DoesNotExist))
    assert not Comment.objects.exists()
