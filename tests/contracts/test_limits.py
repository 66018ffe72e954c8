"""Nobody floods the other: what sends a mail, or grows a log, has a bound, and a sentence."""

import pytest

from accounts.models import Notice
from accounts.rules import Refused
from contracts.actions import drafting, ending, holding, signing
from contracts.models import Edit
from tests.pairs import change, draft_of, put_name

pytestmark = pytest.mark.django_db


def test_signing_and_taking_back_rests_after_a_while(ada, ready, monkeypatch):
    monkeypatch.setattr(holding, "MOST_MOVES_A_DAY", 4)
    put_name(ready, ada)  # the start of the draft counts as well
    signing.take_back_signature(by=ada, contract_id=ready.pk)
    put_name(ready, ada)
    mails = Notice.objects.count()
    with pytest.raises(Refused, match="rest until tomorrow"):
        signing.take_back_signature(by=ada, contract_id=ready.pk)
    assert Notice.objects.count() == mails


def test_parting_is_always_open(ada, in_force, monkeypatch):
    monkeypatch.setattr(holding, "MOST_MOVES_A_DAY", 0)
    ending.part(by=ada, contract_id=in_force.pk)


def test_drafts_are_begun_a_few_times_a_day(ada, begun, monkeypatch):
    monkeypatch.setattr(drafting, "MOST_BEGUN_A_DAY", 1)
    ending.take_back(by=ada, contract_id=begun.pk)
    with pytest.raises(Refused, match="begin another tomorrow"):
        drafting.start(by=ada, introduction_id=begun.introduction_id)


def test_edits_have_a_bound_an_hour(ada, ben, begun, monkeypatch):
    monkeypatch.setattr(drafting, "MOST_EDITS_AN_HOUR", 1)
    content = draft_of(begun)["goal-first"].content
    change(begun, ada, "goal-first", {**content, "short": "One"})
    with pytest.raises(Refused, match="a little later"):
        change(begun, ada, "goal-first", {**content, "short": "Two"})
    change(begun, ben, "goal-first", {**content, "short": "Three"})  # the other is free to go on
    assert Edit.objects.filter(contract=begun).exclude(by="").count() == 2
