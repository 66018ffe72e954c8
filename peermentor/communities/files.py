"""A community from a file of JSON lines (docs/communities.md says what each holds)."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import languages, text, zones
from accounts.actions.listings import topic_for
from accounts.models import Block, Topic, TopicNeighbour, User
from accounts.models.profiles import Medium
from accounts.models.topics import Kind
from accounts.week import HOURS
from peermentor.communities.people import Person, bring_in

ENGINE = "file"
LONGEST_EMAIL = User._meta.get_field("email").max_length or 0
LONGEST_NAME = Topic._meta.get_field("label_en").max_length or 0


class Wrong(Exception):
    """A line is not as docs/communities.md says. Nothing was loaded."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"Line {number}: {why}")


@dataclass
class Loaded:
    """What came of a file: how many of each, and the members' ids by address."""

    topics: int = 0
    similar: int = 0
    members: dict[str, int] = field(default_factory=dict)
    blocks: int = 0


def load(lines: Iterable[str]) -> Loaded:
    """Bring in the community of these lines. All or nothing: raises Wrong with the number of the line."""
    loaded = Loaded()
    with transaction.atomic():
        reading = _Reading(loaded)
        for number, line in enumerate(lines, start=1):
            if line.strip():
                reading.line(number, line)
        reading.end()
    return loaded


class _Reading:
    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.topics: dict[str, Topic] = {}
        self.people: list[tuple[int, Person]] = []
        self.blocks: list[tuple[int, str, str]] = []

    def line(self, number: int, line: str) -> None:
        try:
            said = json.loads(line)
        except json.JSONDecodeError as error:
            raise Wrong(number, f"this is no JSON ({error.msg}).") from None
        except RecursionError:
            raise Wrong(number, "this is nested too deeply.") from None
        kinds: Mapping[str, Callable[[int, dict[str, Any]], None]] = {
            "topic": self.topic,
            "similar": self.similar,
            "member": self.member,
            "block": self.block,
        }
        of = [kind for kind in kinds if isinstance(said, dict) and kind in said]
        if len(of) != 1:
            raise Wrong(number, "a line is a topic, a pair of similar topics, a member or a block.")
        try:
            json.dumps(said, ensure_ascii=False).encode()  # half a character, as "\ud800", can be stored nowhere
            kinds[of[0]](number, said)
        except (KeyError, TypeError, ValueError, OverflowError, ValidationError) as error:
            words = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise Wrong(number, f"the {of[0]} is not as it should be: {words}") from None

    def topic(self, number: int, said: dict[str, Any]) -> None:
        name, kind = text.one_line(str(said["topic"])), said.get("kind", Kind.SKILL)
        self._named(name, kind)
        self.loaded.topics += 1

    def similar(self, number: int, said: dict[str, Any]) -> None:
        one, another = (self._named(str(name)) for name in said["similar"])
        hundredths = int(said["hundredths"])
        if one == another or not 1 <= hundredths <= 100:
            raise ValueError("two topics are similar by 1 to 100 hundredths")
        for topic, neighbour in ((one, another), (another, one)):
            TopicNeighbour.objects.update_or_create(
                topic=topic, neighbour=neighbour, defaults={"similarity": hundredths, "engine": ENGINE}
            )
        self.loaded.similar += 1

    def member(self, number: int, said: dict[str, Any]) -> None:
        email = str(said["member"]).lower()
        validate_email(email)
        if len(email) > LONGEST_EMAIL:
            raise ValueError(f"an address has {LONGEST_EMAIL} characters at most")
        zone = str(said.get("time_zone", "UTC"))
        if zone not in zones.known():
            raise ValueError(f"no time zone is called {zone!r}")
        free = [int(hour) for hour in said.get("free", [])]
        if not all(0 <= hour < HOURS for hour in free):
            raise ValueError("the hours of a week are 0 to 167")
        spoken, media = list(said.get("languages", ["en"])), list(said.get("media", ["video"]))
        if unknown := [code for code in spoken if code not in languages.SPOKEN_LANGUAGES]:
            raise ValueError(f"no language has the code {unknown[0]!r}")
        if unknown := [medium for medium in media if medium not in Medium.values]:
            raise ValueError(f"nobody meets by {unknown[0]!r}")
        paused = said.get("paused_until")
        until = dt.datetime.fromisoformat(paused) if paused else None
        person = Person(
            email=email,
            name=text.one_line(str(said.get("name", email.partition("@")[0])))[:80],
            time_zone=zone,
            languages=spoken,
            media=media,
            free=free,
            offers=self._listed(said.get("offers", []), "level"),
            needs=self._listed(said.get("needs", []), "importance"),
            is_looking=bool(said.get("looking", True)),
            is_confirmed=bool(said.get("confirmed", True)),
            paused_until=until.replace(tzinfo=until.tzinfo or dt.UTC) if until else None,
        )
        self.people.append((number, person))

    def block(self, number: int, said: dict[str, Any]) -> None:
        blocker, blocked = said["block"]
        self.blocks.append((number, str(blocker).lower(), str(blocked).lower()))

    def end(self) -> None:
        seen: set[str] = set(
            User.objects.filter(email__in=[one.email for _n, one in self.people]).values_list("email", flat=True)
        )
        for number, person in self.people:
            if person.email in seen:
                raise Wrong(number, f"{person.email} is a member already.")
            seen.add(person.email)
        ids = bring_in(person for _number, person in self.people)
        self.loaded.members = dict(zip((person.email for _n, person in self.people), ids, strict=True))
        for number, *pair in self.blocks:
            if missing := [email for email in pair if email not in self.loaded.members]:
                raise Wrong(number, f"{missing[0]} is no member of this file.")
            blocker, blocked = (self.loaded.members[email] for email in pair)
            if blocker == blocked:
                raise Wrong(number, "nobody blocks themselves.")
            Block.objects.get_or_create(blocker_id=blocker, blocked_id=blocked)
            self.loaded.blocks += 1

    def _listed(self, things: list[dict[str, Any]], worth: str) -> dict[int, int]:
        """Return {topic id: level or importance}; of a topic that is named twice, the last."""
        found = {}
        for thing in things:
            value = int(thing[worth])
            if value not in (1, 2, 3):
                raise ValueError(f"{worth} is 1, 2 or 3")
            found[self._named(str(thing["topic"]), thing.get("kind", Kind.SKILL)).pk] = value
        if len(found) > 200:
            raise ValueError("200 of a side at most")
        return found

    def _named(self, name: str, kind: str = Kind.SKILL) -> Topic:
        if kind not in Kind.values:
            raise ValueError(f"no kind is called {kind!r}")
        key = text.key(name)
        if not key:
            raise ValueError(f"{name!r} names no topic")
        if len(text.one_line(name)) > LONGEST_NAME:
            raise ValueError(f"the name of a topic has {LONGEST_NAME} characters at most")
        if key not in self.topics:
            self.topics[key] = topic_for(name, kind=kind)
        return self.topics[key]
