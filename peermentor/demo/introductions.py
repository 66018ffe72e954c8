"""The introductions of the demo community: made by the actions of the application, one by one, each on its own day."""

import json
import uuid
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.actions.profiles import save_profile
from accounts.models import User
from matching.actions import conversations, introductions, proposals
from matching.models import Introduction, Message, Proposal
from matching.proposing import Answer
from peermentor.demo.days import DOMAIN, days_ago

FILE = Path(__file__).with_name("introductions.json")
SIDES = ("inviter", "invited")
PARTIES = ("proposer", "one", "other")
RHYTHM = ("every_weeks", "minutes", "weeks")


def add_missing(entries: dict[str, Any]) -> None:
    """Write how members are reached and the introductions of the file; a pair that has one already is left alone."""
    by_name = {user.email.partition("@")[0]: user for user in User.objects.filter(email__endswith=DOMAIN)}
    for name, contact in entries["contacts"].items():
        _give_contact(by_name.get(name), contact)
    for entry in entries["introductions"]:
        pair = {side: by_name.get(entry[side]) for side in SIDES}
        if None not in pair.values() and not Introduction.objects.between(*pair.values()).exists():
            with transaction.atomic():
                _introduce(entry, pair)
    for entry in entries["proposals"]:
        three = {party: by_name.get(entry[party]) for party in PARTIES}
        if None not in three.values() and not Proposal.objects.between(three["one"], three["other"]).exists():
            with transaction.atomic():
                _propose(entry, three)
    # What ran out while nobody answered: no task has looked yet.
    introductions.lapse_all()


def are_complete(entries: dict[str, Any]) -> bool:
    """Whether each pair of the file has met. One query."""
    ours = Introduction.objects.filter(inviter__email__endswith=DOMAIN, invited__email__endswith=DOMAIN)
    met = {frozenset(pair) for pair in ours.values_list("inviter__email", "invited__email")}
    return all({f"{entry[side]}{DOMAIN}" for side in SIDES} in met for entry in entries["introductions"])


def read_file() -> dict[str, Any]:
    entries: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return entries


def _give_contact(member: User | None, contact: str) -> None:
    if member and not member.profile.contact:
        mine = member.profile
        save_profile(by=member, name=mine.name, headline=mine.headline, about=mine.about, contact=contact)


def _introduce(entry: dict[str, Any], pair: dict[str, User]) -> None:
    with days_ago(entry["days_ago"]):
        introduction = introductions.invite(
            by=pair["inviter"], member_id=pair["invited"].pk, note=entry["note"], **_rhythm(entry)
        )
    for step in entry["then"]:
        with days_ago(step["days_ago"]):
            _do(step, introduction, by=pair[step["by"]])
        introduction.refresh_from_db()


def _propose(entry: dict[str, Any], three: dict[str, User]) -> None:
    one, other = three["one"], three["other"]
    with days_ago(entry["days_ago"]):
        # Whoever plays with the demo may have blocked one of them, or paused.
        if {one.pk, other.pk} - {profile.pk for profile in proposals.acquaintances(three["proposer"])}:
            return
        proposal = proposals.propose(
            by=three["proposer"],
            one_id=one.pk,
            other_id=other.pk,
            note=entry["note"],
            other_note=entry["other_note"],
        )
    for step in entry["then"]:
        with days_ago(step["days_ago"]):
            proposals.answer(by=three[step["by"]], proposal_id=proposal.pk, says=Answer(step["says"]))


def _do(step: dict[str, Any], introduction: Introduction, *, by: User) -> None:
    verb, pk = step["do"], introduction.pk
    if verb == "message":
        conversations.send_message(by=by, introduction_id=pk, text=step["text"], token=uuid.uuid4())
    elif verb == "tick":
        conversations.tick(by=by, introduction_id=pk, item=step["item"], is_done=True)
    elif verb == "read":
        last = Message.objects.filter(introduction=introduction).order_by("-pk").values_list("pk", flat=True)[0]
        conversations.read(by=by, introduction_id=pk, up_to=last)
    elif verb == "invite":
        introductions.invite(by=by, member_id=introduction.other(by).pk, note=step["note"], **_rhythm(step))
    else:
        words = {name: step[name] for name in ("text", "reason") if name in step}
        rhythm = _rhythm(step) if "rhythm" in step else {}
        act = getattr(introductions, verb)
        act(by=by, introduction_id=pk, seen_move=introduction.moves, **words, **rhythm)


def _rhythm(step: dict[str, Any]) -> dict[str, int]:
    return dict(zip(RHYTHM, step["rhythm"], strict=True))
