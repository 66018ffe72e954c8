"""How allauth does here what it leaves to us: who a new member is, what mails are, how errors sound."""

import datetime as dt
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal import flows
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy as _

from accounts import arrivals, emails, zones
from accounts.models import Profile, User

CODES_LAST = dt.timedelta(seconds=settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT)
LINKS_LAST = dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
NEWS_LAST = dt.timedelta(days=3)


class AccountAdapter(DefaultAccountAdapter):
    """Our members, our mails, our words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account has been closed."),
        "cannot_remove_primary_email": _("This is the address you log in with. Choose another one first."),
        "duplicate_email": _("This address is on your account already."),
        "email_password_mismatch": _("That e-mail and password do not match."),
        "email_taken": _("This address cannot be used. Try another one."),
        "enter_current_password": _("That is not your present password."),
        "incorrect_code": _("That code is not right. Look at the newest mail, or ask for another code."),
        "incorrect_password": _("That password is not right."),
        "invalid_or_expired_key": _("This link has been used, or is too old. Ask for a new one."),
        "invalid_login": _("That e-mail and password do not match."),
        "invalid_password_reset": _("This link has been used, or is too old. Ask for a new one."),
        "max_email_addresses": _("That would be more than %d addresses. Remove one first."),
        "rate_limited": _("That was a lot in a short time. Wait a minute, then try again."),
        "same_as_current": _("That is what it is already. Enter something new."),
        "too_many_login_attempts": _("That did not work several times. Wait five minutes, then try again."),
        "unverified_primary_email": _("Confirm your e-mail address first."),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Tell guessing from logging in too soon after signing up, for which allauth has the same error."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as refusal:
            raise ValidationError(refusal.message, code="too_many_guesses") from None

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Make the member and their profile together, from the sign-up form."""
        answers = form.cleaned_data
        user.time_zone = zones.known_or_utc(answers.get("time_zone", ""))
        user.language = _offered_language(answers.get("language", ""))
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit=commit)
                Profile.objects.create(member=user, name=answers["name"])
                arrivals.signed_up(request, user)
        except IntegrityError:
            # Somebody signed up with this address a moment ago. They get the answer for a known address.
            response = flows.signup.prevent_enumeration(request, email=answers["email"])
            raise ImmediateHttpResponse(response) from None
        return user

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Lead who comes in to what has waited for them, if something has."""
        response = super().post_login(request, user, **how)
        waiting = arrivals.logged_in(request, user)
        return redirect(waiting) if waiting else response

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of a known address, and take as long over it as a sign-up that succeeds."""
        User().set_password(secrets.token_urlsafe())
        super().send_account_already_exists_mail(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail: no request waits for a mail server, whether the address is known or not."""
        request = allauth_context.request
        member = context.get("user")
        emails.queue_account_mail(
            template_prefix,
            address=email,
            member=member,
            context={name: value for name, value in context.items() if name not in {"user", "request"}},
            site_url=request.build_absolute_uri("/").rstrip("/"),
            language=member.language if member else get_language() or settings.LANGUAGE_CODE,
            lasts=_lasts(context),
        )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Say whose notice it is: after a reset by mail nobody is logged in."""
        super().send_notification_mail(template_prefix, user, {"user": user, **(context or {})}, email)


class MFAAdapter(DefaultMFAAdapter):
    """Our words for two-step login."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("Turn two-step login off before you add an address, then on again."),
        "cannot_delete_authenticator": _("This cannot be turned off while something else needs it."),
        "cannot_generate_recovery_codes": _("Turn two-step login on first; the recovery codes belong to it."),
        "incorrect_code": _("That code is not right. Codes change every half minute: try the one that shows now."),
        "unverified_email": _("Confirm your e-mail address first, then turn two-step login on."),
    }


def _lasts(context: dict[str, Any]) -> dt.timedelta:
    if "code" in context:
        return CODES_LAST
    return LINKS_LAST if "key" in context else NEWS_LAST


def _offered_language(code: str) -> str:
    """Return the first offered language that a browser's tag, such as `fr-CA`, names; else the first we offer."""
    offered = [offered for offered, _name in settings.MEMBER_LANGUAGES]
    short = code.lower().split("-")[0]
    return short if short in offered else offered[0]
