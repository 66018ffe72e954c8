from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now

if TYPE_CHECKING:
    from .users import User


class Kind(models.TextChoices):
    SKILL = "skill", _("Skill")
    RESOURCE = "resource", _("Resource")
    CONTACT = "contact", _("Contact")


class TopicQuerySet(models.QuerySet["Topic"]):
    def suggested_to(self, member: "User") -> "TopicQuerySet":
        """The reviewed list, and the member's own words. Words of others are not proposed to anyone."""
        mine = Topic.objects.filter(listings__member=member, is_provisional=True)
        return self.filter(Q(is_provisional=False) | Q(pk__in=mine.values("pk")))


class Topic(models.Model):
    """A canonical name that listings share, so that two people's words can meet."""

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    label_en = models.CharField(_("English name"), max_length=120)
    label_fr = models.CharField(_("French name"), max_length=120, blank=True)
    is_provisional = models.BooleanField(
        _("provisional"), default=False, help_text=_("Made from the words of a member, not from the reviewed list.")
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["label_en", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="topic_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        from django.utils.translation import get_language

        if self.label_fr and (get_language() or "").startswith("fr"):
            return self.label_fr
        return self.label_en


class TopicAlias(models.Model):
    """One spelling of a topic: its labels and every other phrase that means it. `key` is accounts.text.key of it."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("topic"))
    phrase = models.CharField(_("phrase"), max_length=120)
    key = models.CharField(max_length=240, editable=False)

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="topic_alias_means_one_topic",
                violation_error_message=_("This phrase already belongs to a topic."),
            ),
            models.CheckConstraint(condition=~Q(key=""), name="topic_alias_is_not_empty"),
        ]
        # For what is typed with a slip of the finger; without the list of entries to come, which after a load every
        # reader would have to go through.
        indexes = [
            GinIndex(fields=["key"], opclasses=["gin_trgm_ops"], fastupdate=False, name="topic_alias_trigrams"),
        ]

    def __str__(self) -> str:
        return self.phrase


class PendingAlias(models.Model):
    """What a member chose that a phrase of theirs means. It is so for them; for others when staff have agreed."""

    member = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="pending_aliases", verbose_name=_("member")
    )
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="pending_aliases", verbose_name=_("topic"))
    phrase = models.CharField(_("phrase"), max_length=120)
    key = models.CharField(max_length=240, editable=False)
    chosen_at = models.DateTimeField(_("chosen at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("pending alias")
        verbose_name_plural = _("pending aliases")
        ordering = ["key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["key", "member"], name="pending_alias_once_per_phrase_and_member"),
            models.CheckConstraint(condition=~Q(key=""), name="pending_alias_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.phrase
