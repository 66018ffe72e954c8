from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Sort(models.TextChoices):
    """The sorts of mail between which a member chooses, and the one that always comes."""

    ALWAYS = "always", _("your account, and what you signed")
    INTRODUCTIONS = "introductions", _("invitations and messages")
    FITS = "fits", _("people who newly fit you")
    CONTRACTS = "contracts", _("contracts that you are writing")
    MEETINGS = "meetings", _("meetings")
    CHECKINS = "checkins", _("check-ins")


class Choice(models.TextChoices):
    """When mails of a sort come."""

    NOW = "now", _("At once")
    DIGEST = "digest", _("Once a week, in one mail")
    OFF = "off", _("Not at all")


CHOSEN = (Sort.INTRODUCTIONS, Sort.FITS, Sort.CONTRACTS, Sort.MEETINGS, Sort.CHECKINS)
# A week later the meeting is over.
WITHOUT_DIGEST = (Sort.MEETINGS,)


def choice_of(sort: Sort) -> models.CharField:
    return models.CharField(sort.label, max_length=6, choices=Choice.choices, default=Choice.NOW)


class MailChoices(models.Model):
    """Which mails a member gets, and when, on their own clock. Without a row all come at once."""

    member = models.OneToOneField(
        "accounts.User",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="mail_choices",
        verbose_name=_("member"),
    )
    introductions = choice_of(Sort.INTRODUCTIONS)
    fits = choice_of(Sort.FITS)
    contracts = choice_of(Sort.CONTRACTS)
    meetings = choice_of(Sort.MEETINGS)
    checkins = choice_of(Sort.CHECKINS)
    digest_weekday = models.PositiveSmallIntegerField(
        _("day of the weekly mail"), default=0, help_text=_("0 is Monday.")
    )
    digest_hour = models.PositiveSmallIntegerField(_("hour of the weekly mail"), default=8)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    resumes_on = models.DateField(_("no mail until"), null=True, blank=True)

    class Meta:
        verbose_name = _("choice of mails")
        verbose_name_plural = _("choices of mails")
        constraints = [
            models.CheckConstraint(
                condition=Q(introductions__in=Choice.values)
                & Q(fits__in=Choice.values)
                & Q(contracts__in=Choice.values)
                & Q(meetings__in=[Choice.NOW, Choice.OFF])
                & Q(checkins__in=Choice.values),
                name="mail_choices_are_known",
                violation_error_message=_("Choose when mails of each sort come."),
            ),
            models.CheckConstraint(
                condition=Q(digest_weekday__range=(0, 6)) & Q(digest_hour__range=(0, 23)),
                name="mail_digest_is_in_the_week",
                violation_error_message=_("Choose a day and an hour of the week."),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=models.F("quiet_until"))),
                name="mail_quiet_hours_have_two_ends",
                violation_error_message=_("Quiet hours begin at one time and end at another."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.member_id)

    def of(self, sort: Sort) -> Choice:
        """Return when mails of `sort` come."""
        return Choice.NOW if sort is Sort.ALWAYS else Choice(getattr(self, sort.value))

    @property
    def digested(self) -> list[Sort]:
        """The sorts that come once a week."""
        return [sort for sort in CHOSEN if self.of(sort) is Choice.DIGEST]
