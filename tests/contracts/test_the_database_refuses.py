"""A hand on the database: what was signed stays as it is, whoever writes."""

import pytest
from django.db import Error, connection, transaction

from contracts.lifecycle import transitions
from contracts.models import AuditEvent, Contract, Edit, Event, Signature, Version
from tests.pairs import introduce, put_name

pytestmark = pytest.mark.django_db


def execute(sql: str, params=()) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, params)


REFUSED = {
    "the text of a version": "UPDATE contracts_version SET text = '{}', sha256 = encode(sha256('{}'), 'hex')",
    "the hash of a version": "UPDATE contracts_version SET sha256 = repeat('a', 64)",
    "a version away": "DELETE FROM contracts_version",
    "a signature's name": "UPDATE contracts_signature SET typed_name = 'Somebody'",
    "a signature away": "DELETE FROM contracts_signature",
    "an event": "UPDATE contracts_event SET kind = 'parted'",
    "an event away": "DELETE FROM contracts_event",
    "a link of the trail": "UPDATE contracts_auditevent SET by = 'second' WHERE number = 1",
    "the number of a link": "UPDATE contracts_auditevent SET number = number + 100",
    "what a link says": "UPDATE contracts_auditevent SET payload = '{}'",
    "what a link says erased while both are here": "UPDATE contracts_auditevent SET payload = '', salt = ''",
    "a link away": "DELETE FROM contracts_auditevent",
    "the end of the trail": "UPDATE contracts_contract SET trail_length = 0, trail_head = ''",
    "a link that says nothing": "INSERT INTO contracts_auditevent "
    "(contract_id, number, kind, by, version, head, payload) SELECT id, 0, 'opened', 'first', 0, head, '' "
    "FROM contracts_contract",
    "an edit": "UPDATE contracts_edit SET content = '{}'",
    "an edit away": "DELETE FROM contracts_edit",
    "the contract away": "DELETE FROM contracts_contract",
    "another party": "UPDATE contracts_contract SET second_id = %(dan)s",
    "one party twice": "UPDATE contracts_contract SET second_id = first_id",
    "the head back": "UPDATE contracts_contract SET head = head - 1",
    "back to a draft": "UPDATE contracts_contract SET state = 'draft', version_in_force_id = NULL, in_force_at = NULL",
    "taken back after the fact": "UPDATE contracts_contract SET state = 'taken_back', version_in_force_id = NULL, "
    "in_force_at = NULL, ended_at = now()",
    "in force without a version": "UPDATE contracts_contract SET version_in_force_id = NULL",
    "an unknown state": "UPDATE contracts_contract SET state = 'won'",
    "an edit of what is held": "INSERT INTO contracts_edit (contract_id, number, key, content, by, at) "
    "SELECT id, head, 'rhythm', '{}', 'first', now() FROM contracts_contract",
    "a version of what is in force": "INSERT INTO contracts_version "
    "(contract_id, number, head, text, sha256, frozen_at) "
    "SELECT id, 9, head, '{}', encode(sha256('{}'), 'hex'), now() FROM contracts_contract",
    "a third signature": "INSERT INTO contracts_signature (version_id, side, sha256, typed_name, consent, signed_at) "
    "SELECT id, 'third', sha256, 'Third', '', now() FROM contracts_version",
}


def test_what_was_signed_does_not_change(in_force, dan):
    before = everything()
    let_pass = []
    for name, sql in REFUSED.items():
        try:
            execute(sql, {"dan": dan.pk} if "%(dan)s" in sql else None)
        except Error:
            continue
        let_pass.append(name)
    assert let_pass == []
    assert everything() == before


def everything() -> list:
    return [
        list(model.objects.order_by("pk").values()) for model in (AuditEvent, Contract, Edit, Event, Signature, Version)
    ]


def test_a_contract_begins_as_a_draft_of_two(in_force, dan):
    with pytest.raises(Error):
        execute(
            "INSERT INTO contracts_contract (first_id, second_id, first_name, second_name, state, head, signer,"
            " said_done, first_has_seen, second_has_seen, started_at)"
            " VALUES (%s, NULL, 'a', 'b', 'taken_back', 0, '', '', 0, 0, now())",
            [dan.pk],
        )


def test_a_signature_names_the_text_that_it_signs(ada, signed_by_ada):
    with pytest.raises(Error, match="another text"):
        execute(
            "INSERT INTO contracts_signature (version_id, side, sha256, typed_name, consent, signed_at)"
            " SELECT id, 'second', repeat('a', 64), 'Ben Carter', '', now() FROM contracts_version"
        )


