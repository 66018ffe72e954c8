"""Two people sign the same text, and it is in force."""

import pytest
from django.urls import reverse

from accounts.models import Notice, Profile
from accounts.notices.messages import single
from accounts.rules import Refused
from contracts.actions import drafting, ending, signing
from contracts.canonical import sha256
from contracts.lifecycle import State
from contracts.models import Contract, Event, Signature, Version
from tests.days import advance
from tests.pairs import change, draft_of, put_name

pytestmark = pytest.mark.django_db


def form_of(client, contract):
    """The hidden values of the page as it is shown now, with a name and the box ticked."""
    page = client.get(reverse("contract_sign", args=[contract.pk]))
    assert page.status_code == 200, page
    shown = page.context["form"].initial
    return {"shown_sha256": shown["shown_sha256"], "shown_head": shown["shown_head"], "consents": "on"}


def test_two_signatures_bring_the_contract_into_force(ada, ben, ready, client_of):
    for person, state in ((ada, State.SIGNED_BY_ONE), (ben, State.IN_FORCE)):
        client = client_of(person)
        sent = form_of(client, ready) | {"typed_name": person.profile.name}
        answer = client.post(reverse("contract_sign", args=[ready.pk]), sent)
        assert answer.status_code == 302
        ready.refresh_from_db()
        assert ready.state == state
    version = Version.objects.get()
    assert ready.version_in_force == version
    assert [signature.side for signature in version.signatures.all()] == ["first", "second"]
    assert version.sha256 == sha256(version.text)
    kinds = list(Event.objects.filter(contract=ready).values_list("kind", flat=True))
    assert kinds == ["started", "signed", "signed", "in_force"]


def test_both_get_the_text_by_mail(ada, ben, in_force):
    mails = Notice.objects.filter(kind="contract:in_force")
    assert {mail.member for mail in mails} == {ada, ben}
    for mail in mails:
        rendered = single(mail)
        assert "It lies on the table" in rendered.body
        assert in_force.version_in_force.sha256 in rendered.body
        assert reverse("version", args=[in_force.pk, 1]) in rendered.body


def test_what_would_begin_in_the_past_is_not_signed_first(ada, ready, client_of):
    client = client_of(ada)
    form = form_of(client, ready)
    advance(days=60)
    client = client_of(ada)
    answer = client.post(reverse("contract_sign", args=[ready.pk]), form | {"typed_name": "Ada Bright"}, follow=True)
    assert "has passed" in answer.content.decode()
    assert not Signature.objects.exists()
    page = client.get(ready.get_absolute_url()).content.decode()
    assert "The day of the first meeting has passed" in page or "The last day that you agreed on has passed" in page


def test_a_second_signature_may_come_after_the_first_meeting_but_not_after_the_last_day(
    ada, ben, signed_by_ada, client_of
):
    advance(days=15)
    assert "Something is still missing" not in client_of(ben).get(signed_by_ada.get_absolute_url()).content.decode()
    form = form_of(client_of(ben), signed_by_ada)
    advance(days=120)
    client = client_of(ben)
    sent = form | {"typed_name": "Ben Carter"}
    answer = client.post(reverse("contract_sign", args=[signed_by_ada.pk]), sent, follow=True)
    assert "The last day that you agreed on has passed" in answer.content.decode()
    assert Signature.objects.count() == 1
    advance(days=-120)
    assert put_name(signed_by_ada, ben).state == State.IN_FORCE


def test_the_same_press_twice_signs_once(ada, signed_by_ada):
    put_name(signed_by_ada, ada)
    assert Signature.objects.count() == 1
    assert Event.objects.filter(kind="signed").count() == 1


def test_an_edit_voids_the_signature_and_tells_its_owner(ada, ben, signed_by_ada):
    content = dict(draft_of(signed_by_ada)["goal-second"].content)
    change(signed_by_ada, ben, "goal-second", {**content, "short": "Something else"})
    signed_by_ada.refresh_from_db()
    assert (signed_by_ada.state, signed_by_ada.open_version, signed_by_ada.signer) == (State.DRAFT, None, "")
    assert Notice.objects.filter(kind="contract:voided", member=ada).count() == 1
    # The signature itself is still there to see, and so is what it was for.
    assert Signature.objects.get().version == Version.objects.get()


