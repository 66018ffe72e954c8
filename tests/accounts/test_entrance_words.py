import pytest
from django.test import Client
from django.urls import reverse

EMAIL = "Enter your e-mail address."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "typed", "sentences"),
    [
        ("account_login", {}, [EMAIL, "Enter your password."]),
        ("account_signup", {}, ["Enter the name partners should call you.", EMAIL, "Choose a password."]),
        (
            "account_signup",
            {"name": "Dan", "email": "dan@", "password1": "a-long-password"},
            ["Enter an e-mail address in the right form, like name@example.org."],
        ),
        ("account_reset_password", {}, [EMAIL]),
    ],
)
def test_what_is_missing_is_said_plainly_at_the_top_and_at_the_field(page, typed, sentences):
    response = Client().post(reverse(page), typed)
    answer = response.content.decode()
    assert [answer.count(sentence) for sentence in sentences] == [2] * len(sentences)
    assert "This field is required" not in answer
    assert 'placeholder="' not in answer
    for value in ("Dan", "dan@"):
        assert (f'value="{value}"' in answer) == (value in typed.values())


@pytest.mark.django_db
def test_the_rules_for_a_password_are_one_sentence():
    page = Client().get(reverse("account_signup")).content.decode()
    assert "At least 10 characters. A few words in a row are easy to remember" in page
    assert "<li>Your password" not in page
