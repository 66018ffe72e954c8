"""Communities made up or read from a file, and whom a member is suggested, as the commands say it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Block, Listing, TopicNeighbour, User
from matching.actions.candidates import rebuild
from matching.ranking import rank
from peermentor.communities.made_up import Rule, people, populate

pytestmark = pytest.mark.django_db

COMMUNITY = [
    {"topic": "Sewing", "kind": "skill"},
    {"topic": "Tailoring"},
    {"similar": ["Sewing", "Tailoring"], "hundredths": 60},
    {
        "member": "ann@example.org",
        "name": "Ann",
        "time_zone": "Europe/London",
        "languages": ["en"],
        "free": [18, 19],
        "offers": [{"topic": "Baking", "level": 3}],
        "needs": [{"topic": "Sewing", "importance": 2}],
    },
    {
        "member": "bob@example.org",
        "languages": ["en", "fr"],
        "free": [18],
        "offers": [{"topic": "Tailoring", "level": 2}],
        "needs": [{"topic": "baking", "importance": 1}],
    },
    {"member": "cy@example.org", "free": [18], "offers": [{"topic": "Sewing", "level": 3}]},
    {"member": "zoe@example.org", "free": [18], "offers": [{"topic": "Sewing", "level": 3}]},
    {"block": ["zoe@example.org", "ann@example.org"]},
]


def load(tmp_path, lines) -> str:
    file = tmp_path / "community.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    out = StringIO()
    call_command("load_community", str(file), stdout=out)
    return out.getvalue()


def suggested(email: str, **options) -> list[dict]:
    out = StringIO()
    call_command("suggest", email, "--json", stdout=out, **options)
    return json.loads(out.getvalue())["suggestions"]


def test_a_community_from_a_file_is_ranked_as_the_definition_says(tmp_path):
    assert "4 members, 2 topics, 1 similar pairs, 1 blocks." in load(tmp_path, COMMUNITY)
    both, one_way = suggested("ann@example.org")
    assert both["email"] == "bob@example.org"
    # Ann gets 2 × 60 × 8 of 2 × 1000, Bob gets everything.
    assert (both["gain"], both["their_gain"]) == (0.48, 1.0)
    assert both["score"] == pytest.approx(2 * 0.48 / 1.48)
    assert both["price"] == 1000
    assert "“Sewing”" in both["reasons"][0]
    assert "“Tailoring”" in both["reasons"][0]
    assert (one_way["email"], one_way["fit"]) == ("cy@example.org", "helps_me")
    assert TopicNeighbour.objects.count() == 2
    assert Block.objects.count() == 1
    assert rebuild() == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "Line 9: this is no JSON"),
        ("[]", "Line 9: a line is a topic"),
        ({"member": "nobody"}, "Line 9: the member is not as it should be: Enter a valid email"),
        ({"member": "x@example.org", "time_zone": "Mars"}, "no time zone is called 'Mars'"),
        ({"member": "x@example.org", "free": [168]}, "the hours of a week are 0 to 167"),
        ({"member": "x@example.org", "languages": ["tlh"]}, "no language has the code 'tlh'"),
        ({"member": "x@example.org", "offers": [{"topic": "Tea", "level": 4}]}, "level is 1, 2 or 3"),
        ({"member": "x@example.org", "offers": [{"topic": "…", "level": 1}]}, "names no topic"),
        ({"member": "ann@example.org"}, "ann@example.org is a member already"),
        ({"similar": ["Tea", "tea"], "hundredths": 50}, "similar by 1 to 100"),
        ('{"similar": ["Tea", "Milk"], "hundredths": 1e999}', "Line 9: the similar is not as it should be"),
        ('{"member": "x@example.org", "name": "\\ud800"}', "Line 9: the member is not as it should be"),
        (
            {"member": "x@example.org", "offers": [{"topic": "Violins", "level": 1, "kind": "magic"}]},
            "no kind is called 'magic'",
        ),
        ("[" * 100_000, "Line 9: this is nested too deeply"),
        ({"topic": "x" * 121}, "the name of a topic has 120 characters at most"),
        ({"member": "a@" + ".".join(["b" * 50] * 6) + ".org"}, "an address has 254 characters at most"),
        ({"block": ["ann@example.org", "nobody@example.org"]}, "nobody@example.org is no member of this file"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_loaded(tmp_path, line, words):
    with pytest.raises(CommandError) as refused:
        load(tmp_path, [*COMMUNITY, line])
    assert words in str(refused.value)
    assert "Nothing was loaded." in str(refused.value)
    assert not User.objects.exists()


def test_the_same_seed_makes_the_same_members():
    assert list(people(Rule(40, seed=5), list(range(1, 100)))) == list(people(Rule(40, seed=5), list(range(1, 100))))
    assert list(people(Rule(40, seed=5), list(range(1, 100)))) != list(people(Rule(40, seed=6), list(range(1, 100))))


def test_made_up_members_are_members_like_others():
    made = populate(Rule(60, topics=40))
    assert len(made) == User.objects.count() == 60
    assert rebuild() == 0
    some = [User.objects.get(pk=pk) for pk in made[:20]]
    found = [rank(member) for member in some]
    assert any(found)
    assert {row["member"] for row in suggested(some[0].email, limit=100)} == {
        place.member_id for place in rank(some[0], mutual=100, one_way=100)
    }
    assert not some[0].has_usable_password()
    # What follows from a change follows again.
    Listing.objects.filter(member=some[0]).delete()
    assert rebuild() == 0


def test_they_are_for_a_machine_of_ones_own(tmp_path, settings):
    settings.LAPTOP = False
    for command in (["populate", "--members", "1"], ["load_community", "x"]):
        with pytest.raises(CommandError, match="machine of your own"):
            call_command(*command)


def test_what_cannot_be_asked_for_is_said(tmp_path):
    with pytest.raises(CommandError, match="Nobody here has the address"):
        call_command("suggest", "nobody@example.org")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_community", str(tmp_path / "none"))
