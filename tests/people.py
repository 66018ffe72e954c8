"""Members for tests, made the way the application makes them."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.actions.goals import set_goal
from accounts.actions.listings import add_listing
from accounts.actions.profiles import save_profile, save_rhythm
from accounts.models import User

PASSWORD = "a-password-for-tests"
# Hashing is slow on purpose; once is enough. Tests hash in another way than the server before which a browser stands.
_HASHED: dict[str, str] = {}


def member(email: str, name: str, *, is_confirmed: bool = True, **fields) -> User:
    """Return a new member with a name and a confirmed address, who has said nothing else yet."""
    hasher = settings.PASSWORD_HASHERS[0]
    if hasher not in _HASHED:
        _HASHED[hasher] = make_password(PASSWORD)
    person = User.objects.create_user(email, None, name=name, **fields)
    person.password = _HASHED[hasher]
    person.save(update_fields=["password"])
    EmailAddress.objects.create(user=person, email=email, verified=is_confirmed, primary=True)
    return person


def settle(
    person: User,
    *,
    offers: dict[str, int],
    needs: dict[str, int],
    hours: tuple[int, ...] = (18, 19, 20),
    languages: tuple[str, ...] = ("en",),
    time_zone: str = "Europe/London",
    headline: str = "",
) -> User:
    """Give a member offers (topic: level), needs (topic: importance), hours, languages and a goal."""
    save_profile(by=person, name=person.profile.name, headline=headline, about="Says hello to everybody.")
    for phrase, level in offers.items():
        add_listing(by=person, side="offer", kind="skill", phrase=phrase, words=f"I know {phrase}.", level=level)
    for phrase, importance in needs.items():
        add_listing(by=person, side="need", kind="skill", phrase=phrase, words="", importance=importance)
    save_rhythm(
        by=person, hours_per_week=3, free_hours=hours, languages=languages, media=["video"], time_zone=time_zone
    )
    set_goal(by=person, horizon="short", text=f"{person.profile.name} finishes a draft", indicator="", due_on=None)
    person.refresh_from_db()  # the actions wrote to rows, not to this object
    return person
