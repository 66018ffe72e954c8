"""The mails about an account: queued with plain values, rendered when they are sent."""

import datetime as dt
import json
import secrets
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import notices, text
from accounts.letters import SITE_NAME, inliner
from accounts.models import Notice, User

FAMILY = "account"


def queue_account_mail(
    template_prefix: str,
    *,
    address: str,
    member: User | None,
    context: dict[str, Any],
    site_url: str,
    language: str,
    lasts: dt.timedelta,
    name: str = "",
) -> None:
    """Queue one mail that is rendered from `template_prefix`_{subject.txt,message.txt,message.html}.

    Every call is a mail of its own. `site_url` is absolute and has no slash at its end.
    """
    about = {**context, "email": address, "site_url": site_url, "site_name": SITE_NAME, "language": language}
    if name:
        about["name"] = name
    notices.queue(
        key=f"{FAMILY}:{secrets.token_hex(16)}",
        kind=f"{FAMILY}:{template_prefix}",
        address=address,
        member=member,
        context=json.loads(json.dumps(about, cls=DjangoJSONEncoder, default=str)),
        lasts=lasts,
    )


def render_account_mail(notice: Notice) -> notices.Mail:
    """Render a notice of the family `account`."""
    return render(notice.kind.partition(":")[2], notice.context, member=notice.member)


def render(template_prefix: str, context: dict[str, Any], *, member: User | None) -> notices.Mail:
    """Render the three templates of a mail, its style sheet inlined for the HTML part."""
    about = dict(context)
    # A code goes to an address that is not confirmed, perhaps a stranger's: what somebody calls themselves, which may
    # be a link to anywhere, is not to reach them in our name.
    if member and "code" not in about:
        about["name"] = member.profile.first_name
    if at := parse_datetime(str(about.get("timestamp") or "")):
        about["timestamp"] = _readable(at)
    try:
        html = inliner.inline(render_to_string(f"{template_prefix}_message.html", about))
    except TemplateDoesNotExist:
        html = ""
    return notices.Mail(
        subject=text.one_line(render_to_string(f"{template_prefix}_subject.txt", about)),
        text=render_to_string(f"{template_prefix}_message.txt", about).strip() + "\n",
        html=html,
    )


def _readable(at: dt.datetime) -> str:
    local = timezone.localtime(at)
    return _("%(day)s at %(time)s (%(zone)s)") % {
        "day": date_format(local, "DATE_FORMAT"),
        "time": date_format(local, "TIME_FORMAT"),
        "zone": str(timezone.get_current_timezone()).replace("_", " "),
    }
