from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side

if TYPE_CHECKING:
    from contracts.models import Contract

LONGEST_WORDS = 300
DIGITS, DECIMALS = 15, 3
"""Of an amount: as many as a contract can promise."""


class HelpQuerySet(models.QuerySet["Help"]):
    def of(self, contract: "Contract") -> "HelpQuerySet":
        return self.filter(contract=contract)

    def waiting(self) -> "HelpQuerySet":
        """What was said, and the receiver has not answered."""
        return self.filter(state=Help.State.SAID)


class Help(models.Model):
    """Help that one party gave the other, on one commitment: a line of the ledger, which never goes away.

    What was said stays as it was said: `amount` is in the unit of the commitment as the version `version` has it, and
    null where it is measured by a fact. The receiver alone says whether it reached them, and how much (`confirmed`);
    only that counts. `written_by` is the giver, or the receiver, who may write down what the giver forgot to say.
    """

    class State(models.TextChoices):
        SAID = "said", _("Said")
        CONFIRMED = "confirmed", _("Confirmed")
        NOT_YET = "not_yet", _("Has not reached the other yet")
        TAKEN_BACK = "taken_back", _("Taken back")

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="help")
    key = models.CharField(_("commitment"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    giver = models.CharField(_("giver"), max_length=6, choices=Side.choices)
    written_by = models.CharField(_("written down by"), max_length=6, choices=Side.choices)
    on = models.DateField(_("day"))
    amount = models.DecimalField(_("amount"), max_digits=DIGITS, decimal_places=DECIMALS, null=True, blank=True)
    words = models.CharField(_("words"), max_length=LONGEST_WORDS, blank=True)
    said_at = models.DateTimeField(_("said at"), db_default=Now(), editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SAID)
    confirmed = models.DecimalField(
        _("amount that was confirmed"), max_digits=DIGITS, decimal_places=DECIMALS, null=True, blank=True
    )
    answer = models.CharField(_("the receiver’s words"), max_length=LONGEST_WORDS, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)

    objects = HelpQuerySet.as_manager()

    class Meta:
        verbose_name = _("help")
        verbose_name_plural = _("help")
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(giver__in=Side.values, written_by__in=Side.values), name="help_is_between_parties"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0),
                name="help_amount_is_some",
                violation_error_message=_("Say how much it was: more than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed__isnull=True) | Q(confirmed__gt=0),
                name="help_confirmed_is_some",
                violation_error_message=_(
                    "Say how much reached you. If it was nothing, say that it did not happen yet."
                ),
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="confirmed", answered_at__isnull=False)
                    & (
                        Q(amount__isnull=True, confirmed__isnull=True)
                        | Q(amount__isnull=False, confirmed__isnull=False)
                    )
                )
                | Q(state="not_yet", answered_at__isnull=False, confirmed__isnull=True)
                | Q(state__in=["said", "taken_back"], confirmed__isnull=True, answered_at__isnull=True, answer=""),
                name="help_confirmed_says_how_much",
                violation_error_message=_("Say how much of it reached you."),
            ),
            # What the receiver wrote down themselves waits for nobody.
            models.CheckConstraint(
                condition=Q(written_by=F("giver")) | Q(state__in=["confirmed", "taken_back"]),
                name="help_of_receiver_is_confirmed",
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "giver"], condition=Q(state="said"), name="help_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.get_state_display()})"

    @property
    def giver_side(self) -> Side:
        return Side(self.giver)

    @property
    def writer(self) -> Side:
        return Side(self.written_by)


class FineAsItIs(models.Model):
    """That it is fine for one of the two that help has gone mostly one way, up to the meeting `upto`."""

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="fine_as_it_is")
    member = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="fine_as_it_is", verbose_name=_("member")
    )
    upto = models.DateField(_("up to the meeting"))
    said_at = models.DateTimeField(_("said at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("“it is fine like this”")
        verbose_name_plural = _("“it is fine like this”")
        constraints = [models.UniqueConstraint(fields=["contract", "member", "upto"], name="fine_once_per_meeting")]

    def __str__(self) -> str:
        return f"{self.upto}"


class Naming(models.Model):
    """That one party agrees to be named, on the other's own page, beside what the two did. Both have to."""

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="namings")
    member = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="namings", verbose_name=_("member")
    )
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("consent to be named")
        verbose_name_plural = _("consents to be named")
        constraints = [models.UniqueConstraint(fields=["contract", "member"], name="naming_once_per_party")]

    def __str__(self) -> str:
        return f"{self.contract_id}"
