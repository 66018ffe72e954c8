"""Amended, done, taken back, parted, blocked, left: what becomes of a contract, and of what was signed."""

import pytest
from django.urls import reverse

from accounts import notices
from accounts.actions.erasing import erase
from accounts.models import Block, Notice
from accounts.rules import Refused
from contracts import tasks
from contracts.actions import blocks, drafting, ending, signing
from contracts.lifecycle import State
from contracts.models import Contract, Edit, Event, Signature, Version
from tests.pairs import change, draft_of, put_name

pytestmark = pytest.mark.django_db


def state_of(contract) -> str:
    return Contract.objects.get(pk=contract.pk).state


def test_the_version_in_force_holds_until_both_signed_the_next(ada, ben, in_force, client_of):
    client_of(ada).post(reverse("contract_amend", args=[in_force.pk]))
    assert state_of(in_force) == State.AMENDING
    change(in_force, ada, "goal-first", {**draft_of(in_force)["goal-first"].content, "short": "Ada paints"})
    page = client_of(ben).get(reverse("contract", args=[in_force.pk])).content.decode()
    assert "What you both signed holds" in page
    put_name(in_force, ada)
    assert state_of(in_force) == State.AMENDMENT_SIGNED_BY_ONE
    assert Contract.objects.get().version_in_force.number == 1
    put_name(in_force, ben)
    assert state_of(in_force) == State.IN_FORCE
    assert Contract.objects.get().version_in_force.number == 2
    page = client_of(ben).get(reverse("contract", args=[in_force.pk])).content.decode()
    assert "Ada paints" in page
    assert "This takes the place of version 1." in page


def test_an_amendment_taken_back_leaves_what_was_signed(ada, ben, in_force):
    ending.amend(by=ada, contract_id=in_force.pk)
    change(in_force, ada, "goal-first", {**draft_of(in_force)["goal-first"].content, "short": "Ada paints"})
    put_name(in_force, ada)
    assert ending.take_back(by=ben, contract_id=in_force.pk) is State.IN_FORCE
    held = Contract.objects.get()
    assert (held.state, held.version_in_force.number, held.open_version) == (State.IN_FORCE, 1, None)
    # The next amendment begins with what is in force, not with what was put down.
    ending.amend(by=ben, contract_id=in_force.pk)
    assert draft_of(in_force)["goal-first"].content["short"] == "Ada finishes"


def test_done_when_both_say_so(ada, ben, in_force, client_of):
    answer = client_of(ada).post(reverse("contract_done", args=[in_force.pk]), follow=True).content.decode()
    assert "When Ben says so too, the contract is done." in answer
    assert state_of(in_force) == State.IN_FORCE
    again = client_of(ada).post(reverse("contract_done", args=[in_force.pk]), follow=True).content.decode()
    assert "You have said so already" in again
    answer = client_of(ben).post(reverse("contract_done", args=[in_force.pk]), follow=True).content.decode()
    assert "Well done, both of you" in answer
    assert state_of(in_force) == State.DONE
    assert Notice.objects.filter(kind="contract:done").count() == 2


def test_saying_so_can_be_taken_back(ada, ben, in_force):
    ending.say_done(by=ada, contract_id=in_force.pk)
    with pytest.raises(Refused):
        ending.say_not_done(by=ben, contract_id=in_force.pk)
    ending.say_not_done(by=ada, contract_id=in_force.pk)
    assert ending.say_done(by=ben, contract_id=in_force.pk) is State.IN_FORCE


def test_either_may_part_and_both_go_on_reading(ada, ben, in_force, client_of):
    client_of(ben).post(reverse("contract_part", args=[in_force.pk]))
    assert state_of(in_force) == State.PARTED
    for person in (ada, ben):
        page = client_of(person).get(reverse("contract", args=[in_force.pk]))
        assert "It lies on the table" in page.content.decode()
        assert client_of(person).get(reverse("version", args=[in_force.pk, 1])).status_code == 200
    assert list(Notice.objects.filter(kind="contract:parted").values_list("member", flat=True)) == [ada.pk]


