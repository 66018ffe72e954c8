"""What happened to a contract is written down, link by link, and nobody can change it unseen."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.actions.erasing import erase
from contracts import chain, trail
from contracts.actions import drafting, ending, signing
from contracts.models import AuditEvent, Contract
from tests.contracts.sealed import by_hand
from tests.pairs import amend, change, draft_of, put_name
from tests.together import at_once

pytestmark = pytest.mark.django_db


def told(contract: Contract) -> list[tuple[str, str, int]]:
    return [(link.kind, link.by, link.version) for link in trail.read(contract).links if link.kind != "changed"]


def payload_of(kind: str) -> dict:
    return json.loads(AuditEvent.objects.filter(kind=kind).latest("number").payload)


def test_a_contract_from_its_beginning_to_its_end(ada, ben, in_force, client_of):
    client_of(ben).get(in_force.get_absolute_url())
    amend(in_force, time="19:00")
    ending.say_done(by=ada, contract_id=in_force.pk)
    ending.say_not_done(by=ada, contract_id=in_force.pk)
    ending.part(by=ben, contract_id=in_force.pk)
    assert told(in_force) == [
        ("created", "first", 0),
        ("signed", "first", 1),
        ("signed", "second", 1),
        ("opened", "second", 0),
        ("amended", "first", 0),
        ("signed", "second", 2),
        ("signed", "first", 2),
        ("said_done", "first", 0),
        ("said_not_done", "first", 0),
        ("ended", "second", 0),
    ]
    assert trail.read(in_force).fault is None


def test_each_change_says_which_part_and_none_of_its_words(ada, begun):
    change(begun, ada, "goal-first", {**draft_of(begun)["goal-first"].content, "short": "A secret plan"})
    need = next(key for key in draft_of(begun) if key.startswith("need"))
    drafting.remove_part(by=ada, contract_id=begun.pk, key=need)
    drafting.restore_part(by=ada, contract_id=begun.pk, key=need)
    changed = AuditEvent.objects.filter(kind="changed")
    assert [json.loads(each.payload) for each in changed] == [
        {"part": "goal-first"},
        {"part": need},
        {"part": need},
    ]
    assert [each.head for each in changed] == [begun.head + 1, begun.head + 2, begun.head + 3]


def test_a_refused_edit_leaves_no_link(ada, in_force):
    length = trail.read(in_force).length
    with pytest.raises(Exception, match="does not change"):
        change(in_force, ada, "goal-first", {"short": "Another"})
    assert trail.read(in_force).length == length


def test_looking_is_noted_once_for_each_text(ben, ada, begun, client_of):
    browser = client_of(ben)
    for _again in range(2):
        browser.get(begun.get_absolute_url())
    browser.head(begun.get_absolute_url())
    assert AuditEvent.objects.filter(kind="opened", by="second").count() == 1
    change(begun, ada, "goal-first", {**draft_of(begun)["goal-first"].content, "short": "Another goal"})
    browser.get(begun.get_absolute_url())
    assert AuditEvent.objects.filter(kind="opened", by="second").count() == 2


def test_a_stranger_leaves_no_trace(dan, begun, client_of):
    assert client_of(dan).get(begun.get_absolute_url()).status_code == 404
    assert not AuditEvent.objects.filter(kind="opened").exists()


def test_what_was_shown_before_signing_is_noted_with_its_hash(ben, signed_by_ada, client_of):
    client_of(ben).get(reverse("contract_sign", args=[signed_by_ada.pk]))
    assert payload_of("reviewed") == {"sha256": signed_by_ada.open_version.sha256}


def sign_form(contract: Contract, name: str, **more: str) -> dict[str, str]:
    text = signing.text_to_sign(contract)
    shown = {"shown_sha256": signing.sha256(text), "shown_head": str(contract.head)}
    return {**shown, "consents": "on", "typed_name": name, **more}


def test_address_and_browser_stand_there_only_for_who_agreed(ada, ben, ready, client_of):
    url = reverse("contract_sign", args=[ready.pk])
    client_of(ada).post(url, sign_form(ready, "Ada Bright"), headers={"user-agent": "Netscape"})
    assert set(payload_of("signed")) == {"name", "sha256", "consent"}
    form = sign_form(Contract.objects.get(), "Ben Carter", notes_connection="on")
    client_of(ben).post(url, form, headers={"user-agent": "Mosaic"})
    said = payload_of("signed")
    assert (said["address"], said["browser"], said["in_force"]) == ("127.0.0.1", "Mosaic", "yes")


def test_a_void_signature_says_why(ada, ben, signed_by_ada):
    change(signed_by_ada, ben, "goal-second", {**draft_of(signed_by_ada)["goal-second"].content, "short": "Runs"})
    assert payload_of("voided") == {"how": "changed"}
    put_name(signed_by_ada, ada)
    signing.take_back_signature(by=ada, contract_id=signed_by_ada.pk)
    assert payload_of("voided") == {"how": "taken_back"}


def test_both_at_once_and_no_number_is_missing(transactional_db, ada, ben, begun):
    at_once(
        *[
            lambda by=by, n=n: drafting.add_part(
                by=by,
                contract_id=begun.pk,
                kind="have",
                side=begun.side_of(by),
                content={"kind": "skill", "text": f"thing {n}"},
            )
            for n in range(4)
            for by in (ada, ben)
        ]
    )
    kept = trail.read(begun)
    assert [link.number for link in kept.links] == list(range(1, 10))
    assert kept.fault is None


ALTERED = {
    "who it was": ("UPDATE contracts_auditevent SET by = 'second' WHERE number = 1", 1),
    "when it was": ("UPDATE contracts_auditevent SET at = at - interval '1 microsecond' WHERE number = 3", 3),
    "what it says": ("UPDATE contracts_auditevent SET payload = replace(payload, 'goal', 'have') WHERE number = 2", 2),
    "one taken out": ("DELETE FROM contracts_auditevent WHERE number = 2", 2),
    "the last taken out": ("DELETE FROM contracts_auditevent WHERE kind = 'signed' AND by = 'second'", 0),
    "all taken out": ("DELETE FROM contracts_auditevent", 1),
    "one put in": (
        "INSERT INTO contracts_auditevent (contract_id, number, kind, by, version, head, at, payload, salt,"
        " payload_sha256, previous_sha256, sha256) SELECT contract_id, number + 1, kind, by, version, head, at,"
        " payload, salt, payload_sha256, sha256, repeat('a', 64) FROM contracts_auditevent"
        " ORDER BY number DESC LIMIT 1",
        1_000,
    ),
    "hashed anew": (
        "UPDATE contracts_auditevent a SET kind = 'opened', sha256 = contracts_trail_sha256(ROW(a.id, a.number,"
        " 'opened', a.by, a.version, a.head, a.at, a.payload, a.salt, a.payload_sha256, a.previous_sha256, a.sha256,"
        " a.contract_id)::contracts_auditevent) WHERE number = 4",
        5,
    ),
    "the end of the contract's row": ("UPDATE contracts_contract SET trail_head = repeat('a', 64)", 0),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_hand_in_the_database_is_found_at_its_place(in_force, name):
    sql, place = ALTERED[name]
    length = trail.read(in_force).length
    by_hand(sql)
    fault = trail.read(in_force).fault
    assert fault is not None
    assert fault.number == {0: length, 1_000: length + 1}.get(place, place)
    with pytest.raises(CommandError, match="1 of 1 trails"):
        call_command("verify_trail")


def test_the_command_says_that_all_is_whole(in_force, capsys):
    call_command("verify_trail", str(in_force.pk))
    assert capsys.readouterr().out == "1 trail is whole.\n"
    with pytest.raises(CommandError, match="There is no contract"):
        call_command("verify_trail", "999999")


def test_who_leaves_takes_along_what_was_never_signed_and_the_chain_still_proves(ada, ben, in_force):
    ending.amend(by=ben, contract_id=in_force.pk)
    change(in_force, ben, "goal-second", {**draft_of(in_force)["goal-second"].content, "short": "Never signed"})
    put_name(in_force, ben)
    before = trail.read(in_force).links
    erase(by=ben, site_url="http://testserver")
    kept = trail.read(in_force)
    assert kept.fault is None
    assert [link.sha256 for link in kept.links[:-1]] == [link.sha256 for link in before]
    assert {(link.kind, link.version) for link in kept.links if not link.is_erased} == {("signed", 1), ("ended", 0)}
    assert (kept.links[-1].kind, kept.links[-1].by) == ("ended", "second")
    erase(by=ada, site_url="http://testserver")
    assert not AuditEvent.objects.exists()


def test_a_link_is_hashed_as_the_documentation_says(in_force):
    """Made again from the words of contracts/chain.py alone."""
    import hashlib

    link = trail.read(in_force).links[0]
    lines = ["peermentor/trail/1", str(in_force.pk), "1", "created", "first", "0", str(link.head), link.at]
    payload = hashlib.sha256((link.salt + "{}").encode()).hexdigest()
    assert hashlib.sha256("\n".join([*lines, payload, "0" * 64]).encode()).hexdigest() == link.sha256
    assert chain.link_of(link.as_strings()) == link


def test_the_page_tells_it_in_words(ada, ben, in_force, client_of):
    url = reverse("contract_history", args=[in_force.pk])
    shown = client_of(ada).get(url).content.decode()
    for words in ("Ada started the draft", "Ada changed", "Ada signed", "Ben signed, and it came into force"):
        assert words in shown
    assert in_force.trail_head not in shown  # the one of an earlier moment
    assert trail.read(in_force).head in shown
    by_hand("UPDATE contracts_auditevent SET by = 'second' WHERE number = 1")
    assert "Something is wrong with this record, at link 1" in client_of(ada).get(url).content.decode()


def test_the_page_takes_as_many_queries_with_a_long_trail(ada, ben, in_force, client_of, django_assert_num_queries):
    browser, url = client_of(ada), reverse("contract_history", args=[in_force.pk])
    browser.get(url)
    with django_assert_num_queries(9):
        browser.get(url)
    amend(in_force, time="19:00")
    with django_assert_num_queries(9):
        browser.get(url)
