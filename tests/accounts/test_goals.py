import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Goal

TODAY = timezone.localdate


@pytest.fixture
def goal_of_dan(dan, client_of):
    client_of(dan).post(reverse("goal_edit", args=["short"]), {"text": "Send one chapter"})
    return Goal.objects.get(member=dan)


def facts(goal: Goal) -> tuple:
    return goal.horizon, goal.text, goal.indicator, goal.due_on, goal.outcome


def test_it_is_written_and_changed(dan, client_of):
    client = client_of(dan)
    due = TODAY() + dt.timedelta(days=30)
    url = reverse("goal_edit", args=["short"])
    response = client.post(url, {"text": "Send one chapter", "indicator": "A reader has it", "due_on": due})
    assert response.url == reverse("goals")
    client.post(url, {"text": "Send two chapters", "indicator": "", "due_on": ""})
    assert [facts(goal) for goal in Goal.objects.filter(member=dan)] == [("short", "Send two chapters", "", None, "")]


def test_a_short_goal_can_be_a_bite_of_the_long_one(dan, client_of):
    client = client_of(dan)
    client.post(reverse("goal_edit", args=["long"]), {"text": "Publish a novel"})
    client.post(reverse("goal_edit", args=["short"]), {"text": "Send one chapter", "is_bite": "on"})
    assert Goal.objects.get(member=dan, horizon="short").part_of.text == "Publish a novel"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text", "   ", "Write down your goal, in a sentence."),
        ("due_on", "2020-01-01", "That day has passed. Choose one that is still to come."),
        ("due_on", "2199-01-01", "A goal for about a month ends within the next three months. Choose an earlier date."),
        ("due_on", "soon", "Enter a valid date."),
        ("text", "x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
    ],
)
def test_what_is_refused_is_said_and_stays_in_the_form(dan, client_of, field, value, sentence):
    typed = {"text": "Send one chapter", "indicator": "A reader has it", field: value}
    response = client_of(dan).post(reverse("goal_edit", args=["short"]), typed)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count(sentence) == 2  # in the summary, and at the field
    assert "A reader has it" in page
    assert not Goal.objects.exists()


def test_it_is_reached_and_that_can_be_undone(dan, client_of, goal_of_dan):
    client = client_of(dan)
    response = client.post(reverse("goal_end", args=[goal_of_dan.pk, "reached"]), follow=True)
    goal_of_dan.refresh_from_db()
    assert (goal_of_dan.outcome, goal_of_dan.ended_at is None) == ("reached", False)
    undo = reverse("goal_reopen", args=[goal_of_dan.pk])
    assert f'action="{undo}"' in response.content.decode()
    client.post(undo)
    goal_of_dan.refresh_from_db()
    assert (goal_of_dan.outcome, goal_of_dan.ended_at) == ("", None)


def test_it_is_not_brought_back_over_a_new_one(dan, client_of, goal_of_dan):
    client = client_of(dan)
    client.post(reverse("goal_end", args=[goal_of_dan.pk, "let_go"]))
    client.post(reverse("goal_edit", args=["short"]), {"text": "Something else"})
    response = client.post(reverse("goal_reopen", args=[goal_of_dan.pk]), follow=True)
    assert "You have set a new goal meanwhile." in response.content.decode()
    assert Goal.objects.get(member=dan, ended_at=None).text == "Something else"


def test_a_stranger_gets_404(ada, client_of, goal_of_dan):
    client = client_of(ada)
    assert client.post(reverse("goal_end", args=[goal_of_dan.pk, "reached"])).status_code == 404
    assert client.post(reverse("goal_reopen", args=[goal_of_dan.pk])).status_code == 404
    assert "Send one chapter" not in client.get(reverse("goals")).content.decode()


def test_what_is_said_is_what_became_of_it(dan, client_of, goal_of_dan):
    client = client_of(dan)
    client.post(reverse("goal_end", args=[goal_of_dan.pk, "let_go"]))
    response = client.post(reverse("goal_end", args=[goal_of_dan.pk, "reached"]), follow=True)
    assert "You let that goal go." in response.content.decode()
    assert "You reached it." not in response.content.decode()


def test_there_is_an_end_to_goals_and_it_is_said_beside_what_was_typed(dan, client_of, goal_of_dan, monkeypatch):
    monkeypatch.setattr("accounts.actions.goals.MOST_GOALS", 1)
    client = client_of(dan)
    client.post(reverse("goal_end", args=[goal_of_dan.pk, "let_go"]))
    response = client.post(reverse("goal_edit", args=["short"]), {"text": "Another one"})
    assert "That is a great many goals." in response.content.decode()
    assert "Another one" in response.content.decode()
    assert Goal.objects.count() == 1
