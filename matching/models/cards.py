import datetime as dt
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from accounts.models import Block
from matching.card_lifecycle import State
from matching.links import new_seed, token_of

if TYPE_CHECKING:
    from accounts.models import User


class CardQuerySet(models.QuerySet["Card"]):
    def owned_by(self, member: "User") -> "CardQuerySet":
        return self.filter(owner=member)

    def open(self) -> "CardQuerySet":
        """Those that somebody can still answer."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=Now())

    def shown(self) -> "CardQuerySet":
        """Those that their links show: open, and their owner is still here under a name."""
        return self.open().filter(owner__is_active=True).exclude(owner__profile__name="")

    def shown_to(self, viewer: "User") -> "CardQuerySet":
        """Those that a member with the link sees: not where one of the two has blocked the other."""
        blocks = Block.objects.filter(
            Q(blocker=viewer, blocked=models.OuterRef("owner")) | Q(blocker=models.OuterRef("owner"), blocked=viewer)
        )
        return self.shown().exclude(models.Exists(blocks))


class Card(models.Model):
    """What a member shows to somebody they know, behind a link. It is for one person: the first who meets through it.

    It holds no copy: the goal and the listings are read as they are when somebody looks, and what its owner has removed
    is not there any more. `seed` makes the link (matching.links); a new seed ends the old link.
    """

    owner = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="cards")
    goal = models.ForeignKey("accounts.Goal", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    listings = models.ManyToManyField("accounts.Listing", blank=True, related_name="+")
    note = models.TextField(_("note"), max_length=1000)
    seed = models.CharField(max_length=22, unique=True, default=new_seed, editable=False)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(editable=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    introduction = models.ForeignKey(
        "matching.Introduction", on_delete=models.SET_NULL, null=True, blank=True, related_name="cards"
    )

    objects = CardQuerySet.as_manager()

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(note=""), name="card_says_something"),
            models.CheckConstraint(
                condition=Q(introduction__isnull=True) | Q(used_at__isnull=False), name="card_introduction_is_its_use"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True), name="card_used_is_not_taken_back"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.note[:40]}"

    def get_absolute_url(self) -> str:
        return reverse("card", args=[self.pk])

    @property
    def token(self) -> str:
        """What stands in its link now."""
        return token_of(self.seed)

    def state_at(self, now: dt.datetime) -> State:
        """Return its state at this instant."""
        if self.used_at:
            return State.USED
        if self.expires_at <= now:
            return State.RUN_OUT
        return State.TAKEN_BACK if self.revoked_at else State.OPEN


class CardMail(models.Model):
    """That a card was sent to an address, of which the hash alone is kept: once per card, and not soon again."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="mails")
    address_sha256 = models.CharField(max_length=64)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("mail with a card")
        verbose_name_plural = _("mails with cards")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["card", "address_sha256"],
                name="card_mail_once_per_address",
                violation_error_message=_("You have had this card sent to this address already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_id}: {self.address_sha256[:8]}"

    @property
    def notice_key(self) -> str:
        return f"card:{self.pk}"


class RefusedAddress(models.Model):
    """An address, as its hash, to which no card is ever sent again: whoever has it said so."""

    address_sha256 = models.CharField(max_length=64, unique=True)
    refused_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("address that refuses cards")
        verbose_name_plural = _("addresses that refuse cards")

    def __str__(self) -> str:
        return self.address_sha256[:8]


class GuestSideQuerySet(models.QuerySet["GuestSide"]):
    def free(self) -> "GuestSideQuerySet":
        """Those of nobody yet, or of an account whose address nobody has confirmed: who mistyped it begins again."""
        confirmed = EmailAddress.objects.filter(user=models.OuterRef("member"), verified=True)
        return self.filter(~models.Exists(confirmed))


class GuestSide(models.Model):
    """What somebody without an account typed in answer to a card, until it is theirs.

    Whose it is, the guest's session says, and from their sign-up on `member`. `seed` is that of the link by which they
    came: with another link of the same card it leads nowhere. Nobody else reads it, the card's owner neither.
    """

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="sides")
    seed = models.CharField(max_length=22, editable=False)
    member = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, null=True, blank=True, related_name="guest_sides"
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    goal = models.TextField(_("goal"), max_length=500, blank=True)
    offers = models.JSONField(_("offers"), default=list)
    needs = models.JSONField(_("needs"), default=list)
    begun_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(editable=False)

    objects = GuestSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("side of a guest")
        verbose_name_plural = _("sides of guests")
        ordering = ["-begun_at", "-id"]
        indexes = [models.Index(fields=["expires_at"], name="guest_side_expiring")]

    def __str__(self) -> str:
        return f"{self.card_id}: {self.pk}"

    def listed(self, side: str) -> list[dict[str, Any]]:
        """Return what stands on this side ("offer" or "need"), as the form gave it, with the topic that it meant."""
        found: list[dict[str, Any]] = self.offers if side == "offer" else self.needs
        return found