VOID = "so your signature is void"


def test_the_draft_says_to_its_owner_alone_that_a_signature_is_void(ada, ben, signed_by_ada, client_of):
    def says_so(person) -> bool:
        return VOID in client_of(person).get(signed_by_ada.get_absolute_url()).content.decode()

    assert not says_so(ada)
    content = dict(draft_of(signed_by_ada)["goal-second"].content)
    change(signed_by_ada, ben, "goal-second", {**content, "short": "Something else"})
    assert (says_so(ada), says_so(ben)) == (True, False)
    # Signed again and changed by herself, it is no news to her.
    put_name(signed_by_ada, ada)
    assert not says_so(ada)
    change(signed_by_ada, ada, "goal-second", content)
    assert (says_so(ada), says_so(ben)) == (False, False)


def test_an_amendment_begins_without_the_void_signature_of_the_one_before(ada, ben, in_force, client_of):
    ending.amend(by=ada, contract_id=in_force.pk)
    put_name(in_force, ada)
    content = dict(draft_of(in_force)["goal-second"].content)
    change(in_force, ben, "goal-second", {**content, "short": "Something else"})
    assert VOID in client_of(ada).get(in_force.get_absolute_url()).content.decode()
    ending.take_back(by=ben, contract_id=in_force.pk)
    ending.amend(by=ada, contract_id=in_force.pk)
    assert VOID not in client_of(ada).get(in_force.get_absolute_url()).content.decode()


def test_saving_the_same_again_voids_nothing(ada, ben, signed_by_ada):
    part = draft_of(signed_by_ada)["goal-second"]
    drafting.change_part(
        by=ben, contract_id=signed_by_ada.pk, key="goal-second", content=part.content, base=part.number
    )
    signed_by_ada.refresh_from_db()
    assert signed_by_ada.state == State.SIGNED_BY_ONE


def test_a_text_that_changed_since_it_was_shown_is_not_signed(ada, ben, ready, client_of):
    client = client_of(ben)
    sent = form_of(client, ready) | {"typed_name": "Ben Carter"}
    content = dict(draft_of(ready)["goal-first"].content)
    change(ready, ada, "goal-first", {**content, "short": "Ada reads a book instead"})
    answer = client.post(reverse("contract_sign", args=[ready.pk]), sent)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "The text has changed since you opened this page" in page
    assert "Ada reads a book instead" in page
    assert "Ada finishes" in page
    assert 'value="Ben Carter"' in page
    assert not Signature.objects.exists()
    # What is shown now can be signed at once.
    again = answer.context["form"].initial
    sent |= {"shown_sha256": again["shown_sha256"], "shown_head": again["shown_head"]}
    assert client.post(reverse("contract_sign", args=[ready.pk]), sent).status_code == 302
    assert Signature.objects.get().side == "second"


def test_a_made_up_hash_is_not_signed(ada, ready):
    with pytest.raises(signing.TextChanged):
        signing.sign(
            by=ada,
            contract_id=ready.pk,
            shown_sha256="0" * 64,
            shown_head=ready.head,
            typed_name="Ada Bright",
            consent="",
        )


def test_with_gaps_there_is_nothing_to_sign(ada, begun, client_of):
    answer = client_of(ada).get(reverse("contract_sign", args=[begun.pk]), follow=True)
    assert "Something is still missing" in answer.content.decode()
    with pytest.raises(Refused, match="still missing"):
        put_name(begun, ada)


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    [("Ada Bright", True), ("  ada   BRIGHT ", True), ("Ada", False), ("Ben Carter", False), ("Àda Bright", True)],
)
def test_the_name_is_the_one_in_the_contract(ada, ready, client_of, typed, is_taken):
    client = client_of(ada)
    answer = client.post(reverse("contract_sign", args=[ready.pk]), form_of(client, ready) | {"typed_name": typed})
    assert (answer.status_code == 302) is is_taken
    assert Signature.objects.exists() is is_taken
    if not is_taken:
        assert "Type your name as it stands in the contract: Ada Bright." in answer.content.decode()


def test_without_the_tick_nothing_is_signed(ada, ready, client_of):
    client = client_of(ada)
    sent = form_of(client, ready) | {"typed_name": "Ada Bright"}
    del sent["consents"]
    answer = client.post(reverse("contract_sign", args=[ready.pk]), sent)
    assert "Tick the box if you agree" in answer.content.decode()
    assert 'value="Ada Bright"' in answer.content.decode()
    assert not Signature.objects.exists()


