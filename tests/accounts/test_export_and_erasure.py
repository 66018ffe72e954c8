"""Whatever points at a member has been decided about: what is exported, and what becomes of it when they leave."""

from collections import Counter

import pytest
from django.apps import apps
from django.db.models import CASCADE, ForeignKey

from accounts.held import Erasure, Held, holdings
from accounts.models import User


def keys_to_members() -> list[ForeignKey]:
    """Return every foreign key to a member, of our models and of those that we use."""
    return [
        field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.remote_field.model is User
    ]


def named(field: ForeignKey) -> tuple[str, str]:
    return field.model._meta.label, field.name


HELD = list(holdings())


def is_reached(held: Held) -> bool:
    """Whether the rows are found without a key of their own to the member."""
    return held.model == "accounts.User" or "__" in held.member


def test_every_foreign_key_to_a_member_is_decided_once():
    decided = Counter((held.model, held.member) for held in HELD if not is_reached(held))
    assert dict(decided) == {named(field): 1 for field in keys_to_members()}


def test_the_test_sees_keys_of_ours_of_others_and_of_tables_between():
    assert {
        ("accounts.Listing", "member"),
        ("account.EmailAddress", "user"),
        ("accounts.User_groups", "user"),
        ("admin.LogEntry", "user"),
    } <= {named(field) for field in keys_to_members()}


@pytest.mark.parametrize("held", HELD, ids=lambda held: f"{held.model}.{held.member}")
def test_what_is_declared_is_what_the_database_does(held: Held):
    if is_reached(held):
        return
    field = apps.get_model(held.model)._meta.get_field(held.member)
    goes = field.remote_field.on_delete is CASCADE
    assert goes is (held.erasure is Erasure.GOES)


@pytest.mark.parametrize("held", HELD, ids=lambda held: f"{held.model}.{held.member}")
def test_what_is_not_exported_says_why(held: Held):
    assert bool(held.fields) is not bool(held.why)


@pytest.mark.django_db
@pytest.mark.parametrize("held", HELD, ids=lambda held: f"{held.model}.{held.member}")
def test_every_table_can_be_read(held: Held, ada):
    if held.fields:
        assert len(held.rows(ada.pk)) == held.count(ada.pk)


def test_no_two_files_of_the_download_have_one_name():
    names = Counter(held.name for held in HELD if held.fields)
    assert max(names.values()) == 1


def test_every_field_of_our_own_about_a_member_is_exported_or_known_to_be_derived():
    """A new field has to be put into the download, or here."""
    left_out = {
        "accounts.User": {"id", "password", "is_active", "is_staff", "is_superuser"},
        "accounts.Profile": {"member", "hour_starts", "utc_offset"},
        "accounts.Goal": {"member"},
        "accounts.Listing": {"id", "member"},
        "accounts.Draft": {"id", "member"},
        "accounts.Block": {"id", "blocker"},
        # How a mail is sent, and what it needs until then.
        "accounts.Notice": {
            *("id", "member", "key", "context", "expires_at", "next_attempt_at", "attempts", "faults"),
            *("lease_until", "claim", "last_error", "joins", "leader"),
        },
        "accounts.MailChoices": {"member"},
        # Whose turn it was, of what has been: the moves tell it.
        "matching.Introduction": {"turn_of", "rhythm_by", "moves"},
        "matching.IntroductionMove": {"id", "author", "by"},
        "matching.Message": {"author", "token"},
        "matching.Reading": {"id", "member"},
        "matching.AgendaTick": {"id", "member"},
    }
    in_one_of_them: dict[str, set[str]] = {}
    for held in HELD:
        if held.fields and held.model in left_out:
            exported = {field.partition("__")[0].removesuffix("_id") for field in held.fields}
            in_one_of_them.setdefault(held.model, set()).update(exported)
    for model, exported in in_one_of_them.items():
        all_fields = {field.name for field in apps.get_model(model)._meta.concrete_fields}
        assert all_fields - exported == left_out[model], model
