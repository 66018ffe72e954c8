from functools import partial

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import text
from accounts.actions.choosing import Choice
from accounts.actions.listings import add_listing, change_listing, move_listing, remove_listing, restore_listing
from accounts.forms import ListingForm, TopicForm
from accounts.models import Listing, Topic
from accounts.models.listings import Side
from accounts.views import drafts
from accounts.views.meanings import ask, confirm, meant
from accounts.views.refusals import is_done


@require_safe
def listings(request: HttpRequest) -> HttpResponse:
    mine = list(Listing.objects.owned_by(request.user).standing().select_related("topic"))
    context = {
        "offers": [listing for listing in mine if listing.is_offer],
        "needs": [listing for listing in mine if not listing.is_offer],
    }
    return render(request, "accounts/listings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def listing_add(request: HttpRequest, side: str) -> HttpResponse:
    if side not in Side.values:
        raise Http404
    return side_page(request, side, "accounts/listing_edit.html", here="listings", onward="listings")


def side_page(
    request: HttpRequest, side: str, template: str, *, here: str, onward: str, step: int | None = None
) -> HttpResponse:
    """One side of the list with a form to add to it: a page of its own, and two steps of the welcome.

    `here` is where a listing that was added leads to, `onward` where "skip" does.
    """
    if request.method == "POST":
        if "skip" in request.POST:
            drafts.keep(request, side)
            return redirect(onward)
        form = ListingForm(request.POST, side=side)
        if "rewrite" not in request.POST and form.is_valid():
            choice = meant(request, form.cleaned_data["phrase"])
            if isinstance(choice, TopicForm):
                drafts.keep(request, side)
                return ask(request, choice, form, step=step, steps=4)
            if is_done(form, lambda: _add(request, side, form, choice), at="phrase"):
                drafts.forget(request, side)
                return redirect(here)
    else:
        form = drafts.begin(request, side)
        _name_topic(request, form)
    mine = Listing.objects.owned_by(request.user).standing().filter(side=side).select_related("topic")
    context = {"form": form, "side": side, "listings": mine, "onward": onward, "step": step, "steps": 4}
    return render(request, template, context)


def _name_topic(request: HttpRequest, form: Form) -> None:
    """Begin with the topic that the address names, unless something else was typed before."""
    named = request.GET.get("topic", "")
    if form.initial.get("phrase") or not named.isascii() or not named.isdigit() or len(named) > 18:
        return
    topic = Topic.objects.suggested_to(request.user).filter(pk=int(named)).first()
    if topic:
        form.initial |= {"phrase": topic.label, "kind": topic.kind}


def _add(request: HttpRequest, side: str, form: ListingForm, choice: Choice) -> None:
    confirm(request, add_listing(by=request.user, side=side, choice=choice, **form.cleaned_data), choice)


@require_http_methods(["GET", "HEAD", "POST"])
def listing_edit(request: HttpRequest, listing_id: int) -> HttpResponse:
    mine = Listing.objects.owned_by(request.user)
    # What is sent from a page that is out of date is answered in its form, with what was typed.
    listing = get_object_or_404(mine if request.method == "POST" else mine.standing(), pk=listing_id)
    if request.method == "POST":
        form = ListingForm(request.POST, side=listing.side)
        if "rewrite" not in request.POST and form.is_valid():
            choice = meant(request, form.cleaned_data["phrase"], listing=listing)
            if isinstance(choice, TopicForm):
                return ask(request, choice, form, listing=listing)
            if is_done(form, lambda: _change(request, listing, form, choice), at="phrase"):
                return redirect("listings")
    else:
        initial = {"phrase": listing.phrase, "kind": listing.kind, "words": listing.words}
        initial |= {"level": listing.level, "importance": listing.importance, "difference": listing.difference}
        form = ListingForm(initial=initial, side=listing.side)
    return render(request, "accounts/listing_edit.html", {"form": form, "side": listing.side, "listing": listing})


def _change(request: HttpRequest, listing: Listing, form: ListingForm, choice: Choice) -> None:
    changed = change_listing(by=request.user, listing_id=listing.pk, choice=choice, **form.cleaned_data)
    if text.key(changed.phrase) == text.key(listing.phrase):
        messages.success(request, _("Saved."))
    else:
        confirm(request, changed, choice)


@require_POST
def listing_move(request: HttpRequest, listing_id: int, direction: str) -> HttpResponse:
    if direction not in {"up", "down"}:
        raise Http404
    get_object_or_404(Listing.objects.owned_by(request.user).standing(), pk=listing_id)
    move_listing(by=request.user, listing_id=listing_id, up=direction == "up")
    return redirect(reverse("listings") + f"#listing-{listing_id}")


@require_POST
def listing_remove(request: HttpRequest, listing_id: int) -> HttpResponse:
    listing = get_object_or_404(Listing.objects.owned_by(request.user).select_related("topic"), pk=listing_id)
    remove_listing(by=request.user, listing_id=listing_id)
    messages.success(
        request,
        _("“%(topic)s” is off your list.") % {"topic": listing.phrase},
        extra_tags=reverse("listing_restore", args=[listing_id]),
    )
    return redirect("listings")


@require_POST
def listing_restore(request: HttpRequest, listing_id: int) -> HttpResponse:
    listing = get_object_or_404(Listing.objects.owned_by(request.user).select_related("topic"), pk=listing_id)
    restore_listing(by=request.user, listing_id=listing_id)
    messages.success(request, _("“%(topic)s” is back on your list.") % {"topic": listing.phrase})
    return redirect("listings")


@drafts.keeps("offer")
def unsent_offer(request: HttpRequest) -> drafts.Unsent:
    return partial(ListingForm, side=Side.OFFER), {}


@drafts.keeps("need")
def unsent_need(request: HttpRequest) -> drafts.Unsent:
    return partial(ListingForm, side=Side.NEED), {}
