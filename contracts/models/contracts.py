from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from accounts.models import Block
from contracts.lifecycle import ENDED, HALF_SIGNED, HOLDING, OPEN, Side, State
from contracts.models.stretches import StretchReview

if TYPE_CHECKING:
    from accounts.models import User


def _block_between() -> models.QuerySet[Block]:
    return Block.objects.filter(
        Q(blocker=OuterRef("first"), blocked=OuterRef("second"))
        | Q(blocker=OuterRef("second"), blocked=OuterRef("first"))
    )


class ContractQuerySet(models.QuerySet["Contract"]):
    def of(self, member: "User") -> "ContractQuerySet":
        """Those to which the member is a party."""
        return self.filter(Q(first=member) | Q(second=member))

    def visible_to(self, viewer: "User") -> "ContractQuerySet":
        """A contract is for its two parties alone. After a block only what both signed stays readable."""
        return self.of(viewer).filter(Q(version_in_force__isnull=False) | ~Exists(_block_between()))

    def of_blocked_pairs(self) -> "ContractQuerySet":
        return self.filter(Exists(_block_between()))

    def with_reviews(self) -> "ContractQuerySet":
        """With whether each has looked back on the stretch in force: `first_has_reviewed`, `second_has_reviewed`."""
        of_stretch = StretchReview.objects.filter(version=OuterRef("version_in_force"))
        return self.annotate(**{f"{side.value}_has_reviewed": Exists(of_stretch.filter(side=side)) for side in Side})

    def open(self) -> "ContractQuerySet":
        return self.filter(state__in=OPEN)


class Contract(models.Model):
    """The agreement of exactly two members.

    The row is also the lock that orders edits and signatures: whoever changes anything of the contract holds it.
    `head` is the number of the last change that matters to a signature; a version of an earlier head cannot be signed.
    """

    introduction = models.ForeignKey(
        "matching.Introduction", on_delete=models.SET_NULL, null=True, blank=True, related_name="contracts"
    )
    first = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("first party")
    )
    second = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("second party")
    )
    first_name = models.CharField(_("name of the first party"), max_length=80)
    second_name = models.CharField(_("name of the second party"), max_length=80)
    state = models.CharField(_("state"), max_length=30, choices=State.choices, default=State.DRAFT)
    head = models.PositiveIntegerField(_("last change"), default=0)
    open_version = models.ForeignKey(
        "contracts.Version",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("signed by one"),
    )
    signer = models.CharField(_("signed by"), max_length=6, choices=Side.choices, blank=True)
    version_in_force = models.ForeignKey(
        "contracts.Version",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in force"),
    )
    said_done = models.CharField(_("says that the goal is met"), max_length=6, choices=Side.choices, blank=True)
    first_has_seen = models.PositiveIntegerField(default=0, editable=False)
    second_has_seen = models.PositiveIntegerField(default=0, editable=False)
    # Up to which change the updates have been read: the edits say what is in them.
    read_head = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # How long the audit trail is and the hash of its last link: written by the database alone, with each link.
    trail_length = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    trail_head = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    started_at = models.DateTimeField(_("started at"), db_default=Now(), editable=False)
    in_force_at = models.DateTimeField(_("in force since"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.CheckConstraint(
                condition=~Q(first=F("second")),
                name="contract_has_two_parties",
                violation_error_message=_("A contract has two parties: two different members."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(ENDED)) | Q(first__isnull=False, second__isnull=False),
                name="contract_open_has_both_parties",
                violation_error_message=_("A contract holds only while both parties are here."),
            ),
            models.UniqueConstraint(
                Least("first", "second"),
                Greatest("first", "second"),
                condition=Q(state__in=sorted(OPEN)),
                name="contract_one_open_per_pair",
                violation_error_message=_("You two have a contract already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(HALF_SIGNED), open_version__isnull=False, signer__in=Side.values)
                | (~Q(state__in=sorted(HALF_SIGNED)) & Q(open_version__isnull=True, signer="")),
                name="contract_half_signed_has_open_version",
                violation_error_message=_("Exactly one of you has signed this text."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=sorted(HOLDING | {State.DONE, State.PARTED}),
                    version_in_force__isnull=False,
                    in_force_at__isnull=False,
                )
                | Q(
                    state__in=[State.DRAFT, State.SIGNED_BY_ONE, State.TAKEN_BACK],
                    version_in_force__isnull=True,
                    in_force_at__isnull=True,
                ),
                name="contract_in_force_has_version",
                violation_error_message=_("A contract is in force when both have signed the same text."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(ENDED), ended_at__isnull=False)
                | (~Q(state__in=sorted(ENDED)) & Q(ended_at__isnull=True)),
                name="contract_ended_has_instant",
                violation_error_message=_("A contract that has ended says when."),
            ),
            models.CheckConstraint(
                condition=Q(said_done="") | Q(state__in=sorted(HOLDING | {State.DONE, State.PARTED})),
                name="contract_done_was_in_force",
                violation_error_message=_("Only a contract in force can be done."),
            ),
        ]
        indexes = [
            models.Index(fields=["first", "state"], name="contract_of_first"),
            models.Index(fields=["second", "state"], name="contract_of_second"),
        ]

    def __str__(self) -> str:
        return _("%(first)s and %(second)s") % {"first": self.first_name, "second": self.second_name}

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("contract", args=[self.pk])

    def side_of(self, member: "User") -> Side:
        """Return which party the member is. Raises LookupError for anybody else."""
        for side in Side:
            if member.pk is not None and self.member_id(side) == member.pk:
                return side
        raise LookupError(f"{member.pk} is no party of contract {self.pk}")

    def member_id(self, side: Side) -> int | None:
        """Return who the party is, or None when they have left."""
        found: int | None = self.first_id if side is Side.FIRST else self.second_id
        return found

    def member(self, side: Side) -> "User | None":
        found: User | None = self.first if side is Side.FIRST else self.second
        return found

    def name(self, side: Side) -> str:
        return self.first_name if side is Side.FIRST else self.second_name

    def called(self, side: Side) -> str:
        """What the party calls themselves now; for one who has left, what they were called."""
        member = self.member(side)
        return (member.profile.name if member else "") or self.name(side)

    def has_seen(self, side: Side) -> int:
        """The number of the last change that this party has looked at."""
        return self.first_has_seen if side is Side.FIRST else self.second_has_seen

    @property
    def is_in_force(self) -> bool:
        return self.state in HOLDING

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def signer_side(self) -> Side | None:
        return Side(self.signer) if self.signer else None

    @property
    def said_done_side(self) -> Side | None:
        return Side(self.said_done) if self.said_done else None
