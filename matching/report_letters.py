"""The one mail about a report: staff have answered who told them. Who was reported gets none."""

import datetime as dt

from django.utils.translation import gettext as _

from accounts import notices
from accounts.letters import Letter
from accounts.models import Notice
from accounts.notices import Unwanted
from matching.models import Report

FAMILY = "report"
TELL_FOR = dt.timedelta(days=14)


def queue_answer(report: Report) -> None:
    """Write down that who told us is to hear the answer; who has left hears nothing."""
    if report.reporter is None:
        return
    notices.queue(
        key=f"{FAMILY}:{report.pk}:answered",
        kind=f"{FAMILY}:answered",
        address=report.reporter.email,
        member=report.reporter,
        context={"report": report.pk},
        lasts=TELL_FOR,
    )


def render(notice: Notice) -> Letter:
    """Render the answer. It names nobody: mails are read over shoulders."""
    report = Report.objects.filter(pk=notice.context["report"], reporter=notice.member).first()
    if notice.member is None or report is None or not report.answer:
        raise Unwanted
    return Letter(
        subject=_("Our answer to what you told us"),
        heading=_("Our answer to what you told us"),
        paragraphs=(_("Thank you for telling us. We have looked at it, and this is our answer."),),
        quote=report.answer,
        quoted=_("The people who run this site write"),
        button=(_("See your reports"), report.get_absolute_url()),
        reason=_("You get this because you reported something to us in Peermentor."),
    )
