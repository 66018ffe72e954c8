from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side

if TYPE_CHECKING:
    from accounts.models import User


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def of(self, contract_id: int, side: Side) -> "CheckInQuerySet":
        """What one party logged, the newest meeting first."""
        return self.filter(contract=contract_id, side=side).order_by("-on")

    def sent(self) -> "CheckInQuerySet":
        return self.filter(state=CheckIn.State.SENT)

    def owned_by(self, member: "User") -> "CheckInQuerySet":
        return self.filter(author=member)


class CheckIn(models.Model):
    """What one party logs for one meeting, in their own words.

    `on` names the meeting: the day that the rhythm gave it. `promise` is what they had said they would do, as it stood
    when they wrote this. `asked_back` names the meeting for which they had written what was in the way, if they were
    asked what helped with it. `private_note` is its author's alone, everywhere and for ever.
    """

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        SKIPPED = "skipped", _("Skipped")

    class Kept(models.TextChoices):
        KEPT = "kept", _("Yes")
        PARTLY = "partly", _("Partly")
        NOT = "not", _("Not this time")

    class Block(models.TextChoices):
        FEAR = "fear", _("Fear, or doubt")
        TIME = "time", _("Time")
        KNOW_HOW = "know_how", _("Not knowing how")
        OTHER = "other", _("Something else")

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="check_ins")
    on = models.DateField(_("meeting"))
    side = models.CharField(_("party"), max_length=6, choices=Side.choices)
    author = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="check_ins", verbose_name=_("author")
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices)
    promise = models.TextField(_("what I said I would do"), blank=True)
    kept = models.CharField(_("did I?"), max_length=6, choices=Kept.choices, blank=True)
    strategies = ArrayField(
        models.CharField(max_length=300), default=list, blank=True, verbose_name=_("strategies that I used")
    )
    moved = models.TextField(_("what moved"), blank=True)
    time_spent = models.TextField(_("where the time went"), blank=True)
    indicator = models.DecimalField(_("indicator"), max_digits=14, decimal_places=3, null=True, blank=True)
    block = models.CharField(_("what kind of thing is in the way"), max_length=8, choices=Block.choices, blank=True)
    in_the_way = models.TextField(_("what is in the way"), blank=True)
    asked_back = models.DateField(_("was asked about what was in the way"), null=True, blank=True)
    helped = models.TextField(_("what helped with it"), blank=True)
    help_given = models.TextField(_("help given"), blank=True)
    help_received = models.TextField(_("help received"), blank=True)
    next_step = models.TextField(_("next step"), blank=True)
    confidence = models.PositiveSmallIntegerField(_("confidence"), null=True, blank=True)
    long_goal = models.TextField(_("the long goal"), blank=True)
    asked_long = models.BooleanField(_("was asked about the long goal"), default=False)
    private_note = models.TextField(_("private note"), blank=True)
    sent_at = models.DateTimeField(_("sent at"), db_default=Now(), editable=False)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["on", "side"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "on", "side"],
                name="check_in_once_per_party",
                violation_error_message=_("You have checked in for this meeting already."),
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__range=(1, 5)),
                name="check_in_confidence_is_1_to_5",
                violation_error_message=_("Confidence is a number from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} ({self.side})"
