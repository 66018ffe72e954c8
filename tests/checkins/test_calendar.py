"""Meetings in a calendar: two readers that are not ours see exactly the meetings that there are."""

import datetime as dt
import random
import re
from email import policy
from email.parser import BytesParser
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts import clock
from accounts.actions.erasing import erase
from accounts.actions.pausing import pause as hide
from accounts.models import Profile, User
from checkins import calendars, series
from checkins.actions import feeds, meetings
from checkins.models import CalendarFeed, Pause
from contracts.actions import ending
from contracts.actions.blocks import block
from contracts.models import Contract
from peermentor.demo.days import days_ago
from tests.checkins import readers
from tests.pairs import amend, in_force

pytestmark = pytest.mark.django_db

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)


def address(member: User) -> str:
    return reverse("calendar_feed", args=[feeds.renew(by=member).token])


def written(member: User) -> bytes:
    return calendars.feed(member, clock.now())


def there(*contracts: Contract) -> list[readers.Event]:
    found = series.read(Contract.objects.filter(pk__in=[contract.pk for contract in contracts]))
    return sorted((one.at, one.minutes) for each in found.values() for one in each.all() if one.takes_place)


def assert_shows(member: User, *contracts: Contract) -> bytes:
    file, expected = written(member), there(*contracts)
    assert readers.by_names(file) == expected
    assert readers.by_definitions(file) == expected
    return file


def day(days: int) -> dt.date:
    return (clock.now() + days * DAY).date()


def gap_of(zone: str) -> tuple[dt.date, str]:
    """Return the next day, at least three weeks from now, on which a time is missing in a zone, with that time."""
    place, at = ZoneInfo(zone), clock.now().replace(minute=0, second=0, microsecond=0) + 3 * WEEK
    quarter = dt.timedelta(minutes=15)
    while (at + quarter).astimezone(place).utcoffset() <= at.astimezone(place).utcoffset():
        at += quarter
    missing = (at + quarter).astimezone(dt.timezone(at.astimezone(place).utcoffset()))
    return missing.date(), f"{missing:%H:%M}"


def test_a_contract_is_one_recurring_event(ada, ben):
    contract = in_force(ada, ben)
    file = assert_shows(ada, contract)
    [event] = Calendar.from_ical(file).walk("VEVENT")
    assert event["UID"] == f"contract-{contract.pk}@localhost"
    assert (event["SUMMARY"], event["LOCATION"]) == ("Meeting with Ben Carter", "https://meet.example/ada-and-ben")
    assert event["URL"] == f"http://localhost:8000/contracts/{contract.pk}/weeks/"
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert event["RRULE"]["FREQ"] == ["WEEKLY"]
    assert len(there(contract)) == 8


def test_the_other_party_reads_the_same_with_the_other_name(ada, ben):
    contract = in_force(ada, ben)
    assert b"Meeting with Ada Bright" in assert_shows(ben, contract)


@pytest.mark.parametrize("every_weeks", ["1", "2"])
@pytest.mark.parametrize(
    "zone", ["America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca", "Europe/London"]
)
def test_a_year_with_a_meeting_in_a_gap(ada, ben, zone, every_weeks):
    gap, time = gap_of(zone)
    contract = in_force(
        ada, ben, zone=zone, time=time, every_weeks=every_weeks, weeks="52", first_on=f"{gap - 2 * WEEK}"
    )
    assert sum(one.is_shifted for one in series.of(contract).all()) >= 1
    file = assert_shows(ada, contract)
    assert file.count(b"RECURRENCE-ID") == sum(one.is_shifted for one in series.of(contract).all())


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Europe/Dublin", "America/Nuuk", "UTC"])
@pytest.mark.parametrize("time", ["00:00", "01:30", "23:45"])
def test_a_year_in_other_zones(ada, ben, zone, time):
    assert_shows(ada, in_force(ada, ben, zone=zone, time=time, weeks="52", first_on=f"{day(5)}"))


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_gap_at_the_beginning_and_at_the_end(ada, ben, first):
    gap, time = gap_of("America/New_York")
    contract = in_force(ada, ben, zone="America/New_York", time=time, weeks="3", first_on=f"{gap - first * WEEK}")
    assert [one.is_shifted for one in series.of(contract).all()] == [n == first for n in range(3)]
    assert_shows(ada, contract)


