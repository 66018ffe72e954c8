from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import languages
from accounts.models import Listing, User
from accounts.models.profiles import Medium
from matching.ranking import Wishes

# An old address can name what is not on one's list any more.
NOT_THERE = {"invalid_choice": _("That is not on your list any more, so it narrows nothing.")}


class WishesForm(forms.Form):
    """What the list of partners is narrowed to. What cannot be understood narrows nothing."""

    help = forms.ChoiceField(label=_("They can help with"), required=False, error_messages=NOT_THERE)
    language = forms.ChoiceField(label=_("Language"), required=False, error_messages=NOT_THERE)
    medium = forms.ChoiceField(label=_("How to meet"), required=False, error_messages=NOT_THERE)

    def __init__(self, *args, member: User, **kwargs):
        super().__init__(*args, **kwargs)
        needs = Listing.objects.owned_by(member).standing().needs().select_related("topic")
        self.fields["help"].choices = [("", _("Anything I need")), *((str(n.topic_id), n.topic.label) for n in needs)]
        spoken = member.profile.languages
        self.fields["language"].choices = [("", _("Any that I speak")), *((c, languages.name(c)) for c in spoken)]
        self.fields["medium"].choices = [("", _("Any way")), *Medium.choices]

    def wishes(self) -> Wishes:
        self.is_valid()
        cleaned = self.cleaned_data
        topic = cleaned.get("help")
        return Wishes(
            topic_id=int(topic) if topic else None,
            language=cleaned.get("language") or "",
            medium=cleaned.get("medium") or "",
        )
