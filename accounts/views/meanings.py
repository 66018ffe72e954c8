"""Which topic the member's own words mean: asked in a second step where it is not plain, and changed afterwards."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods

from accounts import text
from accounts.actions.choosing import MOST_ASKED, Choice, candidates_for, what_is_meant
from accounts.actions.listings import choose_topic
from accounts.forms import OWN_WORDS, ListingForm, TopicForm
from accounts.models import Listing, Topic
from accounts.views.refusals import is_done

# The topic that a listing has now, and the nearest.
MOST_SHOWN = MOST_ASKED + 1


def meant(request: HttpRequest, phrase: str, *, listing: Listing | None = None) -> Choice | TopicForm:
    """Return what the phrase means, or the form that asks: again, when it was sent without an answer.

    A `listing` whose phrase stays keeps its topic.
    """
    key = text.key(phrase)
    if key and text.key(request.POST.get("shown_for", "")) == key:
        form = TopicForm(request.POST, phrase=phrase, topics=_shown(request))
        if not form.is_valid():
            return form
        return Choice(form.picked, is_picked=bool(form.picked), refused=() if form.picked else tuple(form.shown))
    if listing and text.key(listing.phrase) == key:
        return Choice(listing.topic_id)
    found = what_is_meant(phrase, by=request.user, language=get_language() or "")
    if isinstance(found, Choice):
        return found
    return TopicForm(phrase=phrase, topics=[(each.topic, each.alias) for each in found])


def ask(request: HttpRequest, question: TopicForm, typed: ListingForm, **context: Any) -> HttpResponse:
    """Show the second step of a form: the question, and with it, unseen, all that was typed."""
    context |= {"form": question, "typed": typed, "phrase": typed.cleaned_data["phrase"]}
    return render(request, "accounts/listing_topic.html", context)


def confirm(request: HttpRequest, listing: Listing, choice: Choice) -> None:
    """Say that a listing is there; what nobody was asked about can be changed."""
    words = {"phrase": listing.phrase, "topic": listing.beside}
    if listing.beside and not choice.is_picked:
        said = format_html(
            '{} <a href="{}">{}</a>',
            _("“%(phrase)s” is on your list, and found under “%(topic)s” as well.") % words,
            reverse("listing_topic", args=[listing.pk]),
            _("Change that"),
        )
    elif choice.topic_id is None and not choice.refused:
        said = _("“%(phrase)s” is on your list. It is new here: whoever writes the same meets you.") % words
    else:
        said = _("“%(phrase)s” is on your list.") % words
    messages.success(request, said)


@require_http_methods(["GET", "HEAD", "POST"])
def listing_topic(request: HttpRequest, listing_id: int) -> HttpResponse:
    """Another topic for a listing, or the member's own words."""
    mine = Listing.objects.owned_by(request.user).select_related("topic")
    listing = get_object_or_404(mine if request.method == "POST" else mine.standing(), pk=listing_id)
    if request.method == "POST":
        form = TopicForm(request.POST, phrase=listing.phrase, topics=_shown(request))
        if form.is_valid() and is_done(
            form,
            lambda: choose_topic(by=request.user, listing_id=listing.pk, topic_id=form.picked, shown=form.shown),
            at="topic",
        ):
            messages.success(request, _("Saved."))
            return redirect("listings")
    else:
        found = candidates_for(listing.phrase, by=request.user, language=get_language() or "")
        topics = [(each.topic, each.alias) for each in found if each.topic != listing.topic]
        has_own_words = listing.topic.is_provisional and not listing.beside
        if not has_own_words:
            topics.insert(0, (listing.topic, ""))
        now = {"topic": OWN_WORDS if has_own_words else str(listing.topic_id)}
        form = TopicForm(phrase=listing.phrase, topics=topics, initial=now)
    return render(request, "accounts/listing_topic.html", {"form": form, "listing": listing, "phrase": listing.phrase})


def _shown(request: HttpRequest) -> list[tuple[Topic, str]]:
    """Return the topics that the page had shown; what is none, or not for this member, was not among them."""
    named = request.POST.get("topics_shown", "").split(",")[:MOST_SHOWN]
    ids = [int(each) for each in named if each.isascii() and each.isdigit() and len(each) <= 18]
    topics = Topic.objects.suggested_to(request.user).in_bulk(ids)
    return [(topics[pk], "") for pk in dict.fromkeys(ids) if pk in topics]
