from functools import partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Profile
from matching.actions import watches
from matching.being_found import who_is_full
from matching.forms import WishesForm
from matching.frozen import freeze, order_of
from matching.lifecycle import State
from matching.models import Candidate, Introduction, Mark
from matching.pricing import note_shown
from matching.ranking import COUNTED, Fit, Rank, Wishes, in_the_way, rank
from matching.suggestions import describe, dismissed_by, introduced_to, open_doors, say_how_soon, what_is_missing
from matching.views.people import about

A_PAGE = 8
A_ROW = 3
# Where fewer fit both ways, the page says what would open doors.
FEW = 4
# The field of a wish, where it is called otherwise.
FIELDS = {"topic_id": "help"}


@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """Those who fit, ranked, with the reasons; behind them those who fit one way; else what to do next."""
    form = WishesForm(request.GET, member=request.user)
    wishes = form.wishes()
    me = Candidate.objects.filter(pk=request.user.pk).first()
    aside = dismissed_by(request.user)
    page, ranks, order = _page(request, wishes, me, aside)
    mutual = [place for place in ranks if place.fit is Fit.MUTUAL]
    # Where people fit both ways, those who fit one way are a row behind them; else they are what there is.
    most = A_ROW if mutual else A_ROW * 2
    one_way = [[place for place in ranks if place.fit is fit][:most] for fit in (Fit.HELPS_ME, Fit.HELPED_BY_ME)]
    here = set(page.object_list)
    suggestions = describe(request.user, [*(p for p in mutual if p.member_id in here), *one_way[0], *one_way[1]])
    say_how_soon(suggestions)
    page.object_list = [each for each in suggestions if each.fit is Fit.MUTUAL]
    shown = [each.profile.pk for each in page.object_list] if request.method == "GET" else []
    if shown:
        note_shown(shown, after=page.start_index() - 1)
    # Who fits a little may fit well some day, and is news then.
    well = [each.profile.pk for each in page.object_list if each.fits_well] if shown else []
    total = mutual[0].total if mutual else 0
    is_narrowed = any(request.GET.get(name) for name in form.fields)
    missing = [] if mutual else what_is_missing(request.user)
    is_full = me is not None and me.is_full
    offers_watch = total < FEW and not (missing or is_narrowed or is_full)
    context = {
        "form": form,
        "page": page,
        "order": order,
        "total": total,
        "counted": COUNTED,
        "helpers": [each for each in suggestions if each.fit is Fit.HELPS_ME],
        "helped": [each for each in suggestions if each.fit is Fit.HELPED_BY_ME],
        "in_touch": introduced_to(request.user) if suggestions else set(),
        "is_full": is_full,
        "offers_watch": offers_watch,
        "has_set_aside": bool(aside),
        "is_watching": bool(watches.note_shown(by=request.user, member_ids=well)),
        "is_narrowed": is_narrowed,
        "obstacle": None if mutual or missing else _obstacle(request, form, wishes, aside),
        "missing": missing,
        "doors": [] if total >= FEW or missing or is_narrowed else open_doors(request.user, aside=aside),
    }
    fragment = request.htmx and not request.htmx.boosted
    return render(request, "matching/_partners.html" if fragment else "matching/partners.html", context)


def _page(
    request: HttpRequest, wishes: Wishes, mine: Candidate | None, aside: set[int]
) -> tuple[Page, list[Rank], str]:
    """Return a page of member ids, the ranks, and the token under which the order of the pages is kept.

    The pages that follow are of the order of the first (matching.frozen), as far as those people still fit.
    """
    me, token = request.user, request.GET.get("order", "")
    ask = partial(rank, me, wishes, one_way=A_ROW * 2, aside=aside, mine=mine)
    order = order_of(me, wishes, token) if token else None
    if order is not None:
        ranks = ask(order=order)
        page = Paginator(order, A_PAGE).get_page(request.GET.get("page"))
        if {place.member_id for place in ranks} & set(page.object_list):
            return page, ranks, token
    ranks = ask()
    order = [place.member_id for place in ranks if place.fit is Fit.MUTUAL]
    page = Paginator(order, A_PAGE).get_page(request.GET.get("page"))
    return page, ranks, freeze(me, wishes, order) if len(order) > A_PAGE else ""


def _obstacle(request: HttpRequest, form: WishesForm, wishes: Wishes, aside: set[int]) -> dict[str, Any] | None:
    """Return the filter that leaves most people out, how many would fit without it, and the address without it."""
    freed = in_the_way(request.user, wishes, aside=aside) if wishes.named else []
    if not freed:
        return None
    name, total = freed[0]
    field = FIELDS.get(name, name)
    rest = request.GET.copy()
    for gone in (field, "page", "order"):
        rest.pop(gone, None)
    return {"label": form[field].label, "total": total, "url": f"?{rest.urlencode()}"}


@require_safe
def partner(request: HttpRequest, member_id: int) -> HttpResponse:
    """Another member's page: what they show, and how the two of us fit."""
    if member_id == request.user.pk:
        return redirect("profile")
    theirs = get_object_or_404(Profile.objects.visible_to(request.user).select_related("member"), pk=member_id)
    introduction = Introduction.objects.open_between(request.user, theirs.member)
    is_introduced = introduction is not None and introduction.state == State.ACCEPTED
    shown = about(request.user, theirs, is_introduced=is_introduced)
    say_how_soon([shown["suggestion"]])
    context = {
        **shown,
        "mark": Mark.objects.owned_by(request.user).filter(other=member_id).first(),
        "introduction": introduction,
        "is_known": Introduction.objects.between(request.user, theirs.member).accepted().exists(),
        "full": who_is_full(request.user, theirs.member),
    }
    return render(request, "matching/partner.html", context)
