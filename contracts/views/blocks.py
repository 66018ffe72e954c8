"""Block and unblock: the door stands here because a block ends contracts as well."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions.blocks import unblock
from accounts.models import Block, Profile
from contracts.actions.blocks import block


@require_POST
def partner_block(request: HttpRequest, member_id: int) -> HttpResponse:
    theirs = get_object_or_404(Profile.objects.visible_to(request.user).select_related("member"), pk=member_id)
    block(by=request.user, member=theirs.member)
    messages.success(
        request,
        _("You and %(name)s no longer see each other. They are not told.") % {"name": theirs.name},
        extra_tags=reverse("partner_unblock", args=[member_id]),
    )
    return redirect("partners")


@require_POST
def partner_unblock(request: HttpRequest, member_id: int) -> HttpResponse:
    get_object_or_404(Block.objects.filter(blocker=request.user), blocked=member_id)
    unblock(by=request.user, member_id=member_id)
    messages.success(request, _("You can see each other again."))
    return redirect("blocked")
