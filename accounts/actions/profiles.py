"""What a member does to their own profile and rhythm."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from accounts import clock, week
from accounts.actions.mail import reconsider
from accounts.models import Profile, User
from accounts.rules import constraints_speak


def save_profile(*, by: User, name: str, headline: str, about: str, contact: str | None = None) -> Profile:
    """Change what others read about the member, and how their partners reach them; None leaves that as it is."""
    with constraints_speak(), transaction.atomic():
        profile = Profile.objects.select_for_update().get(member=by)
        profile.name, profile.headline, profile.about = name, headline, about
        if contact is not None:
            profile.contact = contact
        profile.save(update_fields=["name", "headline", "about", "contact"])
    return profile


def save_rhythm(
    *,
    by: User,
    hours_per_week: int | None,
    free_hours: Iterable[int],
    languages: Iterable[str],
    media: Iterable[str],
    time_zone: str,
    partners_at_once: int | None = None,
    country: str | None = None,
) -> Profile:
    """Change when, where and how the member can meet, and with how many; None leaves that as it is.

    `free_hours` are wall-clock hours, 0 (Monday 00:00) to 167.
    """
    now = clock.now()
    with constraints_speak(), transaction.atomic():
        profile = Profile.objects.select_for_update().get(member=by)
        User.objects.filter(pk=by.pk).update(time_zone=time_zone)
        reconsider(by.pk)
        by.time_zone = time_zone
        profile.hours_per_week = hours_per_week
        profile.free_hours = sorted(set(free_hours))
        profile.languages = list(dict.fromkeys(languages))
        profile.media = list(dict.fromkeys(media))
        if partners_at_once is not None:
            profile.partners_at_once = partners_at_once
        if country is not None:
            profile.country = country
        profile.save(
            update_fields=["hours_per_week", "free_hours", "languages", "media", "partners_at_once", "country"]
        )
        _derive_hours(profile, zone=time_zone, now=now)
    return profile


def save_preferences(*, by: User, time_zone: str, language: str) -> None:
    """Change the member's zone and language. Their free hours stay what they are on their own clock."""
    now = clock.now()
    with transaction.atomic():
        profile = Profile.objects.select_for_update().get(member=by)
        User.objects.filter(pk=by.pk).update(time_zone=time_zone, language=language)
        reconsider(by.pk)
        by.time_zone, by.language = time_zone, language
        _derive_hours(profile, zone=time_zone, now=now)


def refresh_hours() -> int:
    """Derive the hours of every profile whose zone has changed its offset since; return how many there were.

    Daylight saving moves a wall clock against UTC. Safe to run twice, and at any time.
    """
    now = clock.now()
    refreshed = 0
    for zone in User.objects.order_by().values_list("time_zone", flat=True).distinct():
        offset = week.utc_offset(zone, now)
        stale = Profile.objects.filter(member__time_zone=zone).exclude(utc_offset=offset)
        for profile_id in stale.values_list("pk", flat=True):
            with transaction.atomic():
                profile = Profile.objects.select_for_update().select_related(None).get(pk=profile_id)
                current_zone = User.objects.values_list("time_zone", flat=True).get(pk=profile_id)
                _derive_hours(profile, zone=current_zone, now=now)
            refreshed += 1
    return refreshed


def _derive_hours(profile: Profile, *, zone: str, now: dt.datetime) -> None:
    profile.utc_offset = week.utc_offset(zone, now)
    starts = week.hour_starts(week.utc_quarters(profile.free_hours, profile.utc_offset))
    profile.hour_starts = week.as_bits(starts)
    profile.save(update_fields=["utc_offset", "hour_starts"])
