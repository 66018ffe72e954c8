"""Whether it is a good fit, which each answers alone; and whether the two still meet, which is asked of the silent."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.views.refusals import is_done
from checkins.actions import fitting as answering, silence
from checkins.fitting import Answer, Question
from checkins.forms import FitForm
from checkins.models import FitAnswer
from checkins.silence import Step
from checkins.views import pages


def question_for(pair: pages.Pair) -> Question | None:
    """Return the question that a pair is asked now, if any."""
    if not pair.contract.is_in_force or pair.are_apart:
        return None
    return answering.question_of(pair.meetings, pair.now)


def answer_of(pair: pages.Pair, asked: Question) -> FitAnswer | None:
    """Return what the viewer has answered. What the other has is never read for a page."""
    mine = FitAnswer.objects.owned_by(pair.viewer)
    return mine.filter(contract=pair.contract, question=asked.number, side=pair.side).first()


def fit_line(pair: pages.Pair) -> dict[str, Any]:
    """What the page of the pair says about it. One query, where there is a question."""
    asked = question_for(pair)
    return {"fit_is_asked": asked is not None, "fit_answer": answer_of(pair, asked) if asked else None}


@require_http_methods(["GET", "HEAD", "POST"])
def fit(request: HttpRequest, contract_id: int) -> HttpResponse:
    """The question, for the viewer alone; once they have answered, what can be done about it, whatever they said."""
    pair = pages.pair_seen_by(request, contract_id)
    asked = question_for(pair)
    if asked is None:
        messages.info(request, _("Nothing is asked just now. You can talk, amend or pause at any time."))
        return redirect("weeks", contract_id)
    mine = answer_of(pair, asked)
    said = {"says": mine.says, "words": mine.words} if mine else {}
    form = FitForm(request.POST or None, initial={"question": asked.number, **said})
    if request.method == "POST" and form.is_valid() and _is_answered(request, contract_id, form):
        messages.success(request, _("Noted, for you alone. You can change it until you are asked again."))
        return redirect("fit", contract_id)
    if "question" in form.data:
        form.data = form.data.copy()
        form.data["question"] = str(asked.number)
    context = {**pages.frame(pair), "form": form, "mine": mine, "next": _next_meeting(pair)}
    return render(request, "checkins/fit.html", context)


def _is_answered(request: HttpRequest, contract_id: int, form: FitForm) -> bool:
    said = form.cleaned_data
    return is_done(
        form,
        lambda: answering.answer(
            by=request.user,
            contract_id=contract_id,
            question=said["question"],
            says=Answer(said["says"]),
            words=said["words"],
        ),
        at="says",
    )


def _next_meeting(pair: pages.Pair) -> pages.Row | None:
    coming = (pair.row(one) for one in pair.meetings.all() if one.takes_place and one.at > pair.now)
    return next(coming, None)


def silence_line(pair: pages.Pair) -> str:
    """Return how far the silence of a pair has gone, where it has: `asked` or `paused`."""
    found = getattr(pair.contract, "silence", None)
    is_silent = found is not None and found.step != Step.HEARD and pair.contract.is_in_force
    return str(found.step) if is_silent else ""


@require_http_methods(["GET", "HEAD", "POST"])
def still_meeting(request: HttpRequest, contract_id: int) -> HttpResponse:
    """Where the mail to a silent pair leads: one button to say that they go on, and the quiet ways beside it."""
    pair = pages.pair_seen_by(request, contract_id)
    if request.method == "POST":
        silence.go_on(by=request.user, contract_id=contract_id)
        messages.success(request, _("Good to hear. Everything goes on as you two agreed."))
        return redirect("weeks", contract_id)
    step = silence_line(pair)
    if not step:
        messages.info(request, _("Nothing needs an answer: this is how it stands."))
        return redirect("weeks", contract_id)
    return render(request, "checkins/still_meeting.html", {**pages.frame(pair), "step": step})
