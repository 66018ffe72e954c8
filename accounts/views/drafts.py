from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.actions.drafts import save_draft
from accounts.forms import FirstGoalForm, ListingForm, LongGoalForm, ProfileForm, RhythmForm, ShortGoalForm
from accounts.models import Draft

# The forms whose unsent text is kept, by the name that stands in the address.
DRAFTED_FORMS: dict[str, type[forms.Form]] = {
    "goal": FirstGoalForm,
    "goal-short": ShortGoalForm,
    "goal-long": LongGoalForm,
    "offer": ListingForm,
    "need": ListingForm,
    "rhythm": RhythmForm,
    "profile": ProfileForm,
}


@require_POST
def draft_save(request: HttpRequest, form: str) -> HttpResponse:
    """Keep what stands in a form; the page sends it while the person types."""
    if form not in DRAFTED_FORMS:
        raise Http404
    keep(request, form)
    return HttpResponse(status=204)


def keep(request: HttpRequest, form: str) -> None:
    """Keep the fields of a posted form as they were typed, and nothing that is no field of it."""
    known = DRAFTED_FORMS[form].base_fields
    fields = {name: request.POST.getlist(name) for name in request.POST if name in known}
    if any(value.strip() for values in fields.values() for value in values):
        save_draft(by=request.user, form=form, values=fields)


def begin(request: HttpRequest, name: str, form_class: type[forms.Form], initial: dict, **kwargs) -> forms.Form:
    """Return the unsent form: what the member typed last time, else `initial`.

    The form says `is_draft` when it holds text that was never sent.
    """
    draft = Draft.objects.filter(member=request.user, form=name).first()
    if draft:
        initial = {
            field_name: values if isinstance(field, forms.MultipleChoiceField) else "".join(values[:1])
            for field_name, field in form_class(**kwargs).fields.items()
            for values in [draft.values.get(field_name, [])]
        }
    form = form_class(initial=initial, **kwargs)
    form.is_draft = draft is not None
    return form
