from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import text
from accounts.clock import Now

from .showing import circles, known, shown_to_field
from .topics import Kind

if TYPE_CHECKING:
    from .users import User


class Side(models.TextChoices):
    OFFER = "offer", _("Offer")
    NEED = "need", _("Need")


class Level(models.IntegerChoices):
    GETTING_THERE = 1, _("Getting there: I can share what I have learnt so far")
    SOLID = 2, _("Solid: I do this regularly")
    STRONG = 3, _("Strong: people come to me for it")


class Importance(models.IntegerChoices):
    NICE = 1, _("Would be nice")
    IMPORTANT = 2, _("Important")
    ESSENTIAL = 3, _("My goal depends on it")


class ListingQuerySet(models.QuerySet["Listing"]):
    def standing(self) -> "ListingQuerySet":
        """Without those that were removed and could still be brought back."""
        return self.filter(removed_at__isnull=True)

    def shown(self, *, is_introduced: bool) -> "ListingQuerySet":
        """Those that somebody else reads, who is introduced to their member or not."""
        return self.filter(shown_to__in=circles(is_introduced=is_introduced))

    def offers(self) -> "ListingQuerySet":
        return self.filter(side=Side.OFFER)

    def needs(self) -> "ListingQuerySet":
        return self.filter(side=Side.NEED)

    def owned_by(self, member: "User") -> "ListingQuerySet":
        return self.filter(member=member)


class Listing(models.Model):
    """One thing offered or needed: a kind, a topic, the member's own words, a level (offer) or an importance (need).

    `phrase` is the topic as its member typed it, and what partners read; the topic is what it was taken to mean.
    """

    member = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="listings", verbose_name=_("member")
    )
    side = models.CharField(_("side"), max_length=5, choices=Side.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    topic = models.ForeignKey(
        "accounts.Topic", on_delete=models.PROTECT, related_name="listings", verbose_name=_("topic")
    )
    phrase = models.CharField(_("phrase"), max_length=120)
    words = models.TextField(_("in your own words"), max_length=500, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices, null=True, blank=True)
    importance = models.PositiveSmallIntegerField(_("importance"), choices=Importance.choices, null=True, blank=True)
    difference = models.TextField(_("what would be different in three months"), max_length=500, blank=True)
    shown_to = shown_to_field(_("who sees it"))
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ["position", "id"]
        constraints = [
            known("listing", "shown_to"),
            models.CheckConstraint(
                condition=(
                    # A check that comes out as NULL holds: hence "not null" beside "one of".
                    Q(side=Side.OFFER, level__isnull=False, importance__isnull=True, difference="")
                    & Q(level__in=Level.values)
                    | Q(side=Side.NEED, level__isnull=True, importance__isnull=False)
                    & Q(importance__in=Importance.values)
                ),
                name="listing_offer_has_level_need_has_importance",
                violation_error_message=_("An offer has a level, a need has an importance."),
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="listing_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(phrase=""),
                name="listing_has_a_phrase",
                violation_error_message=_("Name it in a word or two."),
            ),
            models.UniqueConstraint(
                fields=["member", "side", "topic"],
                condition=Q(removed_at__isnull=True),
                name="listing_once_per_topic_and_side",
                violation_error_message=_("This is on your list already. Change the one you have, or choose another."),
            ),
        ]
        indexes = [
            # What the ranking reads: who offers, or needs, one of these topics, and how much.
            models.Index(
                fields=["side", "topic"],
                include=["member", "level", "importance"],
                condition=Q(removed_at__isnull=True),
                name="listing_postings",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.phrase}"

    @property
    def is_offer(self) -> bool:
        return self.side == Side.OFFER

    @property
    def beside(self) -> str:
        """The topic's name in the language of the page, where it says something else than the member's own phrase."""
        label = self.topic.label
        return "" if text.key(label) == text.key(self.phrase) else label

    @property
    def in_full(self) -> str:
        """The member's own phrase, and the topic's name where that is another: for a line of text."""
        return f"{self.phrase} ({self.beside})" if self.beside else self.phrase

    @property
    def level_word(self) -> str:
        """The level in a word or two: what stands before the colon of its choice."""
        return str(self.get_level_display()).partition(":")[0] if self.level else ""
