from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Profile
from accounts.showing import profile_for_others
from accounts.views import drafts
from accounts.views.refusals import is_done
from matching import words
from matching.actions.introductions import invite
from matching.being_found import who_is_full
from matching.forms import InviteForm
from matching.lifecycle import State
from matching.models import Introduction
from matching.ranking import rank_of
from matching.suggestions import describe


@require_http_methods(["GET", "HEAD", "POST"])
def introduction_invite(request: HttpRequest, member_id: int) -> HttpResponse:
    """Write an invitation, see it as the other will, then send it. Each step is a page; nothing needs a script."""
    theirs = get_object_or_404(Profile.objects.others_for(request.user).select_related("member"), pk=member_id)
    step = request.POST.get("step", "show")
    standing = Introduction.objects.open_between(request.user, theirs.member)
    # Who is invited by them may still write: to invite back is to say yes.
    if standing and (request.method != "POST" or standing.inviter_id == request.user.pk):
        if step == "send":
            messages.info(request, _("Your invitation to %(name)s is on its way.") % {"name": theirs.first_name})
        return redirect(standing)
    if request.method != "POST":
        if not standing and (sentence := who_is_full(request.user, theirs.member)):
            messages.info(request, sentence)
            return redirect(theirs)
        return _form(request, theirs, drafts.begin(request, f"invite-{theirs.pk}", (InviteForm, {})))
    if step == "change":
        return _form(request, theirs, InviteForm(initial=request.POST.dict()))
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _form(request, theirs, form)
    if step != "send":
        drafts.keep(request, f"invite-{theirs.pk}")
        return _preview(request, theirs, form)
    return _send(request, theirs, form)


def _send(request: HttpRequest, theirs: Profile, form: InviteForm) -> HttpResponse:
    made: list[Introduction] = []
    act = lambda: made.append(invite(by=request.user, member_id=theirs.pk, **form.cleaned_data))  # noqa: E731
    if not is_done(form, act, at="note"):
        return _form(request, theirs, form)
    drafts.forget(request, f"invite-{theirs.pk}")
    about = {"name": theirs.first_name}
    if made[0].state == State.ACCEPTED:
        messages.success(request, _("%(name)s had invited you too: you can talk now.") % about)
    else:
        messages.success(request, _("Your invitation is on its way. %(name)s has fourteen days to answer.") % about)
    return redirect(made[0])


@drafts.keeps("invite-#")
def unsent_invitation(request: HttpRequest, member_id: int) -> drafts.Unsent:
    get_object_or_404(Profile.objects.others_for(request.user), pk=member_id)
    return InviteForm, {}


def _form(request: HttpRequest, theirs: Profile, form: InviteForm) -> HttpResponse:
    context = {"profile": profile_for_others(theirs, is_introduced=False), "form": form, "draft": f"invite-{theirs.pk}"}
    return render(request, "matching/invite.html", context)


def _preview(request: HttpRequest, theirs: Profile, form: InviteForm) -> HttpResponse:
    """Show what they will see: the card of me in their words."""
    chosen = form.cleaned_data
    [suggestion] = describe(theirs.member, [rank_of(theirs.member, request.user.pk)])
    context = {
        "profile": profile_for_others(theirs, is_introduced=False),
        "form": form,
        "draft_page": request.POST.get("draft_page", ""),
        "suggestion": suggestion,
        "note": chosen["note"],
        "rhythm": words.rhythm(chosen["every_weeks"], chosen["minutes"], chosen["weeks"]),
    }
    return render(request, "matching/invite_preview.html", context)