def test_taking_the_signature_back_closes_the_version(ada, ben, signed_by_ada, client_of):
    answer = client_of(ada).post(reverse("signature_take_back", args=[signed_by_ada.pk]), follow=True)
    assert "Your signature is taken back" in answer.content.decode()
    signed_by_ada.refresh_from_db()
    assert signed_by_ada.state == State.DRAFT
    put_name(signed_by_ada, ben)
    signed_by_ada.refresh_from_db()
    assert signed_by_ada.state == State.SIGNED_BY_ONE
    assert signed_by_ada.open_version.number == 2


def test_only_the_signer_takes_it_back(ben, signed_by_ada, client_of):
    answer = client_of(ben).post(reverse("signature_take_back", args=[signed_by_ada.pk]), follow=True)
    assert "There is no signature of yours to take back" in answer.content.decode()
    signed_by_ada.refresh_from_db()
    assert signed_by_ada.state == State.SIGNED_BY_ONE


def test_a_stranger_finds_nothing(dan, in_force, client_of):
    client = client_of(dan)
    for name, args in (
        ("contract", []),
        ("contract_sign", []),
        ("contract_history", []),
        ("version", [1]),
        ("version_text", [1]),
        ("part_edit", ["rhythm"]),
    ):
        assert client.get(reverse(name, args=[in_force.pk, *args])).status_code == 404, name


def test_the_exact_text_has_the_fingerprint(ben, in_force, client_of):
    import hashlib

    answer = client_of(ben).get(reverse("version_text", args=[in_force.pk, 1]))
    assert hashlib.sha256(answer.content).hexdigest() == in_force.version_in_force.sha256


def test_a_new_name_does_not_change_what_was_signed(ada, ben, signed_by_ada):
    ada.profile.name = "Ada Newname"
    ada.profile.save()
    text = Version.objects.get().text
    contract = put_name(signed_by_ada, ben)
    assert contract.state == State.IN_FORCE
    assert Contract.objects.get().version_in_force.text == text


def test_a_name_that_changed_since_it_was_shown_is_said_and_nothing_is_signed(ada, ben, ready, client_of):
    client = client_of(ada)
    sent = form_of(client, ready) | {"typed_name": ada.profile.name}
    Profile.objects.filter(pk=ben.pk).update(name="Benjamin Osei")
    answer = client.post(reverse("contract_sign", args=[ready.pk]), sent)
    assert answer.status_code == 409
    assert "another name" in answer.content.decode()
    again = sent | {"shown_sha256": answer.context["form"].initial["shown_sha256"]}
    assert client.post(reverse("contract_sign", args=[ready.pk]), again).status_code == 302


def test_one_signs_with_the_name_that_stands_in_the_frozen_text(ben, signed_by_ada, client_of):
    called = ben.profile.name
    Profile.objects.filter(pk=ben.pk).update(name="Benjamin Osei")
    client = client_of(ben)
    sent = form_of(client, signed_by_ada)
    answer = client.post(reverse("contract_sign", args=[signed_by_ada.pk]), sent | {"typed_name": "Benjamin Osei"})
    assert called in str(answer.context["form"].errors)
    answer = client.post(reverse("contract_sign", args=[signed_by_ada.pk]), sent | {"typed_name": called})
    assert answer.status_code == 302


def test_no_mail_says_that_a_signature_is_void_to_who_has_signed_anew(ada, ben, signed_by_ada, delivered):
    delivered()
    change(signed_by_ada, ben, "goal-second", {**draft_of(signed_by_ada)["goal-second"].content, "short": "Sing"})
    put_name(signed_by_ada, ada)
    assert not [mail for mail in delivered() if "text that you had signed" in mail.subject]


def test_no_mail_says_that_the_other_is_there_when_it_was_oneself(ada, ben, in_force, delivered):
    delivered()
    ending.say_done(by=ada, contract_id=in_force.pk)
    ending.say_not_done(by=ada, contract_id=in_force.pk)
    ending.say_done(by=ben, contract_id=in_force.pk)
    assert [mail.to for mail in delivered() if "you are there" in mail.subject] == [[ada.email]]
