"""Time zones as people choose them: by region and city, with the clock that hangs there now."""

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def known() -> frozenset[str]:
    """Return the names of all zones; looking for them on the disk takes longer than most pages do."""
    return frozenset(available_timezones())


@cache
def grouped() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return (region, ((zone, city), …)) for every zone that belongs to a region, and UTC last."""
    names = sorted(known())
    regions = [
        (region, tuple((name, city(name)) for name in names if name.startswith(f"{region}/"))) for region in REGIONS
    ]
    return (*regions, ("UTC", (("UTC", "UTC"),)))


@cache
def _usual() -> frozenset[str]:
    return frozenset(zone for _region, zones in grouped() for zone, _city in zones)


def is_unusual(zone: str) -> bool:
    """Whether a zone is known and belongs to no region, as `Singapore` does."""
    return zone in known() - _usual()


def choices(also: str = "") -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return the choices of a select, with the zone `also` among them when it is an unusual one."""
    return [*grouped(), *([(also, ((also, city(also)),))] if is_unusual(also) else [])]


def city(zone: str) -> str:
    """Return the part of a zone's name that a person says: `America/Argentina/Salta` is `Argentina, Salta`."""
    return ", ".join(part.replace("_", " ") for part in zone.split("/")[1:]) or zone


def local_time(zone: str, at: dt.datetime) -> dt.datetime:
    """Return the instant `at` on the clock of `zone`."""
    return at.astimezone(clock_of(zone))


def known_or_utc(zone: str) -> str:
    """Return `zone` if there is such a zone, else UTC: browsers send all kinds of things."""
    return zone if zone in known() else "UTC"


def clock_of(zone: str) -> ZoneInfo:
    """Return the clock of a zone. For one that is no more, as tables of zones drop a name at times, that of UTC."""
    return ZoneInfo(known_or_utc(zone))
