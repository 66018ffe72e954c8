"""Odd things in every field of a contract: a sentence or a saved text, never a fault."""

import pytest
from django.urls import reverse

from contracts.forms import FORMS
from contracts.models import Contract
from tests.pairs import draft_of

pytestmark = pytest.mark.django_db

ODD = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u200b",
    "\u202e\u2066x",
    "x" * 10_000,
    "1e309",
    "-1",
    "999999999999999999999999",
    "NaN",
    "٣",
    "１２",
    "0x10",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "24:00",
    "23:59:59.999999",
    "need-first-1; DROP TABLE contracts_contract",
    "<svg onload=alert(1)>",
    "{{ 1|add:1 }}",
    "%s %(name)s",
    "\U0001f469\u200d\U0001f467",
    "سلام",
]
ADDRESSES = {
    "goal": ("part_edit", ["goal-first"]),
    "rhythm": ("part_edit", ["rhythm"]),
    "have": ("part_add", ["have", "first"]),
    "need": ("part_add", ["need", "second"]),
    "commitment": ("part_add", ["commitment", "first"]),
}


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_part_full_of_odd_things_is_taken_or_says_why_not(ada, begun, client_of, kind):
    name, arguments = ADDRESSES[kind]
    client = client_of(ada)
    for odd in ODD:
        answer = client.post(
            reverse(name, args=[begun.pk, *arguments]), dict.fromkeys(FORMS[kind].base_fields, odd) | {"base": "0"}
        )
        assert answer.status_code in {200, 302, 409}, odd


@pytest.mark.slow
@pytest.mark.parametrize("kind", ADDRESSES)
def test_every_field_of_a_part_takes_it_or_says_why_not(ada, begun, client_of, kind):
    name, arguments = ADDRESSES[kind]
    where = reverse(name, args=[begun.pk, *arguments])
    client = client_of(ada)
    for field in FORMS[kind].base_fields:
        for odd in ODD:
            key = arguments[0]
            base = draft_of(begun)[key].number if key in draft_of(begun) else 0
            usual = {"text": "x", "what": "x", "kind_of_thing": "skill", "base": base}
            answer = client.post(where, {**usual, field: odd})
            assert answer.status_code in {200, 302, 409}, (field, odd)
            if answer.status_code == 200:
                assert answer.context["form"].errors, (field, odd)
    # Whatever was saved can be shown, compared and read.
    for page in ("contract", "contract_history"):
        assert client.get(reverse(page, args=[begun.pk])).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("field", ["shown_sha256", "shown_head", "consents", "typed_name"])
def test_nothing_odd_signs(ada, ready, client_of, field):
    client = client_of(ada)
    where = reverse("contract_sign", args=[ready.pk])
    shown = client.get(where).context["form"].initial
    usual = {"shown_sha256": shown["shown_sha256"], "shown_head": shown["shown_head"], "consents": "on"}
    for odd in ODD[::2]:
        answer = client.post(where, {**usual, "typed_name": "Somebody else", field: odd})
        assert answer.status_code in {200, 409}, odd
    assert Contract.objects.get(pk=ready.pk).state == "draft"


def test_what_was_seen_is_a_number(ada, begun, client_of):
    client = client_of(ada)
    for odd in ODD:
        assert client.post(reverse("contract_seen", args=[begun.pk]), {"head": odd}).status_code == 302
        assert 0 <= Contract.objects.get(pk=begun.pk).first_has_seen <= begun.head + 1
