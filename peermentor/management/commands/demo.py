import datetime as dt
import json
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts import clock
from accounts.actions.choosing import topic_for
from accounts.actions.goals import set_goal
from accounts.actions.profiles import save_profile, save_rhythm
from accounts.models import Listing, Profile, Topic, User
from accounts.models.listings import Side
from accounts.models.profiles import MOST_PARTNERS
from peermentor.demo import cards, contracts, introductions
from peermentor.demo.days import let_bygones_be

MEMBERS_FILE = Path(__file__).resolve().parents[2] / "demo" / "members.json"
PASSWORD = "peer-mentoring-demo"  # noqa: S105
STAFF = "olga@demo.example"
LOGINS = 4
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PAUSE_LASTS = dt.timedelta(days=60)


class Command(BaseCommand):
    help = "Fills a laptop with the demo community. Safe to run again: it adds who is missing and changes nobody."

    def handle(self, *args: object, **options: object) -> None:
        if not settings.LAPTOP:
            raise CommandError(
                "The demo community is for a machine of your own: its password is printed for everybody to read. "
                "Set DEBUG=1 if this is one."
            )
        entries = json.loads(MEMBERS_FILE.read_text(encoding="utf-8"))
        wanted = {entry["email"] for entry in entries} | {STAFF}
        if User.objects.filter(email__in=wanted).count() < len(wanted):
            call_command("load_topics", verbosity=0)
            add_missing(entries)
        meetings = introductions.read_file()
        if not introductions.are_complete(meetings):
            add_introductions(meetings)
        if not cards.are_complete(meetings["cards"]):
            add_cards(meetings["cards"])
        agreements = contracts.read_file()
        if not contracts.are_complete(agreements):
            add_contracts(agreements)
        self.stdout.write(logins(entries))


def add_introductions(entries: dict[str, Any]) -> None:
    """Let those of the file meet who have not met. Of two at once, one waits."""
    with transaction.atomic():
        _one_at_a_time()
        introductions.add_missing(entries)
        let_bygones_be()


def add_cards(entries: list[dict[str, Any]]) -> None:
    """Let those of the file who have no card make one. Of two at once, one waits."""
    with transaction.atomic():
        _one_at_a_time()
        cards.add_missing(entries)


def add_contracts(entries: list[dict[str, Any]]) -> None:
    """Let those of the file write and sign who have no contract. Of two at once, one waits."""
    with transaction.atomic():
        _one_at_a_time()
        contracts.add_missing(entries)
        let_bygones_be()


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('peermentor demo'))")


def add_missing(entries: list[dict[str, Any]]) -> None:
    """Create those of the file, and the staff login, who are not there. All or none; of two at once, one waits."""
    # Hashing is made to be slow. All of them share one password and one salt, which is acceptable for a demo alone.
    hashed = make_password(PASSWORD)
    with transaction.atomic():
        _one_at_a_time()
        there = set(User.objects.values_list("email", flat=True))
        if STAFF not in there:
            add_staff(hashed)
        topics = {topic.label_en: topic for topic in Topic.objects.filter(is_provisional=False)}
        today = clock.now().date()
        for entry in entries:
            if entry["email"] not in there:
                add_member(entry, topics=topics, hashed=hashed, today=today)


def add_staff(hashed: str) -> None:
    """Create the staff login, who looks for nobody."""
    staff = User.objects.create_superuser(STAFF, name="Olga Lysenko")
    User.objects.filter(pk=staff.pk).update(password=hashed)
    Profile.objects.filter(member=staff).update(is_looking=False)
    EmailAddress.objects.create(user=staff, email=STAFF, primary=True, verified=True)


def add_member(entry: dict[str, Any], *, topics: dict[str, Topic], hashed: str, today: dt.date) -> None:
    """Create one member of the file. `topics` are the reviewed ones by their English names."""
    member = User.objects.create_user(entry["email"], name=entry["name"], language=language_of(entry))
    User.objects.filter(pk=member.pk).update(password=hashed)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=entry["confirmed"])
    save_profile(by=member, name=entry["name"], headline=entry["headline"], about=entry["about"])
    save_rhythm(
        by=member,
        hours_per_week=entry["hours_per_week"],
        free_hours=hours_of_week(entry["free"]),
        languages=entry["languages"],
        media=entry["media"],
        time_zone=entry["time_zone"],
        partners_at_once=MOST_PARTNERS,  # some of them have two, and everybody is to be found
    )
    # The long one first, so that the short one can be a bite of it.
    for goal in sorted(entry["goals"], key=lambda goal: goal["horizon"]):
        set_goal(
            by=member,
            horizon=goal["horizon"],
            text=goal["text"],
            indicator=goal["indicator"],
            due_on=today + dt.timedelta(days=goal["due_in_days"]),
            is_bite=goal["horizon"] == "short",
        )
    # One insert for all of them: adding them one by one takes thousands of queries for the whole community.
    Listing.objects.bulk_create(
        listing_of(member, side, listing, position=position, topics=topics)
        for side in Side
        for position, listing in enumerate(entry[f"{side}s"])
    )
    if entry["paused"]:
        Profile.objects.filter(member=member).update(paused_until=clock.now() + PAUSE_LASTS)


def listing_of(
    member: User, side: Side, listing: dict[str, Any], *, position: int, topics: dict[str, Topic]
) -> Listing:
    """Return a listing of the file, not saved. Words that are no topic become one of the kind that the file names."""
    phrase, kind = listing["topic"], listing.get("kind")
    topic = topic_for(phrase, kind=kind) if kind else topics[phrase]
    details = {key: value for key, value in listing.items() if key not in {"topic", "kind"}}
    return Listing(member=member, side=side, topic=topic, phrase=phrase, kind=topic.kind, position=position, **details)


def language_of(entry: dict[str, Any]) -> str:
    """Return the language of pages and mails that a member of the file would choose."""
    return next((code for code in entry["languages"] if code in dict(settings.MEMBER_LANGUAGES)), "en")


def hours_of_week(free: dict[str, list[list[int]]]) -> list[int]:
    """Return the hours of a week, 0 is Monday 00:00, that spans such as {"mon": [[18, 21]]} cover."""
    return [
        DAYS.index(day) * 24 + hour for day, spans in free.items() for start, end in spans for hour in range(start, end)
    ]


def logins(entries: list[dict[str, Any]]) -> str:
    """Return the logins worth knowing, a line each, and the password that they share."""
    rows = [(entry["email"], entry["headline"] or "new here, nothing filled in yet") for entry in entries[:LOGINS]]
    rows.append((STAFF, "staff, for /admin/"))
    width = max(len(email) for email, _who in rows)
    lines = [f"  {email:<{width}}  {who}" for email, who in rows]
    return "\n".join([f"Demo logins, all with the password {PASSWORD}", *lines])