@pytest.mark.parametrize("move", ["contract_done", "contract_not_done", "contract_part", "contract_amend"])
def test_what_is_over_stays_over_and_says_so(ada, in_force, client_of, move):
    ending.part(by=ada, contract_id=in_force.pk)
    answer = client_of(ada).post(reverse(move, args=[in_force.pk]), follow=True)
    assert "This contract has ended." in answer.content.decode()
    assert state_of(in_force) == State.PARTED


@pytest.mark.parametrize("move", ["contract_done", "contract_part", "contract_amend"])
def test_a_draft_is_neither_done_nor_parted(ada, begun, client_of, move):
    answer = client_of(ada).post(reverse(move, args=[begun.pk]), follow=True)
    assert "not in force" in answer.content.decode()
    assert state_of(begun) == State.DRAFT


def test_a_draft_taken_back_can_be_read_and_begun_anew(ada, ben, signed_by_ada, client_of):
    client_of(ben).post(reverse("contract_take_back", args=[signed_by_ada.pk]))
    assert state_of(signed_by_ada) == State.TAKEN_BACK
    page = client_of(ada).get(reverse("contract", args=[signed_by_ada.pk])).content.decode()
    assert "This draft was taken back" in page
    with pytest.raises(Refused, match="taken back"):
        put_name(signed_by_ada, ben)
    new = drafting.start(by=ada, introduction_id=signed_by_ada.introduction_id)
    assert new.pk != signed_by_ada.pk


class TestBlock:
    """Neither is told why; what was signed stays readable."""

    def test_it_takes_a_draft_out_of_sight(self, ada, ben, signed_by_ada, client_of):
        before = Notice.objects.count()
        blocks.block(by=ben, member=ada)
        assert state_of(signed_by_ada) == State.TAKEN_BACK
        assert Notice.objects.count() == before
        for person in (ada, ben):
            assert client_of(person).get(reverse("contract", args=[signed_by_ada.pk])).status_code == 404
            assert client_of(person).get(reverse("contracts")).context["past"] == []

    def test_it_parts_a_contract_in_force_which_stays_readable(self, ada, ben, in_force, client_of):
        before = Notice.objects.count()
        client_of(ada).post(reverse("partner_block", args=[ben.pk]))
        assert state_of(in_force) == State.PARTED
        assert Notice.objects.count() == before
        for person in (ada, ben):
            page = client_of(person).get(reverse("contract", args=[in_force.pk])).content.decode()
            assert "It lies on the table" in page
        trail = Event.objects.filter(contract=in_force).last()
        assert (trail.kind, trail.by) == ("parted", "")

    def test_what_another_door_wrote_is_healed(self, ada, ben, in_force):
        Block.objects.create(blocker=ada, blocked=ben)
        tasks.heal()
        assert state_of(in_force) == State.PARTED
        tasks.heal()
        assert Event.objects.filter(kind="parted").count() == 1

    def test_nobody_signs_past_a_block(self, ada, ben, signed_by_ada):
        Block.objects.create(blocker=ada, blocked=ben)
        with pytest.raises(Refused, match="ended"):
            put_name(signed_by_ada, ben)


