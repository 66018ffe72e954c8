from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from matching.agenda import Item

from .introductions import Introduction


class Message(models.Model):
    """What one of a pair writes to the other. `token` is that of the form, so that a double click sends it once."""

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="messages_sent")
    text = models.TextField(max_length=4000)
    token = models.UUIDField()
    sent_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token"],
                name="message_once_per_form",
                violation_error_message=_("This message has been sent already."),
            ),
            models.CheckConstraint(condition=~Q(text=""), name="message_says_something"),
        ]
        indexes = [
            models.Index(fields=["introduction", "id"], name="message_of_conversation"),
            models.Index(fields=["author", "sent_at"], name="message_of_author"),
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id}: {self.text[:40]}"


class Reading(models.Model):
    """How far a member has read the conversation: the id of the last message that they saw."""

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="readings")
    member = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="readings")
    read_up_to = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [models.UniqueConstraint(fields=["introduction", "member"], name="reading_one_per_member")]

    def __str__(self) -> str:
        return f"{self.introduction_id}: {self.member_id} ≤ {self.read_up_to}"


class AgendaTick(models.Model):
    """A member says that this item has been talked through. Each ticks for themselves; both see both."""

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="ticks")
    item = models.CharField(max_length=12, choices=Item.choices)
    member = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="agenda_ticks")
    ticked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("tick of the agenda")
        verbose_name_plural = _("ticks of the agenda")
        constraints = [
            models.UniqueConstraint(fields=["introduction", "item", "member"], name="agenda_tick_once"),
            models.CheckConstraint(condition=Q(item__in=Item.values), name="agenda_tick_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id}: {self.member_id} {self.item}"
