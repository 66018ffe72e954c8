"""Two people on their way to a contract, made the way the application makes it."""

import datetime as dt

from accounts import clock
from accounts.models import User
from contracts import draft
from contracts.actions import drafting, ending, signing
from contracts.actions.holding import document, missing_in
from contracts.canonical import sha256
from contracts.models import Contract
from matching.actions.introductions import accept, invite
from matching.models import Introduction


def introduce(one: User, other: User) -> Introduction:
    """The two have both said that they want to talk."""
    introduction = invite(by=one, member_id=other.pk, note="Shall we?", every_weeks=1, minutes=60, weeks=8)
    accept(by=other, introduction_id=introduction.pk, seen_move=introduction.moves)
    introduction.refresh_from_db()
    return introduction


def fill(contract: Contract, by: User) -> Contract:
    """Say all that a contract needs, so that nothing is missing."""
    today = clock.local().date()
    soon, later = (today + dt.timedelta(days=days) for days in (7, 28))
    for side, name in (("first", "Ada"), ("second", "Ben")):
        change(
            contract,
            by,
            f"goal-{side}",
            {"short": f"{name} finishes", "by": later.isoformat(), "indicator": "It lies on the table", "long": ""},
        )
    push = {"way": "ask", "how": f"Ask me about {today:%A}", "believe": "It can be done", "consent": "yes"}
    change(contract, by, "push-first", push)
    promised = {"measure": "amount", "amount": "4", "unit": "hours", "by": later.isoformat()}
    for key, part in draft_of(contract).items():
        if key.startswith("commitment"):
            change(contract, by, key, {**promised, **{name: said for name, said in part.content.items() if said}})
    for gap in missing_in(contract, document(contract)):
        if gap.key.startswith("need"):
            drafting.set_elsewhere(by=by, contract_id=contract.pk, key=gap.key, is_elsewhere=True)
        elif gap.giver and not gap.key:
            content = {**promised, "giver": gap.giver, "what": "Listens well"}
            drafting.add_part(by=by, contract_id=contract.pk, kind="commitment", content=content)
    change(
        contract,
        by,
        "rhythm",
        {
            **draft_of(contract)["rhythm"].content,
            "weekday": str(soon.weekday()),
            "time": "18:00",
            "zone": "Europe/London",
            "first_on": soon.isoformat(),
            "medium": "video",
            "where": "https://meet.example/ada-and-ben",
        },
    )
    contract.refresh_from_db()
    return contract


def draft_of(contract: Contract) -> dict:
    return draft.read(Contract.objects.get(pk=contract.pk))


def change(contract: Contract, by: User, key: str, content: dict) -> None:
    """Change a part as it stands now."""
    part = draft_of(contract).get(key)
    drafting.change_part(by=by, contract_id=contract.pk, key=key, content=content, base=part.number if part else 0)


def put_name(contract: Contract, by: User) -> Contract:
    """Sign what stands there now."""
    contract = Contract.objects.get(pk=contract.pk)
    text = signing.text_to_sign(contract)
    return signing.sign(
        by=by,
        contract_id=contract.pk,
        shown_sha256=sha256(text),
        shown_head=contract.head,
        typed_name=by.profile.name,
        consent=signing.consent_words(),
    )


def in_force(one: User, other: User, **rhythm: str) -> Contract:
    """Return a contract that both have signed; `rhythm` is what it says otherwise than `fill` does."""
    contract = fill(drafting.start(by=one, introduction_id=introduce(one, other).pk), one)
    if rhythm:
        say_rhythm(contract, one, **rhythm)
    return put_name(put_name(contract, one), other)


def amend(contract: Contract, **rhythm: str) -> Contract:
    """Return the contract with another rhythm, which both have signed."""
    first, second = contract.first, contract.second
    assert first
    assert second
    ending.amend(by=first, contract_id=contract.pk)
    say_rhythm(contract, second, **rhythm)
    return put_name(put_name(contract, second), first)


def say_rhythm(contract: Contract, by: User, **rhythm: str) -> None:
    """Change what the draft says of when they meet; the weekday is that of the first meeting."""
    content = {**draft_of(contract)["rhythm"].content, **rhythm}
    weekday = dt.date.fromisoformat(content["first_on"]).weekday()
    change(contract, by, "rhythm", {**content, "weekday": str(weekday)})
