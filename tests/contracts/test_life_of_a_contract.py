"""A machine walks the contract's life: whatever two people do, in whatever order, the rules of the design hold."""

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.rules import Refused
from contracts import draft
from contracts.actions import drafting, ending, signing
from contracts.actions.holding import document, missing_in
from contracts.canonical import sha256
from contracts.draft import Stale
from contracts.lifecycle import ENDED, HALF_SIGNED, HOLDING, Move, Side, State, outcome
from contracts.models import Contract, DraftUpdate, Edit, Event, Signature, Version
from tests.contracts.races import Pair, faults

sides = st.sampled_from(Side)


def machine_for(pair: Pair):
    """Return the machine of one pair. Each run of it begins with a contract of its own."""

    class Life(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.pk = pair.begin().pk
            self.frozen: dict[int, tuple[str, str]] = {}
            self.edits = 0

        @property
        def contract(self) -> Contract:
            return Contract.objects.get(pk=self.pk)

        def member(self, side: Side):
            return pair.first if side is Side.FIRST else pair.second

        def try_to(self, move: Move, side: Side, act) -> None:
            """Do it; it must succeed exactly when the table of the lifecycle says so, and lead where it says."""
            before = self.contract
            to = outcome(State(before.state), move, side, signer=before.signer_side, said_done=before.said_done_side)
            try:
                act()
            except Refused as refused:
                refusal = str(refused)
            else:
                refusal = ""
            assert bool(refusal) is (to is None), (move, before.state, refusal)
            assert self.contract.state == (to or before.state)

        @rule(side=sides, words=st.text(max_size=20).filter(lambda text: "\x00" not in text and text.isprintable()))
        def edit(self, side: Side, words: str) -> None:
            contract = self.contract
            part = draft.read(contract)[f"goal-{side.value}"]
            self.edits += 1
            content = {**part.content, "strategies": f"{words} {self.edits}"}
            self.try_to(
                Move.EDIT,
                side,
                lambda: drafting.change_part(
                    by=self.member(side), contract_id=self.pk, key=part.key, content=content, base=part.number
                ),
            )

        @rule(side=sides)
        def edit_what_has_changed(self, side: Side) -> None:
            part = draft.read(self.contract)["rhythm"]
            before = Edit.objects.count()
            try:
                drafting.change_part(
                    by=self.member(side),
                    contract_id=self.pk,
                    key="rhythm",
                    content={**part.content, "where": "elsewhere"},
                    base=part.number + 1000,
                )
            except (Stale, Refused):
                assert Edit.objects.count() == before
            else:
                raise AssertionError("what was never shown was overwritten")

        @rule(side=sides)
        def take_out_and_bring_back(self, side: Side) -> None:
            key = next(key for key in draft.read(self.contract) if key.startswith("have"))
            before = draft.read(self.contract)[key].content
            for act in (drafting.remove_part, drafting.restore_part):
                self.try_to(
                    Move.EDIT, side, lambda act=act: act(by=self.member(side), contract_id=self.pk, key=key)
                ) if self.contract.state not in ENDED | {State.IN_FORCE} else None
            assert draft.read(self.contract)[key].content == before

        @rule(side=sides)
        def sign(self, side: Side) -> None:
            contract = self.contract
            text = signing.text_to_sign(contract)
            before = contract.state
            has_signed = contract.signer_side is side or (
                contract.version_in_force is not None
                and not contract.open_version
                and contract.version_in_force.sha256 == sha256(text)
            )
            act = lambda: signing.sign(  # noqa: E731
                by=self.member(side),
                contract_id=self.pk,
                shown_sha256=sha256(text),
                shown_head=contract.head,
                typed_name=self.member(side).profile.name,
                consent="yes",
            )
            if has_signed:
                act()
                assert self.contract.state == before
            else:
                self.try_to(Move.SIGN, side, act)

        @rule(side=sides)
        def sign_what_was_not_shown(self, side: Side) -> None:
            before = Signature.objects.count()
            with pytest.raises(Refused):
                signing.sign(
                    by=self.member(side),
                    contract_id=self.pk,
                    shown_sha256="f" * 64,
                    shown_head=self.contract.head,
                    typed_name=self.member(side).profile.name,
                    consent="yes",
                )
            assert Signature.objects.count() == before

        @rule(side=sides)
        def take_back_the_signature(self, side: Side) -> None:
            self.try_to(
                Move.TAKE_BACK_SIGNATURE,
                side,
                lambda: signing.take_back_signature(by=self.member(side), contract_id=self.pk),
            )

        @rule(side=sides)
        def amend(self, side: Side) -> None:
            self.try_to(Move.AMEND, side, lambda: ending.amend(by=self.member(side), contract_id=self.pk))

        @rule(side=sides)
        def say_done(self, side: Side) -> None:
            self.try_to(Move.SAY_DONE, side, lambda: ending.say_done(by=self.member(side), contract_id=self.pk))

        @rule(side=sides)
        def say_not_done(self, side: Side) -> None:
            self.try_to(Move.SAY_NOT_DONE, side, lambda: ending.say_not_done(by=self.member(side), contract_id=self.pk))

        # What ends a contract comes seldom, or most lives would be short.
        @rule(side=sides, luck=st.integers(0, 9))
        def take_back(self, side: Side, luck: int) -> None:
            if luck == 0 or self.contract.state in HOLDING:
                self.try_to(Move.TAKE_BACK, side, lambda: ending.take_back(by=self.member(side), contract_id=self.pk))

        @rule(side=sides, luck=st.integers(0, 9))
        def part(self, side: Side, luck: int) -> None:
            if luck == 0:
                self.try_to(Move.PART, side, lambda: ending.part(by=self.member(side), contract_id=self.pk))

        @invariant()
        def nothing_is_wrong(self) -> None:
            assert faults(self.contract) == []

        @invariant()
        def what_was_frozen_stays(self) -> None:
            now = {one.pk: (one.text, one.sha256) for one in Version.objects.filter(contract=self.pk)}
            assert {pk: now[pk] for pk in self.frozen} == self.frozen
            self.frozen = now

        @invariant()
        def a_signature_stands_on_the_text_as_it_is(self) -> None:
            contract = self.contract
            if contract.state in HALF_SIGNED:
                assert contract.open_version is not None
                assert contract.open_version.head == contract.head
                assert missing_in(contract, document(contract)) == []

        @invariant()
        def no_edit_is_lost(self) -> None:
            numbers = list(DraftUpdate.objects.filter(contract=self.pk).order_by("pk").values_list("number", flat=True))
            assert numbers == sorted(set(numbers))
            assert set(Edit.objects.filter(contract=self.pk).values_list("number", flat=True)) <= set(numbers)

        @invariant()
        def the_trail_is_without_gaps(self) -> None:
            numbers = list(Event.objects.filter(contract=self.pk).values_list("number", flat=True))
            assert numbers == list(range(1, len(numbers) + 1))

        @invariant()
        def one_contract_is_open(self) -> None:
            assert Contract.objects.open().of(pair.first).of(pair.second).count() <= 1

    return Life


@pytest.mark.django_db
@pytest.mark.parametrize("lives", [8, pytest.param(150, marks=pytest.mark.slow)])
def test_whatever_two_people_do_the_rules_hold(ready, lives):
    run_state_machine_as_test(
        machine_for(Pair(ready)),
        settings=settings(
            max_examples=lives,
            stateful_step_count=20,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    states = set(Contract.objects.values_list("state", flat=True))
    assert len(states) >= 2
