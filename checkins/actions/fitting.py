"""Each of a pair says, for themselves, whether it is a good fit."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.clock import Now
from accounts.models import User
from accounts.rules import Refused, constraints_speak
from checkins import fitting, series
from checkins.fitting import Answer, Question
from checkins.models import FitAnswer
from checkins.series import Series
from contracts.actions.holding import are_apart, hold


def answer(*, by: User, contract_id: int, question: int, says: Answer, words: str) -> FitAnswer:
    """Answer the question, or change what one has answered; return the answer.

    `question` is the number that the page showed. Nobody else reads it. Where both say yes, both hear that, and it
    stays so until the next question. Raises Refused.
    """
    with constraints_speak(), transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        meetings = series.of(contract) if contract.is_in_force else None
        if meetings is None or are_apart(contract):
            raise Refused(_("This contract has ended, and nothing is asked any more."))
        asked = question_of(meetings, clock.now())
        if asked is None or asked.number != question:
            raise Refused(_("You are asked anew meanwhile. Look at the page, and answer once more."))
        mine, _is_new = FitAnswer.objects.update_or_create(
            contract=contract,
            question=question,
            side=side,
            defaults={"author": by, "says": says, "words": words, "at": Now()},
        )
        _share(contract.pk, question)
        mine.refresh_from_db()
        return mine


def question_of(meetings: Series, now: dt.datetime) -> Question | None:
    """Return the question that is open: the newest one. None before the first."""
    held = [one.ends_at for one in meetings.all() if one.takes_place and one.held != "no" and one.ends_at <= now]
    asked = fitting.questions(held)
    return asked[-1] if asked else None


def _share(contract_id: int, question: int) -> None:
    """Let both hear it where both say yes. The caller holds the contract."""
    both = FitAnswer.objects.filter(contract=contract_id, question=question, shared_at=None, says=Answer.YES)
    if both.count() == 2:
        both.update(shared_at=Now())