def test_one_signature_does_not_bring_into_force(signed_by_ada):
    with pytest.raises(Error, match="not signed by both"):
        execute(
            "UPDATE contracts_contract SET state = 'in_force', version_in_force_id = open_version_id,"
            " in_force_at = now(), open_version_id = NULL, signer = ''"
        )


def test_there_is_no_edit_beneath_a_signature(signed_by_ada):
    with pytest.raises(Error, match="not open to edits"):
        execute(
            "WITH c AS (UPDATE contracts_contract SET head = head + 1 RETURNING id, head)"
            " INSERT INTO contracts_draftupdate (contract_id, number, by, data, at)"
            " SELECT id, head, 'second', 'x', now() FROM c"
        )


def test_an_update_is_the_newest_change(begun):
    with pytest.raises(Error, match="carries the number"):
        execute(
            "INSERT INTO contracts_draftupdate (contract_id, number, by, data, at)"
            " SELECT id, head + 1, 'second', 'x', now() FROM contracts_contract"
        )


def test_an_edit_says_what_an_update_made(begun):
    with pytest.raises(Error, match="is of no update"):
        execute(
            "INSERT INTO contracts_edit (contract_id, number, key, content, by, at)"
            " SELECT id, head + 1, 'rhythm', '{}', 'second', now() FROM contracts_contract"
        )


@pytest.mark.parametrize("change", ["UPDATE contracts_draftupdate SET data = 'y'", "DELETE FROM contracts_draftupdate"])
def test_an_update_stays_as_it_was_sent(begun, change):
    with pytest.raises(Error, match="append-only"):
        execute(change)


def test_a_closed_version_is_not_signed(ada, ben, signed_by_ada):
    from contracts.actions import signing

    signing.take_back_signature(by=ada, contract_id=signed_by_ada.pk)
    with pytest.raises(Error, match="not open to signatures"):
        execute(
            "INSERT INTO contracts_signature (version_id, side, sha256, typed_name, consent, signed_at)"
            " SELECT id, 'second', sha256, 'Ben Carter', '', now() FROM contracts_version"
        )


def test_two_open_contracts_of_one_pair_are_one_too_many(ada, ben, begun):
    with pytest.raises(Error, match="contract_one_open_per_pair"), transaction.atomic():
        Contract.objects.create(first=ben, second=ada, first_name="Ben", second_name="Ada")


@pytest.mark.django_db(transaction=True)
def test_tables_are_not_emptied_by_hand(in_force):
    with pytest.raises(Error, match="append-only"):
        execute("SET LOCAL peermentor.may_truncate = 'off'; TRUNCATE contracts_signature")
    with pytest.raises(Error, match="append-only"):
        execute("SET LOCAL peermentor.may_truncate = 'off'; TRUNCATE contracts_auditevent")


def test_the_database_lets_pass_what_the_lifecycle_says(in_force):
    """The list of changes of state in the trigger is the one of lifecycle.py."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'contracts_contract_is_lawful'")
        source = cursor.fetchone()[0]
    listed = source.split("NOT IN (", 1)[1].split(") THEN", 1)[0]
    import re

    found = re.findall(r"\('(\w+)', '(\w+)'\)", listed)
    assert len(found) == len(set(found))
    assert set(found) == {(before.value, after.value) for before, after in transitions()}


def test_another_pair_is_another_contract(ada, ben, chloe, in_force):
    """A version of one contract is not in force in another."""
    from contracts.actions import drafting

    other = drafting.start(by=chloe, introduction_id=introduce(chloe, ada).pk)
    with pytest.raises(Error):
        execute(
            "UPDATE contracts_contract SET state = 'signed_by_one', open_version_id = %s, signer = 'first'"
            " WHERE id = %s;"
            "UPDATE contracts_contract SET state = 'in_force', version_in_force_id = %s, in_force_at = now(),"
            " open_version_id = NULL, signer = '' WHERE id = %s",
            [in_force.version_in_force_id, other.pk, in_force.version_in_force_id, other.pk],
        )


def test_signing_again_after_an_amendment_keeps_the_first(ada, ben, in_force):
    from contracts.actions import ending
    from tests.pairs import change, draft_of

    ending.amend(by=ben, contract_id=in_force.pk)
    first = Version.objects.get()
    change(in_force, ben, "goal-second", {**draft_of(in_force)["goal-second"].content, "short": "Ben runs"})
    put_name(in_force, ben)
    held = Contract.objects.get()
    assert held.version_in_force == first
    put_name(in_force, ada)
    held.refresh_from_db()
    assert held.version_in_force.number == 2
    assert Version.objects.get(number=1).text == first.text
    assert f'"amends":{{"sha256":"{first.sha256}","version":"1"}}' in held.version_in_force.text
