"""What one says to the other: an answer to a check-in, and a push in a low or silent time."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.views import drafts
from accounts.views.refusals import is_done
from checkins.actions import replying
from checkins.forms import PushForm, ReplyForm
from checkins.models import Reply
from checkins.views import pages
from checkins.views.checkins import drafted_meeting
from checkins.views.meetings import meeting_page, reply_draft, unsent_words


@require_POST
def check_in_reply(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    """Cheer, stop cheering, or answer in words; each leaves the other as it is."""
    row = pages.row_seen_by(request, contract_id, on)
    said = Reply.objects.filter(contract=contract_id, on=on, side=row.pair.side).first()
    cheer = request.POST.get("cheer", "")
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return meeting_page(request, row, reply_form=form)
    is_cheer = cheer == "yes" if cheer else bool(said and said.is_cheer)
    words = form.cleaned_data["words"]
    answered: list[Reply | None] = []
    if not is_done(
        form,
        lambda: answered.append(
            replying.reply(by=request.user, contract_id=contract_id, on=on, is_cheer=is_cheer, words=words)
        ),
        at="words",
    ):
        return meeting_page(request, row, reply_form=form)
    drafts.forget(request, reply_draft(contract_id, on))
    name = {"name": row.pair.name}
    messages.success(
        request,
        _("%(name)s sees it here, and hears of it in a few minutes.") % name if answered[0] else _("Taken back."),
    )
    return redirect("meeting", contract_id, on)


@drafts.keeps("reply-#")
def unsent_reply(request: HttpRequest, number: int) -> drafts.Unsent:
    """The form of an answer before anything was typed; `number` names the meeting (see `reply_draft`)."""
    contract_id, on = drafted_meeting(number)
    row = pages.row_seen_by(request, contract_id, on)
    if not row.may_reply:
        raise Http404
    return unsent_words(Reply.objects.filter(contract=contract_id, on=on, side=row.pair.side).first())


@require_http_methods(["GET", "HEAD", "POST"])
def push(request: HttpRequest, contract_id: int) -> HttpResponse:
    """The other has been silent, or has lost heart: one's own words from the contract, to send or to change."""
    pair = pages.pair_seen_by(request, contract_id)
    if pair.offer is None and request.method != "POST":
        messages.info(request, _("There is nothing of that kind to say now."))
        return redirect("weeks", contract_id)
    if request.method == "POST":
        form = PushForm(request.POST)
        if form.is_valid() and is_done(
            form,
            lambda: replying.push(by=request.user, contract_id=contract_id, words=form.cleaned_data["words"]),
            at="words",
        ):
            drafts.forget(request, f"push-{contract_id}")
            messages.success(request, _("Sent. %(name)s gets it from you, in your words.") % {"name": pair.name})
            return redirect("weeks", contract_id)
    else:
        form = drafts.begin(request, f"push-{contract_id}", _unsent(pair))
    context = {**pages.frame(pair), "form": form, "offer": pair.offer, "draft": f"push-{contract_id}"}
    return render(request, "checkins/push.html", context)


@drafts.keeps("push-#")
def unsent_push(request: HttpRequest, contract_id: int) -> drafts.Unsent:
    """The words from the contract, before anything was changed in them."""
    pair = pages.pair_seen_by(request, contract_id)
    if pair.offer is None:
        raise Http404
    return _unsent(pair)


def _unsent(pair: pages.Pair) -> drafts.Unsent:
    return PushForm, {"words": pair.offer.believe if pair.offer else ""}


@require_POST
def push_leave(request: HttpRequest, contract_id: int) -> HttpResponse:
    pair = pages.pair_seen_by(request, contract_id)
    replying.leave(by=request.user, contract_id=contract_id)
    messages.success(request, _("Left for now. %(name)s hears nothing of it.") % {"name": pair.name})
    return redirect("weeks", contract_id)