def test_moved_cancelled_paused_and_back(ada, ben):
    contract = in_force(ada, ben, weeks="12")
    days = [one.on for one in series.of(contract).all()]
    told = {"contract_id": contract.pk, "note": "A secret of ours"}
    move = {"to_time": dt.time(7, 15), "zone": "Pacific/Chatham", "seen": 0, **told}
    meetings.move(by=ada, on=days[0], to_on=days[0] + DAY, **move)
    meetings.move(by=ben, on=days[3], to_on=days[3] + 20 * DAY, **move)
    meetings.cancel(by=ada, on=days[1], seen=0, **told)
    meetings.cancel(by=ada, on=days[5], seen=0, **told)
    meetings.put_back(by=ben, contract_id=contract.pk, on=days[5])
    said = meetings.pause(by=ben, from_on=days[7], until_on=days[9], **told)
    file = assert_shows(ada, contract)
    assert (file.count(b"EXDATE"), file.count(b"RECURRENCE-ID")) == (4, 2)
    assert b"secret" not in file
    meetings.lift(by=ada, contract_id=contract.pk, pause_id=said.pk)
    assert assert_shows(ada, contract).count(b"EXDATE") == 1


def test_the_first_and_the_last_are_cancelled_and_then_all(ada, ben):
    contract = in_force(ada, ben, weeks="4")
    days = [one.on for one in series.of(contract).all()]
    for on in (days[0], days[3], days[1], days[2]):
        meetings.cancel(by=ada, contract_id=contract.pk, on=on, note="", seen=0)
        assert_shows(ada, contract)
    assert there(contract) == []


def test_moved_in_a_gap_of_another_zone(ada, ben):
    gap, time = gap_of("Australia/Lord_Howe")
    contract = in_force(ada, ben, weeks="52")
    on = next(one.on for one in series.of(contract).all() if abs(one.on - gap) <= 7 * DAY)
    to = meetings.move(
        by=ada, contract_id=contract.pk, on=on, to_on=gap, to_time=dt.time.fromisoformat(time),
        zone="Australia/Lord_Howe", note="", seen=0,
    )  # fmt: skip
    assert to.is_shifted
    assert_shows(ada, contract)


@pytest.mark.parametrize(
    "said",
    [
        {"weeks": "20"},
        {"time": "07:30", "zone": "America/New_York"},
        {"minutes": "90"},
        {"every_weeks": "2"},
        {"first": 4, "weeks": "5"},
    ],
)
def test_an_amendment(ada, ben, said):
    contract = in_force(ada, ben)
    days = [one.on for one in series.of(contract).all()]
    meetings.cancel(by=ada, contract_id=contract.pk, on=days[0], note="", seen=0)
    move = {"contract_id": contract.pk, "to_time": dt.time(12), "zone": "Europe/London", "note": "", "seen": 0}
    meetings.move(by=ada, on=days[1], to_on=days[1] + 20 * DAY, **move)
    meetings.move(by=ada, on=days[4], to_on=days[4] + DAY, **move)
    before = _sequence(written(ada))
    with days_ago(-16):
        first_on = {"first_on": f"{day(said['first'])}"} if "first" in said else {}
        rhythm = {name: value for name, value in said.items() if name != "first"}
        amend(contract, **rhythm, **first_on)
        assert _sequence(assert_shows(ada, contract)) > before


def _sequence(file: bytes) -> int:
    numbers = {int(event["SEQUENCE"]) for event in Calendar.from_ical(file).walk("VEVENT")}
    assert len(numbers) == 1
    return numbers.pop()


