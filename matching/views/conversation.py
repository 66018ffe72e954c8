from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.rules import Refused
from accounts.views import drafts
from accounts.views.refusals import is_done
from matching.actions.conversations import send_message, tick
from matching.agenda import Item
from matching.forms import MessageForm
from matching.models import Introduction
from matching.views.pages import introduction_page


@require_POST
def message_send(request: HttpRequest, introduction_id: int) -> HttpResponse:
    seen = Introduction.objects.visible_to(request.user).with_people()
    introduction = get_object_or_404(seen, pk=introduction_id)
    form = MessageForm(request.POST, auto_id="message_%s")
    act = lambda: send_message(by=request.user, introduction_id=introduction.pk, **form.cleaned_data)  # noqa: E731
    if form.is_valid() and is_done(form, act, at="text"):
        drafts.forget(request, f"message-{introduction.pk}")
        return redirect(f"{introduction.get_absolute_url()}#newest")
    return introduction_page(request, get_object_or_404(seen, pk=introduction_id), name="message", form=form)


@require_POST
def agenda_tick(request: HttpRequest, introduction_id: int) -> HttpResponse:
    introduction = get_object_or_404(Introduction.objects.visible_to(request.user), pk=introduction_id)
    item = request.POST.get("item", "")
    if item not in Item.values:
        raise Http404
    try:
        tick(by=request.user, introduction_id=introduction.pk, item=item, is_done=request.POST.get("done") == "1")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{introduction.get_absolute_url()}#agenda-{item}")
