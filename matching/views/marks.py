"""Who is kept for later, and who is not suggested any more."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Profile
from accounts.showing import profile_for_others
from matching.actions.marks import mark, unmark
from matching.models import Mark


@require_safe
def marked(request: HttpRequest) -> HttpResponse:
    """Those whom the member kept, and those whom they set aside, as far as they are seen."""
    kinds = dict(Mark.objects.owned_by(request.user).values_list("other", "kind"))
    seen = Profile.objects.visible_to(request.user).in_bulk(kinds)
    people = [(profile_for_others(seen[pk], is_introduced=False), kind) for pk, kind in kinds.items() if pk in seen]
    context = {
        "kept": [profile for profile, kind in people if kind == Mark.Kind.KEPT],
        "dismissed": [profile for profile, kind in people if kind == Mark.Kind.DISMISSED],
    }
    return render(request, "matching/marked.html", context)


@require_POST
def partner_mark(request: HttpRequest, member_id: int, kind: str) -> HttpResponse:
    """Keep somebody for later, or set them aside."""
    theirs = get_object_or_404(Profile.objects.others_for(request.user), pk=member_id)
    if kind not in Mark.Kind.values:
        raise Http404
    mark(by=request.user, member_id=member_id, kind=kind)
    sentences = {
        Mark.Kind.KEPT: _("%(name)s is kept for later. They are not told."),
        Mark.Kind.DISMISSED: _("%(name)s is not suggested to you any more. They are not told."),
    }
    said = sentences[Mark.Kind(kind)] % {"name": theirs.name}
    messages.success(request, said, extra_tags=reverse("partner_unmark", args=[member_id]))
    return redirect("partners" if kind == Mark.Kind.DISMISSED else theirs)


@require_POST
def partner_unmark(request: HttpRequest, member_id: int) -> HttpResponse:
    """Let go of a mark."""
    get_object_or_404(Mark.objects.owned_by(request.user), other=member_id)
    unmark(by=request.user, member_id=member_id)
    messages.success(request, _("That is undone."))
    return redirect("marked")
