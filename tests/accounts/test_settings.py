"""A member says how they want it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts import clock
from accounts.actions import pausing
from accounts.actions.blocks import block
from accounts.models import Profile
from accounts.rules import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def insider(client_of, ada):
    return client_of(ada)


def page(client, name: str) -> str:
    return client.get(reverse(name)).content.decode()


def test_settings_say_how_everything_is_now(insider, ada):
    shown = page(insider, "settings")
    for words in ("ada@example.org", "Two-step login is off", "London", "English", "Partners can find you", "Nobody"):
        assert words in shown


def test_a_stranger_is_sent_to_log_in(client):
    for name in (
        "settings",
        "preferences",
        "pause",
        "blocked",
        "totp_qr",
        "download",
        "download_zip",
        "delete_account",
    ):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_settings_make_no_more_queries_with_more_of_everything(
    insider, ada, ben, chloe, dan, django_assert_max_num_queries
):
    for other in (ben, chloe, dan):
        block(by=ada, member=other)
    insider.get(reverse("settings"))
    for name in ("settings", "blocked"):
        with django_assert_max_num_queries(12):
            insider.get(reverse(name))


class TestPreferences:
    def test_zone_and_language_are_changed_and_free_hours_follow_the_clock(self, insider, ada):
        before = ada.profile.hour_starts
        response = insider.post(reverse("preferences"), {"time_zone": "Asia/Kathmandu", "language": "fr"})
        assert response.url == reverse("settings")
        ada = type(ada).objects.get(pk=ada.pk)
        assert (ada.time_zone, ada.language, ada.profile.utc_offset) == ("Asia/Kathmandu", "fr", 345)
        assert ada.profile.free_hours == [18, 19, 20]
        assert ada.profile.hour_starts != before

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../UTC", "utc\n", "Europe/Paris\0"])
    def test_what_is_no_zone_is_refused_and_the_page_still_works(self, insider, ada, zone):
        response = insider.post(reverse("preferences"), {"time_zone": zone, "language": "en"})
        assert (response.status_code, list(response.context["form"].errors)) == (200, ["time_zone"])

    def test_a_language_that_the_pages_cannot_speak_yet_is_kept(self, insider, ada):
        insider.post(reverse("preferences"), {"time_zone": "Europe/Paris", "language": "fr"})
        response = insider.get(reverse("settings"))
        assert 'lang="en-gb"' in response.content.decode()
        assert "French" in response.content.decode()

    def test_the_page_says_what_time_it_is_there(self, insider, ada):
        local = clock.now().astimezone(ZoneInfo("Europe/London"))
        around = {f"{local + dt.timedelta(minutes=minutes):%H:%M}" for minutes in (-1, 0, 1)}
        shown = page(insider, "preferences")
        assert any(f"In London it is {time} now" in shown for time in around)

    def test_pages_are_on_the_members_clock(self, insider, ada, rf):
        from accounts.middleware import MemberMiddleware

        seen = []
        request = rf.get("/")
        request.user = ada

        def see(request):
            from django.http import HttpResponse

            seen.append((timezone.get_current_timezone_name(), translation.get_language()))
            return HttpResponse()

        response = MemberMiddleware(see)(request)
        assert seen == [("Europe/London", "en-gb")]
        assert response["Cache-Control"] == "private, no-store"
        assert timezone.get_current_timezone_name() == "UTC"


class TestPause:
    def test_until_a_day_on_the_members_own_clock(self, insider, ada, ben):
        day = clock.now().astimezone(ZoneInfo("Europe/London")).date() + dt.timedelta(days=10)
        insider.post(reverse("pause"), {"until": day.isoformat()})
        profile = Profile.objects.get(member=ada)
        assert profile.paused_until == dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo("Europe/London"))
        assert profile.is_looking
        assert not Profile.objects.visible_to(ben).filter(member=ada).exists()
        assert "Paused until" in page(insider, "settings")

    def test_without_a_day_until_they_come_back(self, insider, ada, ben):
        insider.post(reverse("pause"), {"until": ""})
        assert not Profile.objects.visible_to(ben).filter(member=ada).exists()
        assert "Paused until you come back" in page(insider, "settings")
        insider.post(reverse("resume"))
        assert Profile.objects.visible_to(ben).filter(member=ada).exists()
        assert "Partners can find you" in page(insider, "settings")

    def test_it_ends_by_itself(self, ada, ben):
        Profile.objects.filter(member=ada).update(paused_until=clock.now())
        assert Profile.objects.visible_to(ben).filter(member=ada).exists()

    @pytest.mark.parametrize("until", ["yesterday", "2020-01-01", "9999-12-31", "2026-02-31"])
    def test_a_day_that_is_none_or_past_is_refused(self, insider, ada, until):
        response = insider.post(reverse("pause"), {"until": until})
        assert (response.status_code, list(response.context["form"].errors)) == (200, ["until"])
        assert Profile.objects.get(member=ada).paused_until is None

    def test_the_action_refuses_a_day_that_has_begun(self, ada):
        with pytest.raises(Refused):
            pausing.pause(by=ada, until=clock.now().astimezone(ZoneInfo("Europe/London")).date())

    def test_coming_back_is_no_link(self, insider):
        assert insider.get(reverse("resume")).status_code == 405


class TestBlocked:
    def test_whom_i_blocked_is_listed_and_can_be_unblocked(self, insider, ada, ben):
        assert "You have blocked nobody" in page(insider, "blocked")
        block(by=ada, member=ben)
        assert "Ben Carter" in page(insider, "blocked")
        insider.post(reverse("partner_unblock", args=[ben.pk]))
        assert "You have blocked nobody" in page(insider, "blocked")

    def test_who_blocked_me_is_not(self, insider, ada, ben):
        block(by=ben, member=ada)
        assert "Ben Carter" not in page(insider, "blocked")
