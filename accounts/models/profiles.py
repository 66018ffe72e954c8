from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts import week
from accounts.clock import Now

from .showing import known, shown_to_field

if TYPE_CHECKING:
    from .users import User

# What people may speak together. Django knows the names of these in every language that it speaks.
SPOKEN_LANGUAGES = [
    "en", "fr", "es", "pt", "de", "it", "nl", "af", "ar", "az", "bg", "bn", "bs", "ca", "cs", "cy", "da", "el", "eo",
    "et", "eu", "fa", "fi", "ga", "gl", "he", "hi", "hr", "hu", "hy", "id", "is", "ja", "ka", "kk", "ko", "lb", "lt",
    "lv", "mk", "ml", "mn", "mr", "ms", "ne", "no", "pa", "pl", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta",
    "te", "th", "tr", "uk", "ur", "uz", "vi", "zh-hans", "zh-hant",
]  # fmt: skip


class Medium(models.TextChoices):
    VIDEO = "video", _("Video")
    PHONE = "phone", _("Phone")
    IN_PERSON = "in_person", _("In person")


# How many partners one may say that one can have at once. A contract each, with a meeting a week.
MOST_PARTNERS = 3


class BitsField(models.Field):
    """PostgreSQL's bit(n), as a text of zeros and ones."""

    def __init__(self, *args, length: int, **kwargs):
        self.length = length
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "length": self.length}

    def db_type(self, connection) -> str:
        return f"bit({self.length})"

    def get_placeholder(self, value, compiler, connection) -> str:
        return f"%s::bit({self.length})"


class ProfileQuerySet(models.QuerySet["Profile"]):
    def visible_to(self, viewer: "User") -> "ProfileQuerySet":
        """Their own, and those of the other members whom they may meet."""
        # EXISTS is asked for the rows at hand; IN would go through all members for one page.
        return self.filter(Q(member=viewer) | Exists(Profile.objects.others_for(viewer).filter(pk=OuterRef("pk"))))

    def others_for(self, viewer: "User") -> "ProfileQuerySet":
        """Those of other members who are here, confirmed, free, not paused and not blocked either way."""
        from allauth.account.models import EmailAddress

        from .blocks import Block

        confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), primary=True, verified=True)
        return (
            self.exclude(pk=viewer.pk)
            .exclude(name="")
            .filter(
                Exists(confirmed),
                Q(paused_until__isnull=True) | Q(paused_until__lte=Now()),
                ~Exists(Block.objects.filter(blocker=viewer, blocked=OuterRef("pk"))),
                ~Exists(Block.objects.filter(blocker=OuterRef("pk"), blocked=viewer)),
                member__is_active=True,
                is_looking=True,
            )
        )


class Profile(models.Model):
    """What a member shows others."""

    member = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="profile", verbose_name=_("member")
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    headline = models.CharField(_("what you do, and where"), max_length=120, blank=True)
    about = models.TextField(_("about you"), max_length=1200, blank=True)
    # For the partners alone: shown to nobody but those with whom an introduction is accepted.
    contact = models.TextField(_("how partners reach you"), max_length=300, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=_("languages"))
    media = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=_("how you meet"))
    hours_per_week = models.PositiveSmallIntegerField(_("hours a week"), null=True, blank=True)
    free_hours = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        verbose_name=_("free hours"),
        help_text=_("Hours of the member's own week, 0 is Monday 00:00."),
    )
    # Derived from free_hours and the zone's offset of that day; a task derives them anew when daylight saving moves.
    hour_starts = BitsField(length=week.QUARTERS, default=week.as_bits(frozenset()), editable=False)
    utc_offset = models.SmallIntegerField(default=0, editable=False)
    partners_at_once = models.PositiveSmallIntegerField(
        _("partners at once"), default=MOST_PARTNERS, db_default=MOST_PARTNERS
    )
    about_shown_to = shown_to_field(_("who sees what is said about you"))
    hours_shown_to = shown_to_field(_("who sees your hours"))
    country_shown_to = shown_to_field(_("who sees your country"))
    is_looking = models.BooleanField(_("looking for a partner"), default=True)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)

    # Of a copy for others (accounts.showing) whose owner does not show their hours: it says nothing about them.
    hides_hours = False

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            known("profile", "about_shown_to", "hours_shown_to", "country_shown_to"),
            models.CheckConstraint(
                condition=~Q(name__regex=r"[\u0001-\u001f\u007f-\u009f]"),
                name="profile_name_is_one_line",
                violation_error_message=_("A name is one line of ordinary characters."),
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^([A-Z]{2})?$"),
                name="profile_country_is_a_code",
                violation_error_message=_("Choose a country from the list."),
            ),
            models.CheckConstraint(
                condition=Q(hours_per_week__isnull=True) | Q(hours_per_week__range=(1, 40)),
                name="profile_hours_per_week_are_few",
                violation_error_message=_("Say between 1 and 40 hours a week."),
            ),
            models.CheckConstraint(
                condition=Q(partners_at_once__range=(1, MOST_PARTNERS)),
                name="profile_partners_at_once_are_few",
                violation_error_message=_("Say between one and three partners."),
            ),
            models.CheckConstraint(
                condition=Q(free_hours__contained_by=list(range(week.HOURS))),
                name="profile_free_hours_are_of_a_week",
                violation_error_message=_("Choose hours of the week from the grid."),
            ),
            models.CheckConstraint(
                condition=Q(media__contained_by=Medium.values),
                name="profile_media_are_known",
                violation_error_message=_("Choose video, phone or in person."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(_("A member without a name"))

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("partner", args=[self.pk])

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if word[0].isalpha()]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    @property
    def hue(self) -> int:
        """One of four soft colours for the avatar, always the same for one member."""
        return self.pk % 4

    @property
    def has_rhythm(self) -> bool:
        """Whether enough is known to find an hour and a language in common with somebody."""
        return bool(self.free_hours and self.languages)
