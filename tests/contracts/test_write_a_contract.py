"""Two people write their contract, part by part, without JavaScript, and nothing that either typed is lost."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from accounts.actions.listings import change_listing
from accounts.models import Notice, Topic, TopicAlias
from contracts import draft
from contracts.actions import drafting, ending
from contracts.actions.holding import document, missing_in
from contracts.canonical import document_in
from contracts.document import MOST
from contracts.lifecycle import State
from contracts.models import Contract, Edit, Version
from contracts.waiting import waiting
from tests.days import advance
from tests.pairs import change, draft_of, fill, introduce, put_name

pytestmark = pytest.mark.django_db


def url(name: str, contract: Contract, *args: object) -> str:
    return reverse(name, args=[contract.pk, *args])


def words(response) -> str:
    return response.content.decode()


def fields(response) -> dict[str, object]:
    """What the form on the page would send if nobody touched it."""
    form = response.context["form"]
    return {name: form[name].value() or "" for name in form.fields if form[name].value() is not None}


def test_either_starts_it_with_what_both_have_said(ada, ben, introduction, client_of):
    page = client_of(ben).get(reverse("contract_with", args=[introduction.pk]))
    assert "Start the draft" in words(page)
    answer = client_of(ben).post(reverse("contract_with", args=[introduction.pk]))
    contract = Contract.objects.get()
    assert answer.url == contract.get_absolute_url()
    said = document(contract)
    assert [party["goal"]["short"] for party in said["parties"]] == [
        "Ada Bright finishes a draft",
        "Ben Carter finishes a draft",
    ]
    assert [[need["text"] for need in party["needs"]] for party in said["parties"]] == [["Bookkeeping"], ["Writing"]]
    assert said["parties"][0]["haves"][0]["text"] == "Writing: I know Writing."
    assert [(one["giver"], one["what"]) for one in said["commitments"]] == [
        ("first", "Writing"),
        ("second", "Bookkeeping"),
    ]
    assert said["rhythm"]["every_weeks"] == "1"
    assert said["rhythm"]["weekday"] == "0"
    assert said["rhythm"]["time"] == "18:00"
    assert list(Notice.objects.filter(kind="contract:started").values_list("member", flat=True)) == [ada.pk]
    # The second time it is the same one.
    client_of(ada).post(reverse("contract_with", args=[introduction.pk]))
    assert Contract.objects.count() == 1


def test_it_begins_with_the_words_of_each_and_not_with_the_topics(ada, ben, introduction, client_of):
    TopicAlias.objects.create(topic=Topic.objects.get(label_en="Writing"), phrase="wordsmithing", key="wordsmithing")
    mine = ada.listings.get(side="offer")
    change_listing(by=ada, listing_id=mine.pk, kind="skill", phrase="Wordsmithing", words="Novels", level=3)
    client_of(ben).post(reverse("contract_with", args=[introduction.pk]))
    said = document(Contract.objects.get())
    assert said["parties"][0]["haves"][0]["text"] == "Wordsmithing: Novels"
    assert said["commitments"][0]["what"] == "Wordsmithing"


def test_before_both_said_yes_there_is_nothing_to_start(ada, ben, client_of):
    from matching.actions.introductions import invite

    sent = invite(by=ada, member_id=ben.pk, note="Shall we?", every_weeks=1, minutes=60, weeks=8)
    answer = client_of(ada).post(reverse("contract_with", args=[sent.pk]), follow=True)
    assert "once you have both said" in words(answer)
    assert not Contract.objects.exists()


def test_what_is_missing_stands_as_a_list_with_links(ada, begun, client_of):
    page = words(client_of(ada).get(begun.get_absolute_url()))
    missing = missing_in(begun, document(begun))
    assert missing
    for gap in missing:
        assert (
            url("part_edit", begun, gap.key) if gap.key else url("part_add", begun, "commitment", gap.giver)
        ) in page


def test_when_nothing_is_missing_it_can_be_signed(ada, ready, client_of):
    page = words(client_of(ada).get(ready.get_absolute_url()))
    assert "Nothing is missing" in page
    assert url("contract_sign", ready) in page


def test_a_part_is_changed_by_its_form(ben, begun, client_of):
    client = client_of(ben)
    sent = fields(client.get(url("part_edit", begun, "goal-second"))) | {"short": "Run 10 km", "indicator": "A watch"}
    answer = client.post(url("part_edit", begun, "goal-second"), sent)
    assert answer.status_code == 302
    assert draft_of(begun)["goal-second"].content["short"] == "Run 10 km"


class TestBothAtOnce:
    """If the other changed the part meanwhile, nothing is overwritten and both texts stand side by side."""

    def stale(self, ada, ben, begun, client_of):
        client = client_of(ada)
        sent = fields(client.get(url("part_edit", begun, "goal-first"))) | {"short": "Mine, typed for an hour"}
        change(begun, ben, "goal-first", {**draft_of(begun)["goal-first"].content, "short": "Theirs"})
        return client, client.post(url("part_edit", begun, "goal-first"), sent)

    def test_both_texts_stand_there(self, ada, ben, begun, client_of):
        _client, answer = self.stale(ada, ben, begun, client_of)
        assert answer.status_code == 409
        page = words(answer)
        assert "This changed while you were writing" in page
        assert "Theirs" in page
        assert "Mine, typed for an hour</textarea>" in page
        assert draft_of(begun)["goal-first"].content["short"] == "Theirs"

    def test_sent_again_mine_takes_its_place_and_theirs_is_in_the_log(self, ada, ben, begun, client_of):
        client, answer = self.stale(ada, ben, begun, client_of)
        assert client.post(url("part_edit", begun, "goal-first"), fields(answer)).status_code == 302
        assert draft_of(begun)["goal-first"].content["short"] == "Mine, typed for an hour"
        kept = Edit.objects.filter(contract=begun, key="goal-first").values_list("content__short", flat=True)
        assert "Theirs" in kept

    def test_a_part_that_was_taken_out_meanwhile(self, ada, ben, begun, client_of):
        key = next(key for key in draft_of(begun) if key.startswith("need-first"))
        client = client_of(ada)
        sent = fields(client.get(url("part_edit", begun, key))) | {"text": "Said better"}
        drafting.remove_part(by=ben, contract_id=begun.pk, key=key)
        answer = client.post(url("part_edit", begun, key), sent)
        assert answer.status_code == 409
        assert "It was taken out" in words(answer)
        assert client.post(url("part_edit", begun, key), fields(answer)).status_code == 302
        assert draft_of(begun)[key].content["text"] == "Said better"

    def test_a_commitment_that_was_taken_out_meanwhile(self, ada, ben, ready, client_of):
        key = next(key for key in draft_of(ready) if key.startswith("commitment"))
        client = client_of(ada)
        sent = fields(client.get(url("part_edit", ready, key))) | {"what": "Reads twice"}
        drafting.remove_part(by=ben, contract_id=ready.pk, key=key)
        answer = client.post(url("part_edit", ready, key), sent)
        assert answer.status_code == 409
        assert "Reads twice</textarea>" in words(answer)
        assert "What Ada Bright will do for Ben Carter" in words(answer)
        assert client.post(url("part_edit", ready, key), fields(answer)).status_code == 302
        assert draft_of(ready)[key].content["giver"] == "first"
        assert client.get(ready.get_absolute_url()).status_code == 200


def test_taking_out_can_be_undone(ada, begun, client_of):
    key = next(key for key in draft_of(begun) if key.startswith("need-first"))
    before = draft_of(begun)[key].content
    client = client_of(ada)
    answer = client.post(url("part_remove", begun, key), follow=True)
    assert url("part_restore", begun, key) in words(answer)
    assert key not in draft_of(begun)
    client.post(url("part_restore", begun, key))
    assert draft_of(begun)[key].content == before


def test_a_need_is_promised_or_found_elsewhere(ada, ben, begun, client_of):
    client = client_of(ada)
    client.post(url("part_add", begun, "need", "first"), {"text": "A quiet room", "kind_of_thing": "resource"})
    key = max((key for key in draft_of(begun) if key.startswith("need-first")), key=lambda key: int(key.split("-")[2]))

    def is_missing() -> bool:
        now = Contract.objects.get(pk=begun.pk)
        return any(gap.key == key for gap in missing_in(now, document(now)))

    assert is_missing()
    client.post(url("need_elsewhere", begun, key), {"elsewhere": "yes"})
    assert not is_missing()
    client.post(url("need_elsewhere", begun, key), {"elsewhere": ""})
    assert is_missing()
    page = client_of(ben).get(url("part_add", begun, "commitment", "second") + f"?need={key}")
    sent = fields(page) | {"what": "Lends the attic", "measure": "fact", "fact": "The key is handed over"}
    assert sent["need"] == key
    client_of(ben).post(url("part_add", begun, "commitment", "second"), sent)
    assert not is_missing()


def test_a_need_of_the_giver_is_not_served(ada, begun, client_of):
    key = next(key for key in draft_of(begun) if key.startswith("need-first"))
    answer = client_of(ada).post(
        url("part_add", begun, "commitment", "first"),
        {"what": "Helps herself", "need": key, "measure": "fact", "fact": "x"},
    )
    assert answer.status_code == 200
    assert answer.context["form"].errors["need"]


def test_the_other_s_changes_stand_there_until_they_were_seen(ada, ben, begun, client_of):
    change(begun, ben, "goal-second", {**draft_of(begun)["goal-second"].content, "short": "Sell ten chairs"})
    client = client_of(ada)
    page = words(client.get(begun.get_absolute_url()))
    assert "Ben changed this since you last looked" in page
    assert "Ben Carter finishes a draft" in page  # what stood there before
    assert "since you last looked" not in words(client_of(ben).get(begun.get_absolute_url()))
    [head] = re.findall(r'name="head" value="(\d+)"', page)
    client.post(url("contract_seen", begun), {"head": head})
    assert "since you last looked" not in words(client.get(begun.get_absolute_url()))
    # The mail that waited is not wanted any more.
    from accounts import notices
    from contracts.letters import render_contract_mail

    with pytest.raises(notices.Unwanted):
        render_contract_mail(Notice.objects.get(kind="contract:edited", member=ada))


@pytest.mark.parametrize(
    ("key", "sent", "field"),
    [
        ("goal-first", {"by": "2001-01-01"}, "by"),
        ("goal-first", {"by": "not a day"}, "by"),
        ("goal-first", {"short": "x" * 501}, "short"),
        ("rhythm", {"minutes": "5"}, "minutes"),
        ("rhythm", {"minutes": "abc"}, "minutes"),
        ("rhythm", {"zone": "Mars/Olympus"}, "zone"),
        ("rhythm", {"weekday": "9"}, "weekday"),
        ("rhythm", {"weeks": "999"}, "weeks"),
        ("rhythm", {"time": "25:00"}, "time"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(ada, begun, client_of, key, sent, field):
    client = client_of(ada)
    where = url("part_edit", begun, key)
    before = draft_of(begun)
    typed = {"where": "Under the clock", "strategies": "Every morning"}
    answer = client.post(where, fields(client.get(where)) | typed | sent)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert any(said in words(answer) for said in typed.values())
    assert draft_of(begun) == before


def test_the_first_meeting_is_on_the_day_of_the_week(ada, begun, client_of):
    client = client_of(ada)
    where = url("part_edit", begun, "rhythm")
    monday = dt.date.today() + dt.timedelta(days=-dt.date.today().weekday(), weeks=1)
    sent = fields(client.get(where)) | {"weekday": "2", "first_on": monday.isoformat()}
    assert "That is a Monday, and you meet on Wednesday." in words(client.post(where, sent)).replace("&#x27;", "'")


@pytest.mark.parametrize(
    "said",
    [
        "أكتب كل صباح قبل الفطور",
        "👩‍👩‍👧 写作 𝔘",
        "<script>alert(1)</script>",
        "a\u202eb\u0007c\x00d",
        "“quotes” & 'so'",
        "{{ 7|add:7 }} {% now %}",
    ],
)
def test_any_writing_is_kept_shown_and_signed(ada, ben, ready, client_of, said):
    client = client_of(ada)
    where = url("part_edit", ready, "goal-first")
    assert client.post(where, fields(client.get(where)) | {"strategies": said}).status_code == 302
    kept = draft_of(ready)["goal-first"].content["strategies"]
    assert "\x00" not in kept
    assert "<script>alert" not in words(client.get(ready.get_absolute_url()))
    put_name(ready, ada)
    contract = put_name(ready, ben)
    assert document_in(contract.version_in_force.text)["parties"][0]["goal"]["strategies"] == kept
    for page in (contract.get_absolute_url(), url("version", contract, 1), url("contract_history", contract)):
        shown = words(client.get(page))
        assert "<script>alert" not in shown


@pytest.mark.slow
def test_a_contract_with_two_hundred_commitments(ada, ben, ready, client_of, django_assert_max_num_queries):
    soon = (dt.date.today() + dt.timedelta(days=20)).isoformat()
    for number in range(200):
        content = {"giver": "first", "what": f"Thing {number}", "measure": "fact", "fact": "done", "by": soon}
        drafting.add_part(by=ada, contract_id=ready.pk, kind="commitment", content=content)
    client = client_of(ben)
    with django_assert_max_num_queries(19):  # the first look is noted in the audit trail
        page = words(client.get(ready.get_absolute_url()))
    assert "Thing 199" in page
    put_name(ready, ada)
    assert put_name(ready, ben).state == State.IN_FORCE
    assert "Thing 199" in words(client.get(url("version", ready, 1)))


def test_a_part_sent_twice_by_a_double_click_is_one(ada, ben, begun, client_of):
    typed = {"text": "A quiet room", "kind_of_thing": "resource"}
    have = url("part_add", begun, "have", "first")
    before = len(draft_of(begun))
    for _press in range(2):
        assert client_of(ada).post(have, typed).status_code == 302
    assert len(draft_of(begun)) == before + 1
    # The other party's own, and the same said again a while later, are others.
    client_of(ben).post(url("part_add", begun, "have", "second"), typed)
    advance(seconds=30)
    client_of(ada).post(have, typed)
    assert len(draft_of(begun)) == before + 3


def test_numbers_are_read_as_people_write_them(ada, begun, client_of):
    client = client_of(ada)
    at = url("part_edit", begun, "goal-first")
    base = draft_of(begun)["goal-first"].number
    typed = {"short": "Ten thousand words", "start": "2,5", "target": "10 000", "unit": "words", "base": base}
    assert client.post(at, typed).status_code == 302
    content = draft_of(begun)["goal-first"].content
    assert (content["start"], content["target"]) == ("2.5", "10000")
    assert 'value="2.5"' in client.get(at).content.decode()
    answer = client.post(at, {**typed, "start": "two", "base": draft_of(begun)["goal-first"].number})
    assert "Enter a number, such as 3 or 2.5." in words(answer)
    assert 'value="two"' in answer.content.decode()


def test_there_is_an_end_to_what_a_contract_holds(ada, begun, client_of, monkeypatch):
    monkeypatch.setitem(MOST, "have", 2)
    client = client_of(ada)
    for text in ("One", "Two"):
        answer = client.post(url("part_add", begun, "have", "first"), {"text": text, "kind_of_thing": "skill"})
    assert answer.status_code == 200
    assert "Take one out first" in words(answer)
    assert "Two</textarea>" in words(answer)


def test_what_is_in_force_is_not_edited(ada, in_force, client_of):
    client = client_of(ada)
    for where in (url("part_edit", in_force, "rhythm"), url("part_add", in_force, "need", "first")):
        for answer in (client.get(where, follow=True), client.post(where, {"text": "x"}, follow=True)):
            assert "To change something, begin an amendment" in words(answer)
    assert Version.objects.count() == 1


@pytest.mark.parametrize(
    "key", ["x", "goal", "goal-third", "need-first", "commitment-0x1", "rhythm-1", "need-first-99999"]
)
def test_what_is_no_part_is_not_there(ada, begun, client_of, key):
    assert client_of(ada).get(url("part_edit", begun, key)).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    ada, ben, chloe, yuki, client_of, django_assert_num_queries, number
):
    for other in (ben, chloe, yuki)[:number]:
        drafting.start(by=ada, introduction_id=introduce(ada, other).pk)
    client = client_of(ada)
    client.get(reverse("contracts"))
    with django_assert_num_queries(5):
        assert len(client.get(reverse("contracts")).context["open"]) == number


@pytest.mark.parametrize("is_long", [False, True])
def test_a_long_draft_asks_the_database_as_often_as_a_short_one(
    ada, begun, client_of, django_assert_num_queries, is_long
):
    for number in range(12 if is_long else 0):
        drafting.add_part(
            by=ada, contract_id=begun.pk, kind="have", side=begun.side_of(ada), content={"text": str(number)}
        )
    client = client_of(ada)
    client.get(begun.get_absolute_url())
    # One asks whether this look is noted already, one who wrote each field, one for the comments.
    with django_assert_num_queries(11):
        client.get(begun.get_absolute_url())


def test_the_draft_of_any_moment_can_be_read(ada, ben, begun):
    heads = []
    for text in ("one", "two", "three"):
        change(begun, ada, "goal-first", {**draft_of(begun)["goal-first"].content, "short": text})
        heads.append(Contract.objects.get(pk=begun.pk).head)
    found = [draft.contents(begun, upto=head)["goal-first"]["short"] for head in heads]
    assert found == ["one", "two", "three"]


def test_a_party_in_another_zone_reads_their_own_clock(ada, ben, ready, client_of):
    type(ada).objects.filter(pk=ben.pk).update(time_zone="Asia/Tokyo")
    ben.refresh_from_db()
    assert "on your clock" in words(client_of(ben).get(ready.get_absolute_url()))
    assert "on your clock" not in words(client_of(ada).get(ready.get_absolute_url()))


def test_filling_is_what_the_page_asked_for(ada, begun):
    assert missing_in(begun, document(begun))
    assert missing_in(begun, document(fill(begun, ada))) == []


def test_home_tells_of_the_changes_of_the_other_and_not_of_mine(ada, ben, begun):
    change(begun, ada, "goal-first", {"short": "Two chapters"})
    assert [thing.text for thing in waiting(ada)] == ["Your contract with Ben is a draft."]
    assert [thing.text for thing in waiting(ben)] == ["Ada has changed the draft of your contract."]
    drafting.look(by=ben, contract_id=begun.pk, head=Contract.objects.get(pk=begun.pk).head)
    assert [thing.text for thing in waiting(ben)] == ["Your contract with Ada is a draft."]


@pytest.mark.parametrize(("name", "args"), [("part_edit", ["goal-first"]), ("part_add", ["need", "first"])])
def test_what_is_typed_comes_back_when_the_draft_was_taken_back_meanwhile(ada, ben, begun, client_of, name, args):
    ending.take_back(by=ben, contract_id=begun.pk)
    sent = {"short": "Much thought", "text": "Much thought", "kind_of_thing": "skill"}
    answer = client_of(ada).post(url(name, begun, *args), sent)
    assert "Much thought" in answer.content.decode()
    assert "was taken back" in answer.content.decode()
