"""Report to staff, and block on the way: the door stands here because a block ends contracts as well."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Profile, User
from accounts.rules import Refused
from accounts.views.refusals import is_done
from contracts.actions.blocks import block
from matching.actions import reports as actions
from matching.forms import ReportForm
from matching.models import Introduction, Message, Report

A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def report_member(request: HttpRequest, member_id: int) -> HttpResponse:
    if _is_pressed_twice(request, reported=member_id, about=Report.About.PROFILE):
        return redirect("reports")
    theirs = get_object_or_404(Profile.objects.others_for(request.user).select_related("member"), pk=member_id)
    return _report(
        request, theirs.member, actions.report_member, {"member": theirs.member}, back=theirs.get_absolute_url()
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report_conversation(request: HttpRequest, introduction_id: int) -> HttpResponse:
    """Report an invitation or a conversation of one's own."""
    if _is_pressed_twice(request, introduction=introduction_id, about=Report.About.CONVERSATION):
        return redirect("reports")
    mine = Introduction.objects.visible_to(request.user).with_people()
    introduction = get_object_or_404(mine, pk=introduction_id)
    what = {"introduction": introduction}
    other = introduction.other(request.user)
    return _report(request, other, actions.report_conversation, what, back=introduction.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
def report_message(request: HttpRequest, introduction_id: int, message_id: int) -> HttpResponse:
    """Report one message that the other wrote."""
    if _is_pressed_twice(request, message=message_id):
        return redirect("reports")
    mine = Introduction.objects.visible_to(request.user).with_people()
    introduction = get_object_or_404(mine, pk=introduction_id)
    written = introduction.messages.exclude(author=request.user).select_related("author__profile", "introduction")
    message: Message = get_object_or_404(written, pk=message_id)
    back = f"{introduction.get_absolute_url()}#message-{message.pk}"
    return _report(request, message.author, actions.report_message, {"message": message}, back=back)


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What I told staff, and what they answered."""
    mine = Report.objects.owned_by(request.user).select_related("reported__profile").order_by("-reported_at", "-pk")
    return render(request, "matching/reports.html", {"reports": mine[:A_PAGE]})


def _is_pressed_twice(request: HttpRequest, **about: Any) -> bool:
    return request.method == "POST" and actions.is_told_just_now(by=request.user, **about)


def _report(
    request: HttpRequest, reported: User, act: Callable[..., Any], what: dict[str, Any], *, back: str
) -> HttpResponse:
    """Ask what is wrong, write it down, block if that is wished, and say what comes next."""
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        tell = lambda: act(by=request.user, **what, reason=said["reason"], words=said["words"])  # noqa: E731
        if is_done(form, tell, at="words"):
            if said["also_block"]:
                with suppress(Refused):  # who has left meanwhile need not be blocked
                    block(by=request.user, member=reported)
            messages.success(request, _("Thank you for telling us. We read it, and answer you here and by mail."))
            return redirect("reports")
    context = {"form": form, "other": reported.profile, "back": back, **what}
    return render(request, "matching/report.html", context)
