"""A member sees where they are logged in, and ends what should not be."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.actions import housekeeping
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


def logged_in(agent: str, email: str = "ada@example.org") -> Client:
    client = Client(headers={"user-agent": agent})
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert is_inside(client)
    return client


def is_inside(client: Client) -> bool:
    return client.get(reverse("settings")).status_code == 200


def test_each_device_is_listed(ada):
    phone = logged_in("A Phone")
    logged_in("A Laptop")
    listed = phone.get(reverse("usersessions_list")).context["sessions"]
    assert {session.user_agent for session in listed} == {"A Phone", "A Laptop"}
    assert "Logged in on 2 devices" in phone.get(reverse("settings")).content.decode()


def test_the_others_can_be_ended(ada):
    phone, laptop = logged_in("A Phone"), logged_in("A Laptop")
    phone.post(reverse("usersessions_list"))
    assert (is_inside(phone), is_inside(laptop)) == (True, False)


def test_nobody_ends_or_sees_those_of_somebody_else(ada, ben):
    phone = logged_in("A Phone")
    other = logged_in("A Tablet", "ben@example.org")
    other.post(reverse("usersessions_list"))
    listed = other.get(reverse("usersessions_list")).context["sessions"]
    assert [session.user_agent for session in listed] == ["A Tablet"]
    assert is_inside(phone)


def test_what_is_over_leaves_the_list(ada):
    phone = logged_in("A Phone")
    logged_in("A Laptop")
    Session.objects.exclude(session_key=phone.session.session_key).delete()
    housekeeping.purge()
    assert list(UserSession.objects.values_list("user_agent", flat=True)) == ["A Phone"]


def test_a_new_password_can_end_the_others(ada):
    phone, laptop = logged_in("A Phone"), logged_in("A Laptop")
    phone.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    new = "another walk by the sea"
    phone.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    ada.refresh_from_db()
    assert ada.check_password(new)
    assert (is_inside(phone), is_inside(laptop)) == (True, False)