def test_the_sequence_goes_up_with_every_change_and_the_identity_stays(ada, ben):
    contract = in_force(ada, ben)
    on = series.of(contract).all()[2].on
    file = written(ada)
    seen, uids = [_sequence(file)], set()
    for change in (
        lambda: meetings.cancel(by=ada, contract_id=contract.pk, on=on, note="", seen=0),
        lambda: meetings.put_back(by=ada, contract_id=contract.pk, on=on),
        lambda: meetings.pause(by=ada, contract_id=contract.pk, from_on=on, until_on=on, note=""),
        lambda: meetings.lift(by=ada, contract_id=contract.pk, pause_id=contract.pauses.get().pk),
        lambda: amend(contract, time="08:00"),
    ):
        change()
        file = written(ada)
        seen.append(_sequence(file))
        uids |= {str(event["UID"]) for event in Calendar.from_ical(file).walk("VEVENT")}
    assert seen == sorted(set(seen))
    assert uids == {f"contract-{contract.pk}@localhost"}


def test_a_contract_that_ended_keeps_its_past_for_a_while(ada, ben):
    contract = in_force(ada, ben)
    with days_ago(-20):
        ending.part(by=ben, contract_id=contract.pk)
        assert len(there(contract)) == 2
        assert_shows(ada, contract)
    with days_ago(-20 - 91):
        assert readers.by_names(written(ada)) == []


def test_two_contracts_in_one_feed(ada, ben, chloe):
    both = [in_force(ada, ben), in_force(ada, chloe, zone="Pacific/Chatham", time="23:45")]
    file = assert_shows(ada, *both)
    assert file.count(b"BEGIN:VTIMEZONE") == 2


ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
TIMES = ["00:00", "01:30", "02:00", "02:30", "12:10", "23:45"]


@pytest.mark.parametrize("seed", [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 30))])
def test_whatever_a_pair_does(ada, ben, seed):
    """A pair moves, cancels, pauses, waits and amends; after each step both readers see what there is."""
    draw = random.Random(seed)
    with days_ago(draw.randint(-200, 200)):
        rhythm = {"zone": draw.choice(ZONES), "time": draw.choice(TIMES), "every_weeks": draw.choice("12")}
        contract = in_force(ada, ben, **rhythm, weeks="30", first_on=f"{day(2)}")
        for step in range(8):
            with days_ago(-7.3 * step):
                do_something(draw, ada, contract)
                contract = Contract.objects.get(pk=contract.pk)
                assert_shows(ada, contract)


def do_something(draw: random.Random, by: User, contract: Contract) -> None:
    coming = [one for one in series.of(contract).all() if one.at > clock.now() and one.takes_place]
    one = draw.choice(coming)
    told = {"by": by, "contract_id": contract.pk, "note": ""}
    match draw.choice(["move", "move", "cancel", "pause", "amend"]):
        case "move":
            to_on = min(max(one.on + draw.randint(-28, 28) * DAY, day(2)), one.on + 28 * DAY)
            to_time = dt.time(draw.randint(0, 23), draw.choice([1, 16, 31, 46]))
            meetings.move(**told, on=one.on, seen=one.sequence, to_on=to_on, to_time=to_time, zone=draw.choice(ZONES))
        case "cancel":
            meetings.cancel(**told, on=one.on, seen=one.sequence)
        case "pause":
            for standing in Pause.objects.filter(contract=contract, lifted_at=None):
                meetings.lift(by=by, contract_id=contract.pk, pause_id=standing.pk)
            meetings.pause(**told, from_on=one.on, until_on=one.on + 16 * DAY)
        case "amend":
            first_on = day(draw.randint(-9, 9))
            amend(contract, time=draw.choice(TIMES), zone=draw.choice(ZONES), first_on=f"{first_on}")


def test_words_of_people_are_escaped_and_lines_are_folded(ada, ben):
    name = "Ben, “B;C”\\ 🙂" + "🙂" * 40
    Profile.objects.filter(member=ben).update(name=name)
    where = "Room 5; second floor, left\\right " + "é🙂" * 60
    contract = in_force(ada, User.objects.get(pk=ben.pk), medium="in_person", where=where)
    file = assert_shows(ada, contract)
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    [event] = Calendar.from_ical(file).walk("VEVENT")
    assert event["SUMMARY"] == f"Meeting with {name}"
    assert event["LOCATION"] == where
    import vobject

    read = vobject.readOne(file.decode()).vevent
    assert (read.summary.value, read.location.value) == (f"Meeting with {name}", where)


