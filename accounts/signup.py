"""What a person is asked when they sign up, beside e-mail and password."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import text
from accounts.models import User

MOST_OF_A_NAME = 80


class SignupForm(forms.Form):
    """The part of the sign-up form that is ours; allauth adds the e-mail address and the password.

    The two hidden fields are filled in by the browser. Without JavaScript they stay empty, and the member can say it
    later: accounts.adapter makes what is missing or unknown a default.
    """

    name = forms.CharField(
        label=_("Your name"),
        max_length=MOST_OF_A_NAME,
        help_text=_("As you would like partners to greet you. You can change it later."),
        error_messages={"required": _("Enter the name partners should call you.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))
    language = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-language": ""}))

    field_order = ["name", "email", "password1"]

    def clean_name(self) -> str:
        name = text.one_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Enter the name partners should call you."), code="required")
        # Some letters become two when they are made canonical.
        if len(name) > MOST_OF_A_NAME:
            raise forms.ValidationError(_("That is too long by a few letters. Shorten it a little."))
        return name

    def signup(self, request: HttpRequest, user: User) -> None:
        """Asked for by allauth. The profile was made together with the member, in accounts.adapter."""
