"""The staff's page about pairs: counts of what they answered, and only where nobody can be told apart."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from checkins.fit_counts import FEWEST_PAIRS, by_month
from checkins.fitting import Answer


@require_safe
def fits(request: HttpRequest) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Whether it is a good fit"),
        "months": by_month(clock.now().date()),
        "answers": [Answer(value).label for value in Answer.values],
        "fewest": FEWEST_PAIRS,
    }
    return render(request, "admin/fits.html", context)