class TestAsking:
    def test_a_calendar_reads_it_logged_out(self, ada, ben):
        contract = in_force(ada, ben)
        response = Client().get(address(ada))
        assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        assert "private" in response["Cache-Control"]
        assert readers.by_names(response.content) == there(contract)
        assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in response.content
        assert not response.cookies

    def test_nothing_new_is_said_in_a_word(self, ada, ben):
        contract = in_force(ada, ben)
        url = address(ada)
        first = Client().get(url)
        etag, modified = first["ETag"], first["Last-Modified"]
        assert re.fullmatch(r'"[0-9a-f]{64}"', etag)
        for headers in ({"If-None-Match": etag}, {"If-None-Match": f"W/{etag}"}, {"If-Modified-Since": modified}):
            again = Client().get(url, headers=headers)
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        with days_ago(-1 / 24):
            assert Client().get(url, headers={"If-None-Match": etag}).status_code == 304
            on = series.of(contract).all()[0].on
            meetings.cancel(by=ada, contract_id=contract.pk, on=on, note="", seen=0)
            for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
                changed = Client().get(url, headers=headers)
                assert changed.status_code == 200
                assert changed["ETag"] != etag

    def test_a_new_name_is_something_new(self, ada, ben):
        in_force(ada, ben)
        url = address(ada)
        first = Client().get(url)
        with days_ago(-1):
            Profile.objects.filter(member=ben).update(name="Benjamin")
            again = Client().get(url, headers={"If-Modified-Since": first["Last-Modified"]})
            assert b"Meeting with Benjamin" in again.content

    def test_head_says_the_same_without_the_words(self, ada, ben):
        in_force(ada, ben)
        url = address(ada)
        head, get = Client().head(url), Client().get(url)
        assert (head.status_code, head.content) == (200, b"")
        assert (head["ETag"], head["Last-Modified"]) == (get["ETag"], get["Last-Modified"])

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_is_cheap(self, ada, ben, chloe, dan, count, django_assert_max_num_queries):
        for other in (ben, chloe, dan)[:count]:
            in_force(ada, other)
        url = address(ada)
        with django_assert_max_num_queries(6):
            Client().get(url)
        with django_assert_max_num_queries(5):
            Client().get(url)

    def test_who_asks_is_noted_now_and_then(self, ada):
        url = address(ada)
        assert CalendarFeed.objects.get().last_asked_at is None
        Client().get(url)
        first = CalendarFeed.objects.get().last_asked_at
        Client().get(url)
        assert CalendarFeed.objects.get().last_asked_at == first
        with days_ago(-1):
            Client().get(url)
            assert CalendarFeed.objects.get().last_asked_at > first


class TestWhoMayNot:
    def test_an_unknown_address_is_404(self, ada):
        url = address(ada)
        assert Client().get(f"{url[:-5]}x.ics").status_code == 404
        assert Client().get(reverse("calendar_feed", args=["x"])).status_code == 404
        assert Client().get(url.removesuffix(".ics")).status_code == 404

    def test_a_renewed_address_stops_the_old_one(self, ada, client_of):
        old = address(ada)
        client_of(ada).post(reverse("calendar_renew"))
        assert Client().get(old).status_code == 404
        assert Client().get(reverse("calendar_feed", args=[CalendarFeed.objects.get().token])).status_code == 200

    def test_a_closed_address_stops(self, ada, client_of):
        url = address(ada)
        client_of(ada).post(reverse("calendar_close"))
        assert Client().get(url).status_code == 404

    def test_who_may_not_log_in_reads_nothing(self, ada):
        url = address(ada)
        User.objects.filter(pk=ada.pk).update(is_active=False)
        assert Client().get(url).status_code == 404

    def test_who_has_left_is_forgotten_by_both(self, ada, ben):
        contract = in_force(ada, ben)
        mine, theirs = address(ada), address(ben)
        erase(by=ben, site_url="http://localhost")
        assert Client().get(theirs).status_code == 404
        assert b"VEVENT" not in Client().get(mine).content
        assert Contract.objects.get(pk=contract.pk).second is None

    def test_after_a_block_neither_reads_of_the_other(self, ada, ben):
        in_force(ada, ben)
        urls = [address(ada), address(ben)]
        block(by=ada, member=ben)
        assert not any(b"VEVENT" in Client().get(url).content for url in urls)

    def test_a_draft_is_not_told(self, ada, ben):
        contract = in_force(ada, ben)
        ending.amend(by=ada, contract_id=contract.pk)
        assert_shows(ada, contract)

    def test_who_does_not_want_to_be_found_still_meets(self, ada, ben):
        contract = in_force(ada, ben)
        hide(by=ada, until=None)
        assert_shows(ada, contract)
        assert_shows(ben, contract)

    def test_nothing_about_anybody_but_the_name_and_the_place(self, ada, ben):
        Profile.objects.filter(member=ben).update(contact="+44 20 0000 0000")
        in_force(ada, ben)
        file = written(ada)
        assert not any(word in file for word in (b"+44", b"ben@example.org", b"ada@example.org", b"ORGANIZER"))


