"""Two who said yes talk: on the pages, with what each of them sees."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.rules import Refused
from matching.actions import conversations
from matching.actions.blocks import block
from matching.actions.conversations import read, send_message, tick
from matching.actions.introductions import accept, answer, ask, close, propose
from matching.agenda import Item
from matching.models import AgendaTick, Introduction, Message, Reading
from matching.waiting import count, unread, waiting
from tests.days import advance
from tests.matching.conftest import NOTE, RHYTHM, conversation, invitation, write
from tests.people import member, settle

pytestmark = pytest.mark.django_db


def url(introduction: Introduction, name: str = "introduction") -> str:
    return reverse(name, args=[introduction.pk])


def page(client, introduction: Introduction, **query) -> str:
    return client.get(url(introduction), query).content.decode()


def send(client, introduction: Introduction, name: str, **fields):
    return client.post(url(introduction, name), {"seen_move": introduction.moves, **fields})


class TestOnThePages:
    def test_from_the_partners_page_to_the_conversation(self, ada, ben, client_of):
        hers, his = client_of(ada), client_of(ben)
        invite = reverse("introduction_invite", args=[ben.pk])
        assert invite in hers.get(reverse("partner", args=[ben.pk])).content.decode()
        form = {"note": "Hello\r\nBen <b>", **RHYTHM}
        preview = hers.post(invite, {**form, "step": "show"})
        assert not Introduction.objects.exists()
        shown = preview.content.decode()
        # Ben's words: what Ada gives him.
        for sentence in ("What Ben will see", "Hello<br>Ben &lt;b&gt;", "every week, 60 minutes, for 8 weeks"):
            assert sentence in shown
        assert "Ada’s goal depends on “Bookkeeping”, which you offer." in shown
        back = hers.post(invite, {**form, "step": "change"}).content.decode()
        assert "Hello\nBen &lt;b&gt;" in back.replace("\r\n", "\n")
        sent = hers.post(invite, {**form, "step": "send"}, follow=True)
        introduction = Introduction.objects.get()
        assert "Ben has fourteen days to answer." in sent.content.decode()
        assert introduction.story.get().text == "Hello\nBen <b>"
        assert url(introduction) in hers.get(reverse("partner", args=[ben.pk])).content.decode()
        seen = page(his, introduction)
        assert "Would you like to talk with Ada?" in seen
        assert "Ada’s goal depends on “Bookkeeping”, which you offer." in seen
        yes = his.post(url(introduction, "introduction_accept"), {"seen_move": 1}, follow=True)
        assert "You can talk now." in yes.content.decode()
        token = uuid.uuid4()
        for _click in range(2):
            response = send(his, introduction, "message_send", text="Good evening", token=token)
            assert response.url == f"{url(introduction)}#newest"
        assert Message.objects.get().text == "Good evening"
        assert "Good evening" in page(hers, introduction)

    def test_pressed_twice_the_invitation_is_on_its_way(self, ada, ben, client_of):
        client, invite = client_of(ada), reverse("introduction_invite", args=[ben.pk])
        for _click in range(2):
            response = client.post(invite, {"note": NOTE, **RHYTHM, "step": "send"}, follow=True)
            assert "on its way" in response.content.decode()
        assert Introduction.objects.count() == 1

    def test_what_is_refused_keeps_what_was_typed(self, ada, ben, client_of, monkeypatch):
        monkeypatch.setattr("matching.actions.introductions.MOST_A_DAY", 0)
        client, invite = client_of(ada), reverse("introduction_invite", args=[ben.pk])
        response = client.post(invite, {"note": "My own words", **RHYTHM, "step": "send"})
        assert "You have sent 0 invitations within a day." in str(response.context["form"].errors["note"])
        assert "My own words" in response.content.decode()
        response = client.post(invite, {"note": " ", "every_weeks": 3, "minutes": 14, "weeks": 53})
        assert set(response.context["form"].errors) == {"note", "every_weeks", "minutes", "weeks"}

    def test_an_invitation_back_from_an_old_page_is_a_yes(self, ada, ben, client_of):
        introduction = invitation(ada, ben)
        client, invite = client_of(ben), reverse("introduction_invite", args=[ada.pk])
        assert client.get(invite).url == url(introduction)
        response = client.post(invite, {"note": "Me too", **RHYTHM, "step": "send"}, follow=True)
        assert "Ada had invited you too: you can talk now." in response.content.decode()

    def test_each_button_stands_where_its_verb_would_succeed(self, ada, ben, client_of):
        introduction = invitation(ada, ben)
        hers, his = client_of(ada), client_of(ben)
        verbs = ("accept", "ask", "answer", "propose", "decline", "withdraw", "close")

        def offered(client) -> list[str]:
            shown = page(client, introduction)
            return [verb for verb in verbs if url(introduction, f"introduction_{verb}") in shown]

        assert offered(his) == ["accept", "ask", "propose", "decline"]
        assert offered(hers) == ["withdraw"]
        ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What do you write?")
        assert offered(his) == ["accept", "decline"]
        assert offered(hers) == ["answer", "propose", "withdraw"]
        propose(by=ada, introduction_id=introduction.pk, seen_move=2, **RHYTHM)
        propose(by=ben, introduction_id=introduction.pk, seen_move=3, **{**RHYTHM, "weeks": 12})
        assert offered(his) == ["decline"]
        assert offered(hers) == ["accept", "propose", "withdraw"]
        accept(by=ada, introduction_id=introduction.pk, seen_move=4)
        assert offered(his) == offered(hers) == ["close"]
        close(by=ben, introduction_id=introduction.pk, seen_move=5)
        assert offered(his) == offered(hers) == []

    def test_each_form_of_words_is_sent(self, ada, ben, client_of):
        introduction = invitation(ada, ben)
        hers, his = client_of(ada), client_of(ben)
        assert send(his, introduction, "introduction_ask", text="What?").url == url(introduction)
        introduction.refresh_from_db()
        assert send(hers, introduction, "introduction_answer", text="Novels").url == url(introduction)
        introduction.refresh_from_db()
        assert send(his, introduction, "introduction_propose", **{**RHYTHM, "weeks": 9}).url == url(introduction)
        introduction.refresh_from_db()
        assert introduction.weeks == 9
        assert send(his, introduction, "introduction_decline", reason="", is_private="on").url == url(introduction)
        assert [move.kind for move in introduction.story.all()] == ["sent", "asked", "answered", "proposed", "declined"]

    def test_an_out_of_date_form_comes_back_with_what_happened_and_can_be_sent_then(self, ada, ben, client_of):
        introduction = invitation(ada, ben)
        his = client_of(ben)
        propose(by=ben, introduction_id=introduction.pk, seen_move=1, **RHYTHM)
        propose(by=ada, introduction_id=introduction.pk, seen_move=2, **RHYTHM)
        response = send(his, introduction, "introduction_ask", seen_move=1, text="My own words")
        assert "Ada proposed another rhythm." in str(response.context["form"].errors["text"])
        shown = response.content.decode()
        assert "My own words" in shown
        assert 'name="seen_move" value="3"' in shown
        assert send(his, introduction, "introduction_ask", seen_move=3, text="My own words").status_code == 302

    def test_words_for_an_invitation_that_became_a_conversation_are_not_lost(self, ada, ben, client_of):
        introduction = conversation(ada, ben)
        response = send(client_of(ben), introduction, "introduction_ask", seen_move=1, text="My own words")
        shown = response.content.decode()
        assert "You said yes." in shown
        assert "My own words" in shown

    def test_a_message_written_while_it_was_closed_comes_back(self, ada, ben, client_of):
        introduction = conversation(ada, ben)
        close(by=ben, introduction_id=introduction.pk, seen_move=2)
        response = send(client_of(ada), introduction, "message_send", text="My own words", token=uuid.uuid4())
        assert "This conversation is closed." in str(response.context["form"].errors["text"])
        assert "My own words" in response.content.decode()

    @pytest.mark.parametrize("seen", ["", "x", "-1", "٣", "9" * 99])
    def test_a_page_that_does_not_say_what_it_showed_is_out_of_date(self, ada, ben, client_of, seen):
        introduction = invitation(ada, ben)
        response = client_of(ben).post(url(introduction, "introduction_accept"), {"seen_move": seen}, follow=True)
        assert "Something came in between" in response.content.decode()

    def test_a_stranger_and_who_is_blocked_get_404(self, ada, ben, chloe, client_of):
        introduction = conversation(ada, ben)
        assert client_of(chloe).get(url(introduction)).status_code == 404
        block(by=ada, member=ben)
        assert client_of(ben).get(url(introduction)).status_code == 404
        assert client_of(ada).get(url(introduction)).status_code == 404

    def test_the_list_says_where_each_stands(self, ada, ben, chloe, dan, client_of):
        invitation(ada, ben)
        invitation(chloe, ada)
        write(conversation(dan, ada), dan)
        context = client_of(ada).get(reverse("introductions")).context
        found = {
            what: [(row["profile"].name, row["says"], row["unread"]) for row in context[what]]
            for what in ("for_me", "for_them", "conversations")
        }
        assert found == {
            "for_me": [("Chloé Moreau", "Chloé invites you to talk", 0)],
            "for_them": [("Ben Carter", "Ben has the turn", 0)],
            "conversations": [("Dan Stranger", "Accepted", 1)],
        }
        advance(days=14)
        context = client_of(ada).get(reverse("introductions")).context
        assert sorted(row["profile"].name for row in context["past"]) == ["Ben Carter", "Chloé Moreau"]


def refused(act, **what) -> str:
    with pytest.raises(Refused) as refusal:
        act(**what)
    return str(refusal.value)


def test_one_writes_only_while_it_is_accepted(ada, ben, chloe):
    introduction = invitation(ada, ben)
    what = {"introduction_id": introduction.pk, "text": "Hello", "token": uuid.uuid4()}
    assert "closed" in refused(send_message, by=ada, **what)
    accept(by=ben, introduction_id=introduction.pk, seen_move=1)
    assert "not there" in refused(send_message, by=chloe, **what)
    send_message(by=ada, **what)
    close(by=ben, introduction_id=introduction.pk, seen_move=2)
    assert "closed" in refused(send_message, by=ben, **{**what, "token": uuid.uuid4()})
    ticking = {"introduction_id": introduction.pk, "item": "time", "is_done": True}
    assert "closed" in refused(tick, by=ben, **ticking)


def test_sixty_messages_an_hour(ada, ben, monkeypatch):
    introduction = conversation(ada, ben)
    assert conversations.MOST_AN_HOUR == 60
    monkeypatch.setattr(conversations, "MOST_AN_HOUR", 3)
    for _number in range(3):
        write(introduction, ada)
    what = {"introduction_id": introduction.pk, "text": "Hello", "token": uuid.uuid4()}
    assert "3 messages within an hour" in refused(send_message, by=ada, **what)
    write(introduction, ben)
    advance(hours=1)
    write(introduction, ada)


def test_a_token_of_another_form_is_no_way_to_anothers_message(ada, ben, chloe):
    sent = write(conversation(ada, ben), ada)
    other = conversation(ada, chloe)
    assert "sent already" in refused(send_message, by=chloe, introduction_id=other.pk, text="Hello", token=sent.token)


def test_reading_goes_forward_only_and_is_ones_own(ada, ben, client_of):
    introduction = conversation(ada, ben)
    first, second = write(introduction, ada), write(introduction, ada)
    assert unread(ben)[introduction.pk].count == 2
    assert unread(ada) == {}
    read(by=ben, introduction_id=introduction.pk, up_to=second.pk)
    read(by=ben, introduction_id=introduction.pk, up_to=first.pk)
    assert Reading.objects.get(member=ben).read_up_to == second.pk
    assert unread(ben) == {}
    write(introduction, ben)
    assert count(ada) == 1
    client_of(ada).get(url(introduction))
    assert (count(ada), count(ben)) == (0, 0)


def test_what_waits_is_said_on_home_and_counted_in_the_header(ada, ben, chloe, client_of):
    client = client_of(ada)
    assert 'id="waiting"' not in client.get(reverse("home")).content.decode()
    introduction = conversation(ada, ben)
    for _number in range(2):
        write(introduction, ben)
    invitation(chloe, ada)
    assert [(thing.text, thing.url) for thing in waiting(ada)] == [
        ("2 messages from Ben to read", url(introduction)),
        ("Chloé invites you to talk", url(Introduction.objects.get(inviter=chloe))),
    ]
    assert count(ada) == 2
    home = client.get(reverse("home")).content.decode()
    assert "2 messages from Ben to read" in home
    assert 'badge--count">2<' in home
    block(by=ben, member=ada)
    advance(days=14)
    assert (waiting(ada), count(ada)) == ([], 0)


def test_each_ticks_for_themselves_and_both_see_both(ada, ben, client_of):
    introduction = conversation(ada, ben)
    hers, his = client_of(ada), client_of(ben)
    for _twice in range(2):
        assert send(hers, introduction, "agenda_tick", item="time", done="1").url.endswith("#agenda-time")
    send(his, introduction, "agenda_tick", item="equals", done="1")
    agenda = {row["item"]: (row["is_mine"], row["is_theirs"]) for row in hers.get(url(introduction)).context["agenda"]}
    assert agenda == {**dict.fromkeys(Item, (False, False)), "time": (True, False), "equals": (False, True)}
    send(hers, introduction, "agenda_tick", item="time", done="0")
    assert AgendaTick.objects.get().member == ben
    assert send(hers, introduction, "agenda_tick", item="weather", done="1").status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaTick.objects.create(introduction=introduction, item="weather", member=ada)


def test_a_long_conversation_comes_fifty_at_a_time(ada, ben, client_of, monkeypatch):
    introduction = conversation(ada, ben)
    Message.objects.bulk_create(
        Message(introduction=introduction, author=ada, text=f"Line {number:03}", token=uuid.uuid4())
        for number in range(120)
    )
    client, seen, before = client_of(ben), [], {}
    for _page in range(3):
        context = client.get(url(introduction), before).context
        seen = [message.text for message, _is_mine in context["shown"]] + seen
        before = {"before": context["earlier"]}
    assert seen == [f"Line {number:03}" for number in range(120)]
    assert context["earlier"] is None
    for nonsense in ("x", "-1", "9" * 30, "0"):
        assert client.get(url(introduction), {"before": nonsense}).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_the_database_as_often_for_three_as_for_one(
    ada, ben, client_of, number, django_assert_num_queries, monkeypatch
):
    introduction = conversation(ada, ben)
    for _message in range(number):
        write(introduction, ben)
        write(introduction, ada)
    for other in range(number):
        for what in (invitation, conversation):
            person = settle(
                member(f"x{other}{what.__name__}@example.org", f"X {other}"), offers={"Tea": 1}, needs={"Cake": 1}
            )
            made = what(person, ada)
            if what is conversation:
                write(made, person)
    client = client_of(ada)
    client.get(url(introduction))  # read once: after that nothing is written
    client.get(reverse("home"))
    asked = Introduction.objects.filter(invited=ada, state="sent").first()
    for move in range(1, number):
        verb, by = (ask, ada) if move % 2 else (answer, asked.inviter)
        verb(by=by, introduction_id=asked.pk, seen_move=move, text="Well?")
    for address, queries in (
        (reverse("introductions"), 8),
        (url(introduction), 12),
        (url(asked), 15),
        (reverse("home"), 18),
    ):
        with django_assert_num_queries(queries):
            client.get(address)


def test_a_great_many_introductions_come_a_page_at_a_time_in_their_groups(ada, client_of):
    for number in range(24):
        person = settle(member(f"x{number}@example.org", f"X {number}"), offers={"Tea": 1}, needs={"Cake": 1})
        (conversation if number % 2 else invitation)(person, ada)
    client, groups = client_of(ada), ("for_me", "conversations", "for_them", "past")
    pages = [client.get(reverse("introductions"), {"page": page}).context for page in (1, 2)]
    assert [[len(context[group]) for group in groups] for context in pages] == [[12, 8, 0, 0], [0, 4, 0, 0]]
    seen = {row["profile"].name for context in pages for group in groups for row in context[group]}
    assert len(seen) == 24
