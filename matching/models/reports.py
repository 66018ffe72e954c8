from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from matching.models.conversations import Message
from matching.models.introductions import Introduction

if TYPE_CHECKING:
    from accounts.models import User


class ReportQuerySet(models.QuerySet["Report"]):
    def owned_by(self, member: "User") -> "ReportQuerySet":
        return self.filter(reporter=member)

    def waiting(self) -> "ReportQuerySet":
        """Those that have no answer yet."""
        return self.exclude(state=Report.State.ANSWERED)


class Report(models.Model):
    """A member tells staff that something is wrong with what another does here. The other never learns of it.

    `copy` is what it is about, as it read then: it may be changed or gone when staff look. A report outlives both: what
    is wrong with one member matters to others (docs/decisions/0021). It is forgotten a year after its answer.
    """

    class About(models.TextChoices):
        PROFILE = "profile", _("Profile")
        CONVERSATION = "conversation", _("Invitation or conversation")
        MESSAGE = "message", _("Message")

    class Reason(models.TextChoices):
        DANGER = "danger", _("Somebody may be in danger")
        PRESSURE = "pressure", _("They insult, threaten or press me")
        MONEY = "money", _("They ask for money, or sell something")
        FALSE = "false", _("They are not who they say they are")
        UNFIT = "unfit", _("What they write has no place here")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("Waits to be read")
        LOOKED_AT = "looked_at", _("Being looked at")
        ANSWERED = "answered", _("Answered")

    reporter = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="reports", verbose_name=_("from")
    )
    reported = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("about")
    )
    about = models.CharField(_("what"), max_length=12, choices=About.choices)
    introduction = models.ForeignKey(Introduction, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=8, choices=Reason.choices)
    words = models.TextField(_("in their words"), max_length=2000, blank=True)
    copy = models.TextField(_("as it read then"), blank=True)
    reported_at = models.DateTimeField(_("reported at"), db_default=Now(), editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("answer to the member"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)
    handled_by = models.ForeignKey(
        "accounts.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handled by"),
    )
    staff_note = models.TextField(_("note for staff alone"), max_length=4000, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["reported_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reporter=F("reported")) | Q(reporter__isnull=True) | Q(reported__isnull=True),
                name="report_is_about_another",
                violation_error_message=_("You cannot report yourself."),
            ),
            models.CheckConstraint(
                condition=Q(
                    about__in=["profile", "conversation", "message"],
                    reason__in=["danger", "pressure", "money", "false", "unfit", "other"],
                    state__in=["open", "looked_at", "answered"],
                ),
                name="report_is_known",
            ),
            models.CheckConstraint(
                condition=(Q(state="answered", answered_at__isnull=False) & ~Q(answer=""))
                | (~Q(state="answered") & Q(answered_at__isnull=True, answer="")),
                name="report_answered_has_answer",
                violation_error_message=_("Write an answer to the member who told us."),
            ),
        ]
        indexes = [
            models.Index(fields=["reported_at"], condition=~Q(state="answered"), name="report_waiting"),
            models.Index(fields=["reporter", "reported_at"], name="report_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.get_about_display()}, {self.reported_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return f"{reverse('reports')}#report-{self.pk}"
