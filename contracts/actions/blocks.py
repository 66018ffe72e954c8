"""One member keeps another away: what stands between the two ends with it."""

from django.db import transaction

from accounts.models import User
from contracts.actions.ending import sever
from contracts.models import Contract
from matching.actions import blocks as matching_blocks


def block(*, by: User, member: User) -> None:
    """Neither sees the other from now on; their draft is taken back, their contract in force parted. Nobody is told."""
    with transaction.atomic():
        matching_blocks.block(by=by, member=member)
        for contract in Contract.objects.open().of(by).of(member).select_for_update(of=("self",)):
            sever(contract)


def sever_the_blocked() -> int:
    """End the open contracts of pairs with a block that some other door wrote; return how many those were."""
    count = 0
    for contract_id in Contract.objects.open().of_blocked_pairs().values_list("pk", flat=True):
        with transaction.atomic():
            contract = Contract.objects.open().select_for_update(of=("self",)).filter(pk=contract_id).first()
            if contract is not None:
                sever(contract)
                count += 1
    return count
