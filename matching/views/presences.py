"""Asked on home, because invitations went by: would you like to pause, or are you here?"""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from matching.actions.presences import pause_for, say_here

WEEKS = {"4": 4, "8": 8}


@require_POST
def presence_say(request: HttpRequest) -> HttpResponse:
    """Pause for some weeks, or say that one is here."""
    said = request.POST.get("weeks", "")
    if said in WEEKS:
        until = pause_for(by=request.user, weeks=WEEKS[said])
        sentence = _("You are pausing. You are back on %(day)s, by itself.") % {"day": date_format(until, "j F Y")}
        messages.success(request, sentence, extra_tags=reverse("resume"))
    elif said == "0":
        say_here(by=request.user)
        messages.success(request, _("Good that you are here. Others will find you as before."))
    else:
        raise Http404
    return redirect("home")
