"""A draft that is older than its log begins one with what it says."""

import pytest
from django.core.management import call_command
from django.db import connection

from contracts import draft
from contracts.actions import drafting
from contracts.models import Contract, DraftUpdate
from tests.pairs import change, draft_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_draft_of_before_goes_on_as_it_was(ada, ben, begun):
    need = next(key for key in draft_of(begun) if key.startswith("need"))
    drafting.remove_part(by=ada, contract_id=begun.pk, key=need)
    change(begun, ben, "goal-second", {**draft_of(begun)["goal-second"].content, "short": "A garden 🌻"})
    before = draft.contents(Contract.objects.get())
    with connection.cursor() as cursor:
        # Before there was a log each edit had a number of its own.
        cursor.execute("ALTER TABLE contracts_edit DISABLE TRIGGER append_only")
        cursor.execute("UPDATE contracts_edit SET number = id + 100000")
        cursor.execute(
            "UPDATE contracts_edit e SET number = (SELECT count(*) FROM contracts_edit o WHERE o.id <= e.id)"
        )
        cursor.execute("ALTER TABLE contracts_edit ENABLE TRIGGER append_only")
        cursor.execute("UPDATE contracts_contract SET head = (SELECT count(*) FROM contracts_edit)")
    head = Contract.objects.get().head
    try:
        call_command("migrate", "contracts", "0005", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('contracts_draftupdate')")
            assert cursor.fetchone() == (None,)
    finally:
        call_command("migrate", verbosity=0)
    contract = Contract.objects.get()
    assert (contract.head, contract.read_head) == (head, head)
    assert draft.contents(contract) == draft.contents_of_the_log(contract) == before
    assert DraftUpdate.objects.count() == 1
    drafting.restore_part(by=ada, contract_id=begun.pk, key=need)
    assert need in draft.contents_of_the_log(Contract.objects.get())
