"""The forms of the settings pages."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from accounts import zones
from accounts.forms import DateField, TimeField, plain_helper
from accounts.models.mail import CHOSEN, WITHOUT_DIGEST, Choice, Sort
from accounts.models.users import validate_time_zone
from accounts.widgets import Radios, ZoneSelect

MEMBER_LANGUAGES = settings.MEMBER_LANGUAGES
ABOUT = {
    Sort.INTRODUCTIONS: _("Invitations and messages"),
    Sort.FITS: _("People who newly fit you"),
    Sort.CONTRACTS: _("Contracts"),
    Sort.MEETINGS: _("Meetings"),
    Sort.CHECKINS: _("Check-ins"),
}
EXAMPLES = {
    Sort.INTRODUCTIONS: _("Somebody would like to talk with you, answers you, or has written to you."),
    Sort.FITS: _("Only if you ask for it, under “Tell me when somebody fits”."),
    Sort.CONTRACTS: _("Your partner changed the draft, or signed and waits for you."),
    Sort.MEETINGS: _("You meet tomorrow, or a meeting was moved or cancelled."),
    Sort.CHECKINS: _("There is a check-in to write, or help to confirm; or both check-ins can be read."),
}


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


class EmailsForm(forms.Form):
    """Which mails come, and when. `today` is the member's own date."""

    digest_weekday = forms.TypedChoiceField(
        label=_("On which day?"), choices=[*enumerate(WEEKDAYS.values())], coerce=int, empty_value=0
    )
    digest_hour = forms.TypedChoiceField(
        label=_("At what time?"), choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int, empty_value=8
    )
    quiet_from = TimeField(label=_("From"), required=False)
    quiet_until = TimeField(label=_("Until"), required=False)
    resumes_on = DateField(
        label=_("No mail until"),
        required=False,
        help_text=_("Mails begin again on that day. Leave it empty, and they come."),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["resumes_on"].widget.attrs["min"] = (today + dt.timedelta(days=1)).isoformat()
        for sort in CHOSEN:
            offered = [choice for choice in Choice if choice != Choice.DIGEST or sort not in WITHOUT_DIGEST]
            self.fields[sort.value] = forms.ChoiceField(
                label=ABOUT[sort],
                choices=[(choice.value, choice.label) for choice in offered],
                widget=forms.RadioSelect,
                help_text=EXAMPLES[sort],
                error_messages={"required": _("Choose when these come.")},
            )

    @property
    def sorts(self) -> list[forms.BoundField]:
        """The fields of the sorts, in their order."""
        return [self[sort.value] for sort in CHOSEN]

    @property
    def choices(self) -> dict[str, str]:
        """What was chosen for each sort."""
        return {sort.value: self.cleaned_data[sort.value] for sort in CHOSEN}

    def clean(self) -> None:
        begins, ends = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")
        if {"quiet_from", "quiet_until"} & set(self.errors):
            return
        if (begins is None) != (ends is None):
            self.add_error("quiet_until" if ends is None else "quiet_from", _("Say both, or leave both empty."))
        elif begins is not None and begins == ends:
            self.add_error("quiet_until", _("Quiet hours begin at one time and end at another."))

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
