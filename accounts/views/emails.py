"""Which mails a member gets: on a page of the settings, and with the links that stand in each mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock, mail_words, stopping
from accounts.actions import mail
from accounts.models import MailChoices
from accounts.models.mail import CHOSEN
from accounts.notices.rows import choices_of
from accounts.settings_forms import EmailsForm
from accounts.views.refusals import is_done
from accounts.views.settings import own_today


@require_http_methods(["GET", "HEAD", "POST"])
def emails(request: HttpRequest) -> HttpResponse:
    """Everything about mails, and what it comes to in sentences."""
    today = own_today(request.user)
    chosen = choices_of(request.user) or MailChoices(member=request.user)
    if request.method == "POST":
        form = EmailsForm(request.POST, today=today)
        if form.is_valid() and is_done(form, lambda: _choose(request, form), at="resumes_on"):
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("emails")
    else:
        kept = {field.name: getattr(chosen, field.name) for field in MailChoices._meta.fields}
        if chosen.resumes_on and chosen.resumes_on <= today:
            kept["resumes_on"] = None
        form = EmailsForm(initial=kept, today=today)
    context = {"form": form, "sentences": mail_words.in_words(request.user, chosen, now=clock.now())}
    return render(request, "accounts/settings/emails.html", context)


def _choose(request: HttpRequest, form: EmailsForm) -> None:
    names = ("digest_weekday", "digest_hour", "quiet_from", "quiet_until", "resumes_on")
    mail.choose(by=request.user, choices=form.choices, **{name: form.cleaned_data[name] for name in names})


# The only view without a token against forgery: mail programs post to it for their own "unsubscribe" (RFC 8058). What
# it does, it does for whoever has the mail, and it can be undone.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def emails_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, on GET, since programs open the links of mails; stop the mails on POST."""
    try:
        member_id, sorts = stopping.read(token)
    except stopping.NoToken:
        return render(request, "accounts/emails_no_token.html", status=404)
    context = {"about": _about(sorts)}
    if request.method == "POST":
        before = mail.stop(member_id=member_id, sorts=sorts)
        context["undo_url"] = reverse("emails_again", args=[stopping.undo_token_for(member_id, before)])
        return render(request, "accounts/emails_stopped.html", context)
    return render(request, "accounts/emails_stop.html", context)


@login_not_required
@never_cache
@require_POST
def emails_again(request: HttpRequest, token: str) -> HttpResponse:
    """Undo it."""
    try:
        member_id, choices = stopping.read_undo(token)
    except stopping.NoToken:
        return render(request, "accounts/emails_no_token.html", status=404)
    mail.start_again(member_id=member_id, choices=choices)
    return render(request, "accounts/emails_again.html", {"about": _about(choices)})


def _about(sorts: frozenset[str] | dict[str, str]) -> str:
    """Say which mails a token is about; nothing in it tells who the member is, or whether there still is one."""
    named = mail_words.names([sort for sort in CHOSEN if sort.value in sorts])
    if stopping.WEEKLY not in sorts:
        return named
    weekly = _("everything that comes in the weekly mail")
    return _("%(sorts)s, and %(weekly)s") % {"sorts": named, "weekly": weekly} if named else weekly
