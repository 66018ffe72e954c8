"""allauth's forms in our words: the same fields and checks, said plainly."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

NEW_PASSWORD = _("At least 10 characters. A few words in a row are easy to remember and hard to guess.")

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "oldpassword": _("Your password now"),
    "password": _("Your password"),
    "password1": _("A new password"),
    "password2": _("The new password once more"),
    "code": _("Code"),
}
WHEN_EMPTY = {
    "login": _("Enter your e-mail address."),
    "email": _("Enter your e-mail address."),
    "oldpassword": _("Enter the password that you have now."),
    "password": _("Enter your password."),
    "password1": _("Choose a password."),
    "password2": _("Enter the new password once more."),
    "code": _("Enter the code."),
}


# Under this in the session.
GIVEN_NAME = "given_name"

JUST_SENT = _("We have just sent you a code. Enter it where you signed up, or wait ten seconds and log in again.")


class Plain:
    """Puts our words on the fields of the form that it is mixed into, whose checks stay what they are."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name in WHEN_EMPTY:
                field.error_messages["required"] = WHEN_EMPTY[name]
            if isinstance(field, forms.EmailField):
                wrong = _("Enter an e-mail address in the right form, like name@example.org.")
                field.error_messages["invalid"] = wrong
                field.validators = [
                    EmailValidator(message=wrong) if isinstance(each, EmailValidator) else each
                    for each in field.validators
                ]
        if "password1" in self.fields:
            self.fields["password1"].help_text = NEW_PASSWORD


class Login(Plain, account.LoginForm):
    """Tells who logs in a moment after signing up apart from who guesses: a code has just gone to them."""

    def _clean_with_password(self, credentials: dict[str, str]) -> None:
        try:
            super()._clean_with_password(credentials)
        except forms.ValidationError as refusal:
            # Guessing has a code of its own, which accounts.adapter gives it.
            if refusal.code != "too_many_login_attempts":
                raise
            raise forms.ValidationError(JUST_SENT, code="rate_limited") from None


class Signup(Plain, account.SignupForm):
    """Has the name of somebody who has said it before, on a page of ours that needs no account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and context.request:
            self.fields["name"].initial = context.request.session.get(GIVEN_NAME, "")
        self.fields["password1"].label = _("A password")


class AddEmail(Plain, account.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Your new e-mail address")


class ChangePassword(Plain, account.ChangePasswordForm):
    pass


class ResetPassword(Plain, account.ResetPasswordForm):
    pass


class ResetPasswordFromKey(Plain, account.ResetPasswordKeyForm):
    pass


class Reauthenticate(Plain, account.ReauthenticateForm):
    pass


class ConfirmCode(Plain, account.ConfirmEmailVerificationCodeForm):
    """Has the code that was typed when another was asked for too soon: see peermentor.views.too_many."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and context.request:
            self.fields["code"].initial = context.request.session.pop("typed_code", "")


class Authenticate(Plain, mfa.AuthenticateForm):
    pass


class ReauthenticateSecondStep(Plain, mfa.ReauthenticateForm):
    pass


class ActivateTotp(Plain, totp.ActivateTOTPForm):
    pass
