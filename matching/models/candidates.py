from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import week
from accounts.clock import Now
from accounts.models.profiles import BitsField


class TransactionField(models.Field):
    """PostgreSQL's xid8: the transaction that wrote a row."""

    def db_type(self, connection) -> str:
        return "xid8"


class Candidate(models.Model):
    """What the ranking asks about a member, in one row, which is derived and never written by hand.

    Triggers on what it is derived from write it anew, in the same transaction (migration 0002). It outlives its member
    as an empty row for a day, so that who holds it in memory hears of it; hence no foreign key. `changed_in` is the
    transaction of its last change. `price` is what the score is multiplied by, in thousandths, and follows from the
    `exposure` (matching.pricing); neither is such a change.
    """

    FULL_PRICE = 1000

    member_id = models.BigIntegerField(primary_key=True)
    is_open = models.BooleanField(_("can be suggested"))
    is_full = models.BooleanField(_("has as many partners as they can keep"), default=False, db_default=False)
    paused_until = models.DateTimeField(_("paused until"), null=True)
    languages = ArrayField(models.CharField(max_length=10))
    media = ArrayField(models.CharField(max_length=10))
    hour_starts = BitsField(length=week.QUARTERS)
    country = models.CharField(_("country"), max_length=2, default="", db_default="")
    shows_hours = models.BooleanField(_("shows their hours"), default=True, db_default=True)
    offer_topics = ArrayField(models.BigIntegerField())
    offer_tenths = ArrayField(models.SmallIntegerField())
    need_topics = ArrayField(models.BigIntegerField())
    need_weights = ArrayField(models.SmallIntegerField())
    changed_in = TransactionField()
    changed_at = models.DateTimeField()
    price = models.SmallIntegerField(default=FULL_PRICE, db_default=FULL_PRICE)
    exposure = models.FloatField(default=0.0, db_default=0.0)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        indexes = [models.Index(fields=["changed_in"], name="candidate_changes")]
        constraints = [
            models.CheckConstraint(condition=models.Q(price__range=(1, 1000)), name="candidate_price_is_a_share")
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class Searchable(models.Model):
    """The words of a member that everybody may read, folded for search; derived beside the candidate."""

    member_id = models.BigIntegerField(primary_key=True)
    words = SearchVectorField()

    class Meta:
        verbose_name = _("searchable words")
        verbose_name_plural = _("searchable words")
        indexes = [GinIndex(fields=["words"], name="searchable_words")]

    def __str__(self) -> str:
        return str(self.member_id)


class Pricing(models.Model):
    """One time that the prices were worked out anew; `number` says to who holds prices in memory that others count."""

    number = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("pricing")
        verbose_name_plural = _("pricings")

    def __str__(self) -> str:
        return str(self.number)
