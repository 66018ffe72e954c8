import pytest
from django.urls import reverse

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
    assert {name: form.initial[name] for name in typed} == typed
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
    assert not Draft.objects.exists()
    assert Goal.objects.get().text == "A goal"


def test_an_empty_form_is_not_kept(dan, client_of):
    client_of(dan).post(reverse("draft_save", args=["goal"]), {"text": "  "})
    assert not Draft.objects.exists()


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
