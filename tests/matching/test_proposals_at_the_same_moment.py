"""Three people, at the very same moment: two yeses, a yes and a proposal taken back, a yes and a block."""

from collections.abc import Callable
from functools import partial

import pytest

from accounts.actions.erasing import erase
from accounts.models import Block, Notice, User
from accounts.rules import Refused
from contracts.actions.blocks import block
from matching.actions import introductions, pairs, proposals
from matching.actions.proposals import AGAIN_AFTER, answer, propose, withdraw
from matching.lifecycle import OPEN, State as IntroductionState
from matching.models import Introduction, Proposal
from matching.proposing import Answer, State
from tests.matching.conftest import conversation
from tests.people import member
from tests.together import at_once

ROUNDS = 10
MANY_ROUNDS = 200

pytestmark = pytest.mark.django_db(transaction=True)
Three = tuple[User, User, User]


@pytest.fixture
def three(transactional_db, monkeypatch) -> Three:
    """Two, and who knows both."""
    monkeypatch.setattr(introductions, "MOST_A_DAY", 10_000)
    monkeypatch.setattr(proposals, "AGAIN_AFTER", AGAIN_AFTER * 0)
    names = {"ada": "Ada Bright", "ben": "Ben Carter", "seun": "Seun Bello"}
    ada, ben, seun = (member(f"{key}@example.org", name) for key, name in names.items())
    for each in (ada, ben):
        conversation(seun, each)
    return ada, ben, seun


@pytest.fixture
def without_the_lock(monkeypatch) -> None:
    """Let the actions read the people as before, and hold nobody up."""

    def read(*ids: int) -> dict[int, User]:
        return {user.pk: user for user in User.objects.select_related("profile").filter(pk__in=set(ids))}

    for module in (pairs, proposals):
        monkeypatch.setattr(module, "lock_members", read)
    monkeypatch.setattr(introductions, "lock_pair", read)
    from matching.actions import blocks

    monkeypatch.setattr(blocks, "lock_pair", read)


def asked(three: Three) -> Proposal:
    ada, ben, seun = three
    return propose(by=seun, one_id=ada.pk, other_id=ben.pk, note="Meet.")


def says(proposal: Proposal, by: User, what: Answer = Answer.YES) -> Callable[[], Proposal]:
    return partial(answer, by=by, proposal_id=proposal.pk, says=what)


def theirs(three: Three) -> list[Introduction]:
    return list(Introduction.objects.between(*three[:2]))


def is_a_meeting(three: Three) -> bool:
    """Whether the proposal, the conversation and the mails are what two yeses make, once."""
    [proposal], found = Proposal.objects.all(), theirs(three)
    if len(found) != 1:
        return False
    [introduction] = found
    mails = sorted(Notice.objects.filter(kind__in=["proposal:met", "proposal:done"]).values_list("kind", flat=True))
    is_whole = proposal.state == State.MET and proposal.introduction == introduction
    return is_whole and introduction.story.count() == introduction.moves and mails == ["proposal:done", "proposal:met"]


def both_say_yes(three: Three) -> bool:
    proposal = asked(three)
    outcomes = at_once(says(proposal, three[0]), says(proposal, three[1]))
    return outcomes == [proposal] * 2 and is_a_meeting(three)


def yes_twice(three: Three) -> bool:
    """The second yes, by a double click: both are answered as done."""
    proposal = asked(three)
    says(proposal, three[0])()
    outcomes = at_once(*[says(proposal, three[1])] * 2)
    return outcomes == [proposal] * 2 and is_a_meeting(three)


def yes_against_withdraw(three: Three) -> bool:
    proposal = asked(three)
    says(proposal, three[0])()
    outcomes = at_once(says(proposal, three[1]), partial(withdraw, by=three[2], proposal_id=proposal.pk))
    proposal.refresh_from_db()
    if sum(isinstance(each, Refused) for each in outcomes) != 1 or outcomes.count(proposal) != 1:
        return False
    if proposal.state == State.MET:
        return outcomes[0] == proposal and is_a_meeting(three)
    return proposal.state == State.WITHDRAWN and not theirs(three)


