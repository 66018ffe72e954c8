"""Each says how they want to be pushed and why they believe in the other; consent to use it is signed as well."""

import pytest
from django.urls import reverse

from contracts.actions import ending
from contracts.actions.holding import document, missing_in
from contracts.canonical import canonical, document_in
from contracts.document import content_of
from contracts.models import Contract
from contracts.readable import consent_to_push, plain
from tests.contracts.sealed import fold, sealed, text_of
from tests.pairs import change, draft_of, put_name

pytestmark = pytest.mark.django_db
SAID = {"way": "call", "how": "Ring me before nine", "believe": "He walked here in the snow", "consent": "on"}


def url(contract: Contract, key: str) -> str:
    return reverse("part_edit", args=[contract.pk, key])


def words(response) -> str:
    return response.content.decode()


def said(contract: Contract, key: str = "push-first") -> dict[str, str]:
    return draft_of(contract)[key].content


def send(client, contract: Contract, **fields: str):
    return client.post(url(contract, "push-first"), {"base": draft_of(contract)["push-first"].number, **fields})


def test_a_draft_begins_with_nothing_said(begun):
    assert said(begun) == said(begun, "push-second") == content_of("push", {})
    assert not [gap for gap in missing_in(begun, document(begun)) if gap.key.startswith("push")]


def test_it_is_written_down_and_both_read_it(ada, ben, begun, client_of):
    assert send(client_of(ada), begun, **SAID).status_code == 302
    assert said(begun) == {**SAID, "consent": "yes"}
    for person in (ada, ben):
        page = words(client_of(person).get(begun.get_absolute_url()))
        assert "Call me" in page
        assert "Ring me before nine" in page
        assert consent_to_push("Ada Bright", "Ben Carter") in page


def test_the_form_shows_the_sentence_that_is_agreed_to(ada, ben, begun, client_of):
    for person in (ada, ben):
        assert consent_to_push("Ada Bright", "Ben Carter") in words(client_of(person).get(url(begun, "push-first")))
        assert consent_to_push("Ben Carter", "Ada Bright") in words(client_of(person).get(url(begun, "push-second")))


@pytest.mark.parametrize("field", ["way", "how", "believe"])
def test_without_consent_it_cannot_be_signed(ada, ready, client_of, field):
    client = client_of(ada)
    send(client, ready, **{field: SAID[field]})
    page = words(client.get(ready.get_absolute_url()))
    assert "Ada Bright has not agreed yet that Ben Carter may use" in page
    assert client.get(reverse("contract_sign", args=[ready.pk])).status_code == 302
    send(client, ready, **{field: SAID[field], "consent": "on"})
    assert client.get(reverse("contract_sign", args=[ready.pk])).status_code == 200


def test_where_nothing_is_said_there_is_nothing_to_agree_to(ada, ready, client_of):
    send(client_of(ada), ready, consent="on")
    assert said(ready) == content_of("push", {})
    assert client_of(ada).get(reverse("contract_sign", args=[ready.pk])).status_code == 200


@pytest.mark.parametrize(("field", "typed"), [("how", "x" * 501), ("believe", "x" * 801), ("way", "shout")])
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(ada, begun, client_of, field, typed):
    answer = send(client_of(ada), begun, **{**SAID, field: typed})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert (SAID["how"] if field != "how" else SAID["believe"]) in words(answer)
    assert said(begun) == content_of("push", {})


def test_it_is_in_what_both_sign_and_in_the_sealed_copy(ada, ben, ready, client_of):
    send(client_of(ada), ready, **SAID)
    put_name(ready, ada)
    contract = put_name(ready, ben)
    text = contract.version_in_force.text
    assert document_in(text)["format"] == "peermentor/contract/2"
    assert document_in(text)["parties"][0]["push"] == {**SAID, "consent": "yes"}
    drawn = fold(text_of(bytes(sealed(contract).pdf)))
    for line in ("Ring me before nine", "He walked here in the snow", consent_to_push("Ada Bright", "Ben Carter")):
        assert line in plain(text)
        assert fold(line) in drawn


def test_an_edit_of_it_makes_a_signature_void(ada, ben, signed_by_ada):
    change(signed_by_ada, ben, "push-second", {"how": "Ask me", "consent": "yes"})
    assert not Contract.objects.get().signer


def test_a_draft_from_before_has_a_place_for_it(ada, ben, in_force, client_of):
    """The text of a contract that was signed before this could be said is amended, and says it then."""
    ending.amend(by=ada, contract_id=in_force.pk)
    parts = {key: part.content for key, part in draft_of(in_force).items() if not key.startswith("push")}
    assert "push" in canonical(document(in_force))
    from contracts import draft

    held = Contract.objects.get()
    draft.replace(held, parts, by=None)
    assert not any(draft_of(in_force)["push-first"].content.values())
    page = words(client_of(ada).get(in_force.get_absolute_url()))
    assert url(in_force, "push-first") in page
    assert client_of(ada).post(url(in_force, "push-first"), {**SAID, "base": held_base(in_force)}).status_code == 302
    assert said(in_force)["how"] == "Ring me before nine"


def held_base(contract: Contract) -> int:
    from contracts import draft

    found = draft.part(Contract.objects.get(pk=contract.pk), "push-first")
    return found.number if found else 0
