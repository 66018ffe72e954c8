from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side


class CommentQuerySet(models.QuerySet["Comment"]):
    def standing(self) -> "CommentQuerySet":
        """Those that nobody took back."""
        return self.filter(taken_back_at=None)

    def open(self) -> "CommentQuerySet":
        """Those that wait for an answer."""
        return self.standing().filter(resolved_at=None)

    def unseen_by(self, side: Side) -> "CommentQuerySet":
        """Those of the other party at which this one has not looked."""
        return self.standing().filter(by=side.other, seen_at=None)


class Comment(models.Model):
    """What one party says to the other about a part of the draft, or about the whole (`key` is empty).

    It is no part of the text: nobody signs it, and it makes no signature void. What it says never changes; whoever took
    one back can put it back for a while, then it goes.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="comments")
    key = models.CharField(_("part"), max_length=60, blank=True)
    field = models.CharField(_("field"), max_length=40, blank=True)
    by = models.CharField(_("by"), max_length=6, choices=Side.choices)
    text = models.TextField(_("text"), max_length=1000)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True, editable=False)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True, editable=False)
    resolved_by = models.CharField(_("resolved by"), max_length=6, choices=Side.choices, blank=True)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="comment_says_something",
                violation_error_message=_("Write something first."),
            ),
            models.CheckConstraint(condition=Q(by__in=Side.values), name="comment_is_of_a_party"),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by="")
                | Q(resolved_at__isnull=False, resolved_by__in=Side.values),
                name="comment_resolved_by_a_party",
            ),
        ]
        indexes = [models.Index(fields=["contract", "id"], name="comment_of_contract")]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None and self.taken_back_at is None