def yes_against_no(three: Three) -> bool:
    """The first changes their mind while the second says yes: they meet, or they do not, and nothing between."""
    proposal = asked(three)
    says(proposal, three[0])()
    outcomes = at_once(says(proposal, three[1]), says(proposal, three[0], Answer.NO))
    proposal.refresh_from_db()
    if proposal.state == State.MET:
        return isinstance(outcomes[1], Refused) and is_a_meeting(three)
    answers = {proposal.first_answer, proposal.second_answer}
    return outcomes == [proposal] * 2 and answers == {Answer.YES, Answer.NO} and not theirs(three)


def yes_against_block(three: Three) -> bool:
    """Whichever is first, a pair with a block has nothing open; and if they met, it was closed in nobody's name."""
    ada, ben, _seun = three
    proposal = asked(three)
    says(proposal, ada)()
    outcomes = at_once(says(proposal, ben), partial(block, by=ada, member=ben))
    Block.objects.all().delete()
    if any(each.state in OPEN for each in theirs(three)) or outcomes[1] is not None:
        return False
    if isinstance(outcomes[0], Refused):
        return not theirs(three)
    [introduction] = theirs(three)
    return outcomes[0] == proposal and introduction.state == IntroductionState.CLOSED


def two_ask_for_the_same_pair(three: Three) -> bool:
    ada, ben, seun = three
    other = User.objects.filter(email="olu@example.org").first() or member("olu@example.org", "Olu Other")
    for each in (ada, ben):
        if not Introduction.objects.between(other, each).exists():
            conversation(other, each)
    outcomes = at_once(
        partial(propose, by=seun, one_id=ada.pk, other_id=ben.pk, note="Meet."),
        partial(propose, by=other, one_id=ben.pk, other_id=ada.pk, note="Meet."),
    )
    return Proposal.objects.count() == 1 and sum(isinstance(each, Refused) for each in outcomes) == 1


RACES = [both_say_yes, yes_twice, yes_against_withdraw, yes_against_no, yes_against_block, two_ask_for_the_same_pair]
# What the database alone keeps apart: without the lock it still goes well.
KEPT_BY_CONSTRAINT = {two_ask_for_the_same_pair}


def wrong_rounds(race: Callable[[Three], bool], three: Three, rounds: int) -> int:
    """Run a race so many times, each from the start; return how many rounds went wrong."""
    wrong = 0
    ada, ben, seun = three
    for number in range(rounds):
        # Who is named first starts first, a little: each has a turn.
        wrong += not race((ada, ben, seun) if number % 2 else (ben, ada, seun))
        Proposal.objects.all().delete()
        Introduction.objects.between(ada, ben).delete()
        Notice.objects.all().delete()
        Block.objects.all().delete()
    return wrong


@pytest.mark.parametrize("race", RACES)
def test_nothing_goes_wrong(race, three):
    assert wrong_rounds(race, three, ROUNDS) == 0


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES)
def test_nothing_goes_wrong_in_many_rounds(race, three):
    assert wrong_rounds(race, three, MANY_ROUNDS) == 0


@pytest.mark.parametrize("race", [race for race in RACES if race not in KEPT_BY_CONSTRAINT])
def test_without_the_lock_it_does(race, three, without_the_lock):
    for _attempt in range(MANY_ROUNDS // 5):
        if wrong_rounds(race, three, 5):
            return
    pytest.fail("It went well without the lock: either the lock is not needed, or this test sees nothing.")


def test_who_leaves_while_the_others_act_is_no_fault(three):
    ada, ben, seun = three
    for who in (ben, seun):
        proposal = asked(three)
        says(proposal, ada)()
        outcomes = at_once(
            partial(erase, by=who, site_url="http://localhost"),
            says(proposal, ada, Answer.NO),
            says(proposal, ben),
            partial(withdraw, by=seun, proposal_id=proposal.pk),
        )
        faults = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, Refused)]
        assert faults == []
        assert not Proposal.objects.exists()
        if who is ben:
            ben = member("ben2@example.org", "Ben Carter")
            conversation(seun, ben)
            three = (ada, ben, seun)
