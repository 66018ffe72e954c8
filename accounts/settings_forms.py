"""The forms of the settings pages."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from accounts import zones
from accounts.forms import DateField, plain_helper
from accounts.models.users import validate_time_zone
from accounts.widgets import Radios, ZoneSelect

MEMBER_LANGUAGES = settings.MEMBER_LANGUAGES


class PreferencesForm(forms.Form):
    time_zone = forms.CharField(
        label=_("Your time zone"),
        validators=[validate_time_zone],
        widget=ZoneSelect,
        error_messages={"required": _("Choose your time zone.")},
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=MEMBER_LANGUAGES,
        widget=Radios,
        help_text=_("The pages are in English for now. We remember your choice for when they can speak yours."),
    )

    def __init__(self, *args: Any, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        typed = self.data.get("time_zone") if self.is_bound else self.initial.get("time_zone")
        zone = zones.known_or_utc(typed or "")
        field.help_text = gettext("In %(city)s it is %(time)s now.") % {
            "city": zones.city(zone),
            "time": f"{zones.local_time(zone, now):%H:%M}",
        }

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class PauseForm(forms.Form):
    """`today` is the member's own date."""

    until = DateField(
        label=_("Until when?"),
        required=False,
        help_text=_(
            "You are back when that day begins. Leave it empty, and you stay away until you come back yourself."
        ),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["until"].widget.attrs["min"] = (today + dt.timedelta(days=1)).isoformat()

    def clean_until(self) -> dt.date | None:
        until = self.cleaned_data["until"]
        if until and until <= self.today:
            raise forms.ValidationError(_("Choose a day that is still to come."))
        if until and until > self.today + dt.timedelta(days=3 * 366):
            raise forms.ValidationError(_("That is more than three years away. Leave it empty instead."))
        return until

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class DeleteAccountForm(forms.Form):
    word = forms.CharField(
        label=_("Type the word “delete”"),
        max_length=40,
        required=True,
        help_text=_("So that nobody does this by mistake."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Type the word “delete” if you want to leave.")},
    )

    expected = pgettext_lazy("the word that a person types to delete their account", "delete")

    def clean_word(self) -> str:
        word = self.cleaned_data["word"].strip().strip("“”\"'").casefold()
        if word != str(self.expected).casefold():
            raise forms.ValidationError(_("Type the word “delete” if you want to leave."))
        return word

    @property
    def helper(self) -> FormHelper:
        return plain_helper()