class TestThePage:
    def test_an_address_is_made_when_it_is_asked_for(self, ada, client_of):
        client = client_of(ada)
        assert "Make my address" in client.get(reverse("calendar")).content.decode()
        assert not CalendarFeed.objects.exists()
        page = client.post(reverse("calendar_renew"), follow=True).content.decode()
        token = CalendarFeed.objects.get().token
        assert f"http://localhost:8000/calendar/{token}.ics" in page
        assert f"webcal://localhost:8000/calendar/{token}.ics" in page

    def test_a_file_of_one_contract(self, ada, ben, dan, client_of):
        contract = in_force(ada, ben)
        url = reverse("meetings_ics", args=[contract.pk])
        assert url in client_of(ada).get(reverse("calendar")).content.decode()
        response = client_of(ada).get(url)
        assert response["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        assert "attachment" in response["Content-Disposition"]
        assert readers.by_definitions(response.content) == there(contract)
        assert b"METHOD:PUBLISH" in response.content
        assert client_of(dan).get(url).status_code == 404

    def test_the_file_and_the_feed_name_a_contract_alike(self, ada, ben, client_of):
        contract = in_force(ada, ben)
        file = client_of(ada).get(reverse("meetings_ics", args=[contract.pk])).content
        uids = [re.findall(rb"UID:(\S+)", each) for each in (file, written(ada))]
        assert uids[0] == uids[1]

    def test_meetings_lead_there(self, ada, ben, client_of):
        in_force(ada, ben)
        assert reverse("calendar") in client_of(ada).get(reverse("meetings")).content.decode()


class TestTheMail:
    def test_the_mail_that_a_contract_is_in_force_brings_the_meetings(self, ada, ben, delivered):
        contract = in_force(ada, ben)
        mails = {mail.to[0]: mail for mail in delivered() if "is in force" in mail.subject}
        assert set(mails) == {ada.email, ben.email}
        for member, name in ((ada, "Ben Carter"), (ben, "Ada Bright")):
            parsed = BytesParser(policy=policy.default).parsebytes(mails[member.email].message().as_bytes())
            [file] = parsed.iter_attachments()
            assert (file.get_filename(), file.get_content_type()) == ("meetings.ics", "text/calendar")
            assert file["Content-Type"].params["method"] == "PUBLISH"
            content = file.get_content().encode()
            assert readers.by_names(content) == there(contract)
            [event] = Calendar.from_ical(content).walk("VEVENT")
            assert event["UID"] == f"contract-{contract.pk}@localhost"
            assert event["SUMMARY"] == f"Meeting with {name}"
            assert len(mails[member.email].message().as_bytes()) < 30_000

    def test_an_amendment_brings_them_anew(self, ada, ben, delivered):
        contract = in_force(ada, ben)
        delivered()
        amend(contract, time="07:00")
        [first, _second] = [mail for mail in delivered() if "is in force" in mail.subject]
        [(_name, content, _type)] = first.attachments
        assert readers.by_names(content.encode()) == there(contract)
        assert _sequence(content.encode()) == 1

    def test_no_other_mail_brings_a_file(self, ada, ben, delivered):
        contract = in_force(ada, ben)
        delivered()
        ending.part(by=ada, contract_id=contract.pk)
        assert [mail.attachments for mail in delivered()] == [[]]
