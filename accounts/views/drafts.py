"""What is typed into a form and not sent yet: kept while the person types, and there when they come back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.actions.drafts import discard_draft, save_draft
from accounts.models import Draft

# A form's class, with what else it takes, and its initial values.
Unsent = tuple[Callable[..., forms.Form], dict[str, Any]]

# What gives each form as it is before anything is typed, by the name that stands in the address.
UNSENT: dict[str, Callable[..., Unsent]] = {}
LONGEST_PAGE = 40


def keeps(name: str) -> Callable[[Callable[..., Unsent]], Callable[..., Unsent]]:
    """Mark what gives a form before anything is typed: what is typed into the form is kept.

    It takes the request. Where there is a form for each thing, such as `message-12`, the name is `message-#` and it
    takes the number as well; it raises Http404 when that is not for this member.
    """

    def register(unsent: Callable[..., Unsent]) -> Callable[..., Unsent]:
        UNSENT[name] = unsent
        return unsent

    return register


def unsent(request: HttpRequest, name: str) -> Unsent:
    """Return the form of this name before anything was typed. Raises Http404 when there is none."""
    if name in UNSENT:
        return UNSENT[name](request)
    kind, _, number = name.rpartition("-")
    of_one = UNSENT.get(f"{kind}-#")
    if of_one is None or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Http404
    return of_one(request, int(number))


@require_POST
def draft_save(request: HttpRequest, form: str) -> HttpResponse:
    """Keep what stands in a form; the page sends it while the person types."""
    keep(request, form)
    return HttpResponse(status=204)


@require_POST
def draft_discard(request: HttpRequest, form: str) -> HttpResponse:
    """Start afresh: the form is as it was before it was kept."""
    unsent(request, form)
    forget(request, form)
    back = request.POST.get("draft_back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, None) else reverse("home"))


def keep(request: HttpRequest, name: str) -> None:
    """Keep the fields of a posted form that differ from what stood there, as they were typed; else forget the draft."""
    make, initial = unsent(request, name)
    form = make(initial=initial)
    typed = {field: _typed(form, field, request) for field in form.fields if not form[field].is_hidden}
    differs = {field: values for field, values in typed.items() if values is not None and values != stood(form, field)}
    is_blank = not any(value.strip() for values in typed.values() for value in values or [])
    kept = {} if is_blank else differs
    save_draft(by=request.user, form=name, values=kept, page=_page(request))


def forget(request: HttpRequest, name: str) -> None:
    """Forget the draft of a form: it has been sent, or its author does not want it."""
    discard_draft(by=request.user, form=name, page=_page(request))


def begin(request: HttpRequest, name: str, form: Unsent | None = None) -> forms.Form:
    """Return the unsent form, with what the member typed last time.

    The form says `is_draft` when it holds text that was never sent. Who has the unsent `form` at hand gives it.
    """
    make, initial = form or unsent(request, name)
    kept = Draft.objects.filter(member=request.user, form=name).values_list("values", flat=True).first()
    begun = make(initial=initial)
    if kept:
        is_list = {field for field in kept if isinstance(begun.fields.get(field), forms.MultipleChoiceField)}
        typed = {field: values if field in is_list else "".join(values[:1]) for field, values in kept.items()}
        begun = make(initial=initial | typed)
    begun.is_draft, begun.draft = bool(kept), name
    return begun


def _typed(form: forms.Form, field: str, request: HttpRequest) -> list[str] | None:
    """Return what was posted for a field; None when the post says nothing of it."""
    if field in request.POST:
        return [value.replace("\r\n", "\n") for value in request.POST.getlist(field)]
    # A box that is not ticked is not posted.
    is_boxes = isinstance(form.fields[field], (forms.MultipleChoiceField, forms.BooleanField))
    return [] if is_boxes else None


def stood(form: forms.Form, field: str) -> list[str]:
    """Return what a field posts that nobody touches."""
    value: Any = form[field].value()
    if isinstance(form.fields[field], forms.BooleanField):
        return ["on"] if value else []
    if isinstance(form.fields[field], forms.MultipleChoiceField):
        return [str(each) for each in value or []]
    return ["" if value is None else str(value).replace("\r\n", "\n")]


def _page(request: HttpRequest) -> str:
    """Return the name of the page that was sent from: each has one of its own."""
    return request.POST.get("draft_page", "").replace("\0", "")[:LONGEST_PAGE]