class TestLeaving:
    """What the other signed stays with the other, whole; what nobody signed goes."""

    def leave(self, person):
        erase(by=person, site_url="https://example.org")

    def test_a_draft_goes(self, ada, ben, ready):
        self.leave(ben)
        assert [model.objects.count() for model in (Contract, Edit, Event)] == [0, 0, 0]

    def test_what_only_the_leaver_signed_goes(self, ada, ben, signed_by_ada):
        self.leave(ada)
        assert [model.objects.count() for model in (Contract, Edit, Event, Version, Signature)] == [0] * 5

    def test_what_the_other_signed_stays(self, ada, ben, signed_by_ada, client_of):
        self.leave(ben)
        left = Contract.objects.get()
        assert (left.state, left.second, left.second_name) == (State.TAKEN_BACK, None, "Ben Carter")
        assert Version.objects.get().signatures.get().typed_name == "Ada Bright"
        assert not Edit.objects.exists()
        assert reverse("version", args=[left.pk, 1]) in client_of(ada).get(left.get_absolute_url()).content.decode()
        page = client_of(ada).get(reverse("version", args=[left.pk, 1]))
        assert "It lies on the table" in page.content.decode()
        assert client_of(ada).get(reverse("contract", args=[left.pk])).status_code == 200

    def test_a_contract_in_force_is_parted_and_stays_whole(self, ada, ben, in_force, client_of):
        text = in_force.version_in_force.text
        ending.amend(by=ben, contract_id=in_force.pk)
        change(in_force, ben, "goal-second", {**draft_of(in_force)["goal-second"].content, "short": "A secret plan"})
        self.leave(ben)
        left = Contract.objects.get()
        assert (left.state, left.second, left.version_in_force.text) == (State.PARTED, None, text)
        assert {signature.typed_name for signature in Signature.objects.all()} == {"Ada Bright", "Ben Carter"}
        assert not Edit.objects.exists()
        for name in ("contract", "contract_history"):
            page = client_of(ada).get(reverse(name, args=[left.pk])).content.decode()
            assert "A secret plan" not in page
        assert "Ben Carter" in page or "has left" in page

    def test_the_other_hears_of_it_once(self, ada, ben, in_force):
        self.leave(ben)
        tasks.heal()
        tasks.heal()
        assert list(Notice.objects.filter(kind="contract:left").values_list("member", flat=True)) == [ada.pk]

    def test_with_the_second_everything_goes(self, ada, ben, in_force):
        self.leave(ben)
        self.leave(ada)
        assert [model.objects.count() for model in (Contract, Edit, Event, Version, Signature)] == [0] * 5

    def test_a_contract_that_was_done_stays_with_the_other(self, ada, ben, in_force):
        ending.say_done(by=ada, contract_id=in_force.pk)
        ending.say_done(by=ben, contract_id=in_force.pk)
        self.leave(ada)
        left = Contract.objects.get()
        assert (left.state, left.first) == (State.DONE, None)


def test_signing_after_the_other_left_is_refused(ada, ben, ready):
    erase(by=ben, site_url="https://example.org")
    with pytest.raises(Contract.DoesNotExist):
        signing.take_back_signature(by=ada, contract_id=ready.pk)


class TestClosedWithThanks:
    """Whoever counts the weeks of silence asks for it; here it is done."""

    @pytest.mark.parametrize("standing", ["in force", "amended", "amendment signed by one"])
    def test_it_ends_and_both_are_thanked(self, ada, ben, in_force, standing):
        if standing != "in force":
            ending.amend(by=ada, contract_id=in_force.pk)
        if standing == "amendment signed by one":
            change(in_force, ada, "goal-first", {**draft_of(in_force)["goal-first"].content, "short": "Ada paints"})
            put_name(in_force, ada)
        text = in_force.version_in_force.text
        ending.close_with_thanks(Contract.objects.get(pk=in_force.pk))
        closed = Contract.objects.get(pk=in_force.pk)
        assert (closed.state, closed.open_version, closed.signer) == (State.PARTED, None, "")
        assert (closed.ended_at is not None, closed.version_in_force.text) == (True, text)
        last = Event.objects.filter(contract=closed).latest("number")
        assert (last.kind, last.by) == ("fell_silent", "")
        thanked = Notice.objects.filter(kind="contract:fell_silent").values_list("address", flat=True)
        assert sorted(thanked) == ["ada@example.org", "ben@example.org"]

    def test_a_draft_is_left_alone(self, signed_by_ada):
        ending.close_with_thanks(Contract.objects.get(pk=signed_by_ada.pk))
        assert state_of(signed_by_ada) == State.SIGNED_BY_ONE

    def test_one_that_has_ended_is_left_alone(self, ada, in_force):
        ending.part(by=ada, contract_id=in_force.pk)
        ending.close_with_thanks(Contract.objects.get(pk=in_force.pk))
        assert not Event.objects.filter(kind="fell_silent").exists()
        assert not Notice.objects.filter(kind="contract:fell_silent").exists()

    def test_the_mail_blames_nobody(self, in_force, mailoutbox):
        ending.close_with_thanks(Contract.objects.get(pk=in_force.pk))
        notices.drain()
        [mail] = [each for each in mailoutbox if each.to == ["ben@example.org"] and "with thanks" in each.subject]
        assert mail.subject == "Your contract with Ada Bright is closed, with thanks"
        assert "It happens to good people and good plans." in " ".join(mail.body.split())
