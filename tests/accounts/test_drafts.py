import pytest
from django.urls import reverse

from accounts.actions.profiles import save_preferences, save_profile
from accounts.models import Draft, Goal


@pytest.mark.parametrize(
    ("draft", "page", "typed"),
    [
        ("goal", "welcome_goal", {"text": "Half a goal", "due_on": "2020-13-45"}),
        ("offer", "welcome_offers", {"phrase": "Half an offer", "level": "3"}),
        ("need", "welcome_needs", {"phrase": "", "difference": "Half a wish"}),
        ("rhythm", "welcome_rhythm", {"hours_per_week": "77", "free_hours": ["19", "20"], "time_zone": "Asia/Tokyo"}),
        ("profile", "profile_edit", {"name": "", "about": "Half a life"}),
    ],
)
def test_what_is_typed_is_there_when_they_come_back(dan, ada, client_of, draft, page, typed):
    client = client_of(dan)
    assert client.post(reverse("draft_save", args=[draft]), typed).status_code == 204
    form = client.get(reverse(page)).context["form"]
    assert {name: form[name].value() or "" for name in typed} == typed
    assert form.is_draft
    assert not client_of(ada).get(reverse(page)).context["form"].is_draft


@pytest.mark.parametrize("page", ["welcome_goal", "welcome_offers", "welcome_needs", "welcome_rhythm"])
def test_a_step_that_is_skipped_keeps_what_was_typed(dan, client_of, page):
    client = client_of(dan)
    field = {"welcome_goal": "text", "welcome_rhythm": "hours_per_week"}.get(page, "words")
    response = client.post(reverse(page), {field: "12 roses", "skip": "1"})
    assert response.status_code == 302
    assert client.get(reverse(page)).context["form"].initial[field] == "12 roses"


def test_a_form_that_was_sent_leaves_no_draft(dan, client_of):
    client = client_of(dan)
    client.post(reverse("draft_save", args=["goal"]), {"text": "Half a goal"})
    client.post(reverse("welcome_goal"), {"text": "A goal"})
    assert not Draft.objects.exclude(values={}).exists()
    assert Goal.objects.get().text == "A goal"


def test_an_empty_form_is_not_kept(dan, client_of):
    client_of(dan).post(reverse("draft_save", args=["goal"]), {"text": "  "})
    assert not Draft.objects.exclude(values={}).exists()


def test_odd_characters_do_no_harm(dan, client_of):
    client = client_of(dan)
    assert client.post(reverse("draft_save", args=["goal"]), {"text": "A\x00 goal 👩‍🏫 هدف"}).status_code == 204
    assert client.get(reverse("welcome_goal")).context["form"].initial["text"] == "A goal 👩‍🏫 هدف"


def test_what_is_no_field_of_the_form_is_not_kept(dan, client_of):
    typed = {"text": "A goal", "odd\x00name": "x", "csrfmiddlewaretoken": "y", "difference": "of another form"}
    assert client_of(dan).post(reverse("draft_save", args=["goal"]), typed).status_code == 204
    assert Draft.objects.get().values == {"text": ["A goal"]}


def test_only_known_forms_are_kept(dan, client_of):
    assert client_of(dan).post(reverse("draft_save", args=["password"]), {"text": "x"}).status_code == 404


def kept(person) -> dict:
    return {draft.form: draft.values for draft in Draft.objects.filter(member=person).exclude(values={})}


def untouched(client, page) -> dict:
    """What the browser posts of a form in which nothing was touched."""
    form = client.get(reverse(page)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, [], False)}


@pytest.mark.parametrize("page", ["welcome_goal", "welcome_offers", "welcome_needs", "welcome_rhythm"])
@pytest.mark.parametrize("who", ["dan", "ada"])
def test_skipping_an_untouched_step_keeps_nothing(request, client_of, page, who):
    person = request.getfixturevalue(who)
    client = client_of(person)
    client.post(reverse(page), {**untouched(client, page), "skip": "1"})
    assert kept(person) == {}
    assert not client.get(reverse(page)).context["form"].is_draft


def test_only_what_was_changed_is_kept_so_that_no_old_zone_comes_back(ada, client_of):
    client = client_of(ada)
    client.post(reverse("welcome_rhythm"), {**untouched(client, "welcome_rhythm"), "hours_per_week": "7", "skip": "1"})
    assert kept(ada) == {"rhythm": {"hours_per_week": ["7"]}}
    save_preferences(by=ada, time_zone="Asia/Tokyo", language="en")
    form = client.get(reverse("rhythm_edit")).context["form"]
    assert (form["time_zone"].value(), form["hours_per_week"].value()) == ("Asia/Tokyo", "7")


def test_what_was_taken_away_is_kept_as_well(ada, client_of):
    client = client_of(ada)
    left = {name: value for name, value in untouched(client, "rhythm_edit").items() if name != "media"}
    client.post(reverse("draft_save", args=["rhythm"]), left | {"languages": ["fr"]})
    assert kept(ada) == {"rhythm": {"languages": ["fr"], "media": []}}
    form = client.get(reverse("rhythm_edit")).context["form"]
    assert (form["languages"].value(), form["media"].value()) == (["fr"], [])


def test_who_puts_everything_back_has_no_draft(ada, client_of):
    client = client_of(ada)
    before = untouched(client, "profile_edit")
    client.post(reverse("draft_save", args=["profile"]), before | {"about": "Something new"})
    assert kept(ada) == {"profile": {"about": ["Something new"]}}
    client.post(reverse("draft_save", args=["profile"]), before)
    assert kept(ada) == {}


def test_line_breaks_of_a_browser_are_no_change(ada, client_of):
    save_profile(by=ada, name="Ada Bright", headline="", about="One\nTwo", contact="")
    client = client_of(ada)
    typed = untouched(client, "profile_edit") | {"about": "One\r\nTwo"}
    client.post(reverse("draft_save", args=["profile"]), typed)
    assert kept(ada) == {}


def test_start_afresh_throws_the_draft_away_and_leads_back(dan, client_of):
    client = client_of(dan)
    assert "Start afresh" not in client.get(reverse("welcome_goal")).content.decode()
    client.post(reverse("draft_save", args=["goal"]), {"text": "Half a goal"})
    assert "Start afresh" in client.get(reverse("welcome_goal")).content.decode()
    sent = {"text": "Half a goal", "draft_back": "/welcome/goal/", "draft_page": "this-page"}
    answer = client.post(reverse("draft_discard", args=["goal"]), sent)
    assert (answer.status_code, answer.url) == (302, "/welcome/goal/")
    assert kept(dan) == {}
    # What was still under way from that page does not bring it back.
    client.post(reverse("draft_save", args=["goal"]), {"text": "Half a goal", "draft_page": "this-page"})
    assert kept(dan) == {}


def test_start_afresh_leads_nowhere_else(dan, client_of):
    client = client_of(dan)
    answer = client.post(reverse("draft_discard", args=["goal"]), {"draft_back": "https://evil.example/"})
    assert answer.url == reverse("home")
    assert client.post(reverse("draft_discard", args=["password"])).status_code == 404


def test_what_arrives_after_the_form_was_sent_is_not_kept(dan, client_of):
    client = client_of(dan)
    client.post(reverse("welcome_goal"), {"text": "A goal", "draft_page": "first"})
    late = client.post(reverse("draft_save", args=["goal"]), {"text": "A go", "draft_page": "first"})
    assert late.status_code == 204
    assert kept(dan) == {}
    client.post(reverse("draft_save", args=["goal"]), {"text": "A new goal", "draft_page": "second"})
    assert kept(dan) == {"goal": {"text": ["A new goal"]}}
