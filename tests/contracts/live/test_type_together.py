"""Two members have a draft open, each before another web process."""

import pytest
from django.contrib.sessions.models import Session

from contracts import draft
from contracts.actions import drafting, ending, signing
from contracts.actions.holding import document
from contracts.canonical import canonical
from contracts.models import AuditEvent, Contract, DraftUpdate, Edit
from tests.contracts.live.tabs import cookie_of
from tests.pairs import put_name

pytestmark = pytest.mark.django_db(transaction=True)
SHORT = "goal-first.short"


def said(contract: Contract, key: str) -> dict[str, str]:
    drafting.catch_up(contract.pk)
    found = draft.read(Contract.objects.get(pk=contract.pk))[key].content
    assert found is not None
    return found


def test_what_one_types_is_on_the_other_s_screen_and_in_the_draft(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    before = hers("text", text=SHORT)
    hers("insert", text=SHORT, value=" – and more 👍 日本 مرحبا")
    assert his("until_text", text=SHORT, value=before + " – and more 👍 日本 مرحبا")
    his("insert", text=SHORT, at=0, value="Ben: ")
    assert hers("until_text", text=SHORT, value="Ben: " + before + " – and more 👍 日本 مرحبا")
    hers.settle()
    his.settle()
    assert said(begun, "goal-first")["short"] == hers("text", text=SHORT) == his("text", text=SHORT)


def test_both_type_in_one_field_at_once_and_neither_loses_a_letter(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    for number in range(30):
        hers("insert", text=SHORT, value=f"a{number} ")
        his("insert", text=SHORT, at=0, value=f"b{number} ")
    hers.settle()
    his.settle()
    text = said(begun, "goal-first")["short"]
    assert hers("until_text", text=SHORT, value=text)
    assert his("until_text", text=SHORT, value=text)
    assert all(f"a{number} " in text and f"b{number} " in text for number in range(30))


def test_each_change_stands_under_the_name_of_who_made_it(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    hers("insert", text=SHORT, value="A")
    hers.settle()
    his("insert", text="goal-second.short", value="B")
    his.settle()
    drafting.catch_up(begun.pk)
    assert list(Edit.objects.exclude(by="").order_by("number").values_list("key", "by")) == [
        ("goal-first", "first"),
        ("goal-second", "second"),
    ]
    changed = AuditEvent.objects.filter(kind="changed").values_list("by", "payload")
    assert list(changed) == [("first", '{"part":"goal-first"}'), ("second", '{"part":"goal-second"}')]


def test_a_form_and_a_socket_write_the_same_draft(ada, ben, begun, open_tab, client_of):
    hers = open_tab(ada, begun)
    part = draft.read(begun)["goal-first"]
    content = {**part.content, "short": part.content["short"] + " by form"}
    drafting.change_part(by=ben, contract_id=begun.pk, key="goal-first", content=content, base=part.number)
    assert hers("until_text", text=SHORT, value=content["short"])
    hers("insert", text=SHORT, value="!")
    hers.settle()
    with pytest.raises(draft.Stale):
        drafting.change_part(by=ben, contract_id=begun.pk, key="goal-first", content=content, base=part.number + 1)
    assert said(begun, "goal-first")["short"] == content["short"] + "!"


def test_a_key_that_is_pressed_voids_the_signature_in_the_same_moment(ada, ben, signed_by_ada, open_tab):
    his = open_tab(ben, signed_by_ada)
    assert Contract.objects.get().state == "signed_by_one"  # to come back changes nothing
    his("insert", text=SHORT, value="x")
    his.settle()
    contract = Contract.objects.get()
    assert (contract.state, contract.signer) == ("draft", "")
    assert AuditEvent.objects.filter(kind="voided", by="second").count() == 1


def test_who_comes_back_after_deleting_something_voids_nothing(ada, ben, ready, open_tab):
    hers = open_tab(ada, ready)
    hers("insert", text=SHORT, value="gone")
    hers("delete", text=SHORT, at=0, count=2)
    hers.settle()
    signed = put_name(Contract.objects.get(), ben)
    hers("disconnect")
    hers("connect")
    hers.settle()
    hers("pause", seconds=0.3)
    assert Contract.objects.get().state == signed.state == "signed_by_one"


def test_what_is_sent_twice_voids_nothing(ada, ben, ready, open_tab):
    """A browser may read its own copy when it is connected already, and send all of it as if it were new."""
    hers = open_tab(ada, ready)
    hers("insert", text=SHORT, value=" again")
    hers.settle()
    update = bytes(DraftUpdate.objects.order_by("-number")[0].data)
    signed = put_name(Contract.objects.get(), ben)
    assert len(update) < 128
    hers("raw", hex="0002" + f"{len(update):02x}" + update.hex())
    hers("pause", seconds=0.5)
    assert Contract.objects.get().state == signed.state == "signed_by_one"
    hers("insert", text=SHORT, value="!")
    hers.settle()
    assert Contract.objects.get().state == "draft"


def test_what_was_typed_offline_before_both_signed_begins_an_amendment(ada, ben, signed_by_ada, open_tab):
    his = open_tab(ben, signed_by_ada)
    his("disconnect")
    his("insert", text=SHORT, value=" offline")
    held = put_name(signed_by_ada, ben)
    version = held.version_in_force
    his("connect")
    his.settle()
    contract = Contract.objects.get()
    assert contract.state == "amending"
    assert contract.version_in_force == version
    version.refresh_from_db()
    assert "offline" not in version.text
    assert said(contract, "goal-first")["short"].endswith(" offline")


def test_a_browser_that_cuts_a_character_in_two_keeps_all_the_rest(ada, ben, ready, open_tab):
    hers, his = open_tab(ada, ready), open_tab(ben, ready, at=1)
    hers("insert", text=SHORT, at=0, value="👍")
    hers("insert", text=SHORT, at=1, value="M")  # between the halves
    for number in range(5):
        hers("insert", text="goal-second.short", value=f"h{number} ")
        his("insert", text="goal-second.short", value=f"i{number} ")
    hers.settle()
    his.settle()
    text = said(ready, "goal-second")["short"]
    assert hers("until_text", text="goal-second.short", value=text)
    assert his("until_text", text="goal-second.short", value=text)
    assert all(f"h{number} " in text and f"i{number} " in text for number in range(5))
    fresh = open_tab(ada, ready, at=1)
    assert fresh("text", text=SHORT) == hers("text", text=SHORT) == his("text", text=SHORT)
    assert fresh("text", text="goal-second.short") == text


def test_presence_is_under_one_s_own_name_and_ends_with_the_tab(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    hers("be", state={"user": {"name": "Ben Carter"}, "field": SHORT})
    assert his("until_others", count=1)
    [other] = his("others")
    assert other == {"user": {"side": "first", "name": "Ada Bright"}, "field": SHORT}
    hers("pretend", client=4242, state={"user": {"name": "Mallory"}})
    his("pause", seconds=0.5)
    assert len(his("others")) == 1
    hers.close()
    assert his("until_others", count=0, seconds=1)


@pytest.mark.parametrize(
    ("who", "code"), [("nobody", 4401), ("stranger", 4403)], ids=["nobody who is logged in", "a stranger"]
)
def test_others_are_closed_out(ada, dan, begun, open_tab, who, code):
    tab = open_tab(dan, begun, connects=False, **({"cookie": "sessionid=none"} if who == "nobody" else {}))
    tab("connect")
    assert tab("until_closed", code=code)
    assert tab("read") == {}


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://localhost"])
def test_a_page_of_somebody_else_does_not_even_get_a_socket(ada, begun, open_tab, origin):
    tab = open_tab(ada, begun, connects=False, origin=origin)
    tab("connect")
    tab("pause", seconds=1)
    assert tab("read") == {}
    assert not tab("settled", seconds=0.5)


def test_a_logout_closes_the_socket_within_seconds(ada, begun, open_tab, client_of):
    cookie = cookie_of(ada)
    hers = open_tab(ada, begun, cookie=cookie)
    Session.objects.filter(session_key=cookie.split("=")[1]).delete()
    assert hers("until_closed", code=4401, seconds=5)
    hers("insert", text=SHORT, value="after")
    rows = DraftUpdate.objects.count()
    hers("connect")
    assert hers("until_closed", code=4401)
    assert DraftUpdate.objects.count() == rows


def test_the_end_of_a_contract_closes_the_socket(ada, ben, begun, open_tab):
    hers = open_tab(ada, begun)
    ending.take_back(by=ben, contract_id=begun.pk)
    assert hers("until_closed", code=4410, seconds=5)


@pytest.mark.parametrize(
    ("hex", "code"),
    [
        ("00020a0102", 4400),
        ("000203ffffff", 4400),
        ("", 4400),
        ("07", 4400),
        ("0002" + "80" * 12, 4400),
        ("0104ffffffff", 4400),
    ],
    ids=["shorter than said", "garbage", "nothing", "unknown", "a number without an end", "no presence"],
)
def test_what_is_no_message_closes_the_socket_and_leaves_nothing(ada, begun, open_tab, hex, code):
    tab = open_tab(ada, begun)
    rows = DraftUpdate.objects.count()
    tab("raw", hex=hex)
    assert tab("until_closed", code=code)
    assert DraftUpdate.objects.count() == rows


def test_a_huge_update_is_refused(ada, begun, open_tab):
    tab = open_tab(ada, begun)
    tab("insert", text=SHORT, value="x" * 300_000)
    assert tab("until_closed", code=4413)
    assert said(begun, "goal-first")["short"].count("x") < 100


def test_the_signature_is_for_what_the_log_says(ada, ben, ready, open_tab):
    hers = open_tab(ada, ready)
    hers("insert", text=SHORT, value=" at last")
    hers.settle()
    drafting.catch_up(ready.pk)
    contract = Contract.objects.get()
    assert signing.text_to_sign(contract) == canonical(document(contract))
    assert " at last" in signing.text_to_sign(contract)
