from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from accounts.models.users import validate_time_zone
from contracts.lifecycle import Side

LONGEST_NOTE = 300


class Meeting(models.Model):
    """What became of one meeting: moved, cancelled or held. The others have no row: the rhythm says when they are.

    `on` is the day that the rhythm gave it, in the contract's zone: its name for ever, wherever it is moved to. A moved
    one happens at a wall-clock time of a zone of its own. `sequence` counts the changes, so that nobody changes what
    they have not seen, and calendars know the newest.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("As planned")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")

    class Held(models.TextChoices):
        YES = "yes", _("You met")
        NO = "no", _("You did not meet")

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="meetings")
    on = models.DateField(_("day by the rhythm"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    moved_on = models.DateField(_("moved to the day"), null=True, blank=True)
    moved_time = models.TimeField(_("moved to"), null=True, blank=True)
    moved_zone = models.CharField(_("on the clock of"), max_length=64, blank=True, validators=[validate_time_zone])
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    changed_by = models.CharField(_("changed by"), max_length=6, choices=Side.choices, blank=True)
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    sequence = models.PositiveIntegerField(_("changes"), default=0)
    held = models.CharField(_("did you meet?"), max_length=3, choices=Held.choices, blank=True)
    held_at = models.DateTimeField(_("said so at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "on"], name="meeting_once_per_day"),
            models.CheckConstraint(
                condition=Q(state="moved", moved_on__isnull=False, moved_time__isnull=False) & ~Q(moved_zone="")
                | ~Q(state="moved") & Q(moved_on__isnull=True, moved_time__isnull=True, moved_zone=""),
                name="meeting_moved_has_time",
                violation_error_message=_("A meeting that is moved needs a day, a time and a zone."),
            ),
            models.CheckConstraint(
                condition=Q(held="") | ~Q(state="cancelled"),
                name="meeting_cancelled_was_not_held",
                violation_error_message=_("A meeting that was cancelled did not happen."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} ({self.get_state_display()})"


class Pause(models.Model):
    """Some weeks in which a pair does not meet: from one day to another, both included, in the contract's zone.

    One that nobody of the two has said (`said_by` is empty) is ours: the pair had fallen silent.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="pauses")
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    said_by = models.CharField(_("said by"), max_length=6, choices=Side.choices, blank=True)
    said_at = models.DateTimeField(_("said at"), db_default=Now(), editable=False)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True, editable=False)
    lifted_by = models.CharField(_("lifted by"), max_length=6, choices=Side.choices, blank=True, editable=False)

    class Meta:
        verbose_name = _("pause of a pair")
        verbose_name_plural = _("pauses of pairs")
        ordering = ["from_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="pause_ends_after_it_begins",
                violation_error_message=_("The last day comes after the first."),
            ),
        ]
        indexes = [models.Index(fields=["contract"], condition=Q(lifted_at__isnull=True), name="pause_standing")]

    def __str__(self) -> str:
        return f"{self.from_on} – {self.until_on}"
