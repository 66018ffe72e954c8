"""Tell me when somebody fits: whether, and how often at the most."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models.mail import Choice, Sort
from accounts.notices.rows import choices_of
from matching.actions.watches import stop_watching, watch as begin
from matching.forms import NEVER, WatchForm
from matching.models import Watch


@require_http_methods(["GET", "HEAD", "POST"])
def watch(request: HttpRequest) -> HttpResponse:
    """Choose. The card on the list of partners posts here as well."""
    held = Watch.objects.owned_by(request.user).first()
    form = WatchForm(request.POST or None, initial={"often": held.often if held else NEVER})
    if request.method == "POST" and form.is_valid():
        _choose(request, form.cleaned_data["often"])
        return redirect("partners" if "from_partners" in request.POST else "watch")
    choices = choices_of(request.user)
    context = {"form": form, "watch": held, "choice": choices.of(Sort.FITS) if choices else Choice.NOW}
    return render(request, "matching/watch.html", context)


def _choose(request: HttpRequest, often: str) -> None:
    if often == NEVER:
        stop_watching(by=request.user)
        messages.success(request, _("You will not be told any more."))
    else:
        begin(by=request.user, often=often)
        messages.success(request, _("We will tell you by mail when somebody newly fits you well."))
