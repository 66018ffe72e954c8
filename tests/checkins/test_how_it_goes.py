"""The pair's page: the line of each goal, a sentence for the change, the table, and the file for a spreadsheet."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import clock
from checkins import charts, telling
from checkins.actions import checkins, meetings
from checkins.actions.checkins import Said
from checkins.proposals import times_for_both
from tests.checkins.conftest import meetings_of
from tests.days import advance

DAY = dt.date(2026, 3, 2)


def log(contract, people, count: int, **fields) -> None:
    for number, one in enumerate(meetings_of(contract)[:count]):
        for person in people:
            said = Said(moved="Pages", indicator=Decimal(2 + 3 * number), confidence=min(5, 2 + number), **fields)
            checkins.send(by=person, contract_id=contract.pk, on=one.on, said=said)
        advance(seconds=int((one.at - clock.now()).total_seconds()) + 3600)
        meetings.say_held(by=people[0], contract_id=contract.pk, on=one.on, held="no" if number == 1 else "yes")


@pytest.mark.django_db
def test_it_says_in_a_sentence_how_the_indicator_moved_and_draws_it(contract, ada, ben, client_of):
    log(contract, (ada, ben), 3)
    page = client_of(ada).get(reverse("weeks", args=[contract.pk])).content.decode()
    assert "You went from 2 to 8 chapters in 14 days; the goal is 12." in page
    assert "Ben went from 2 to 8 in 14 days." in page
    assert "You met 2 times. One meeting did not happen." in page
    assert page.count("<polyline") == 4, "a line for each goal, two for confidence"
    assert "sure: 4 of 5" in page


@pytest.mark.django_db
def test_before_the_first_check_in_it_says_what_will_stand_there(contract, ada, client_of):
    page = client_of(ada).get(reverse("weeks", args=[contract.pk])).content.decode()
    assert "Your first check-in begins the line." in page
    assert "<polyline" not in page


@pytest.mark.django_db
def test_a_spreadsheet_gets_no_formula(contract, ada, ben, client_of):
    log(contract, (ada, ben), 1, next_step='=HYPERLINK("http://evil.example")', in_the_way="-1+1")
    answer = client_of(ben).get(reverse("weeks_csv", args=[contract.pk]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(meetings_of(contract))
    cells = [cell for row in rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.django_db
def test_a_page_of_many_weeks_asks_the_database_no_more_often(
    contract, ada, ben, client_of, django_assert_max_num_queries
):
    client = client_of(ada)
    log(contract, (ada, ben), 5)
    with django_assert_max_num_queries(16):
        client.get(reverse("weeks", args=[contract.pk]))
    with django_assert_max_num_queries(13):
        client.get(reverse("meetings"))


def test_a_chart_needs_two_values_and_keeps_to_its_frame():
    assert charts.draw([("You", [(DAY, 3.0)])]) is None
    chart = charts.draw(
        [("You", [(DAY, 3.0), (DAY + dt.timedelta(days=7), -4.0)]), ("Ben", [(DAY, 3.0)])], target=100.0
    )
    assert chart is not None
    dots = [dot for line in chart.lines for dot in line.dots]
    assert all(0 <= dot.x <= chart.right and 0 <= dot.y <= chart.baseline for dot in dots)
    assert abs(chart.lines[0].label_y - chart.lines[1].label_y) >= 12


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], ""),
        ([(DAY, 2.5)], "You stand at 2.5 km; the goal is 9."),
        ([(DAY, 2.0), (DAY + dt.timedelta(days=1), 2.0)], "You stand at 2 km, as at the beginning; the goal is 9."),
        ([(DAY, 2.0), (DAY + dt.timedelta(days=1), 4.0)], "You went from 2 to 4 km in 1 day; the goal is 9."),
    ],
)
def test_the_change_in_words(values, said):
    assert telling.change_words(values, {"unit": "km", "target": "9"}, name="") == said


def test_proposed_times_are_free_for_both_and_lie_on_different_days():
    now = dt.datetime(2026, 10, 20, 8, tzinfo=dt.UTC)  # both change their clocks in the days looked at
    london = [day * 24 + hour for day in range(7) for hour in (17, 18, 19)]
    new_york = [day * 24 + hour for day in (0, 2, 4) for hour in (12, 13, 14)]
    found = times_for_both((london, "Europe/London"), (new_york, "America/New_York"), now=now, minutes=60)
    assert len(found) == 3
    assert len({at.date() for at in found}) == 3
    from zoneinfo import ZoneInfo

    for at in found:
        assert at.astimezone(ZoneInfo("Europe/London")).hour in (17, 18, 19)
        there = at.astimezone(ZoneInfo("America/New_York"))
        assert there.weekday() in (0, 2, 4)
        assert there.hour in (12, 13, 14)
    taken = [(found[0], found[0] + dt.timedelta(minutes=60))]
    again = times_for_both((london, "Europe/London"), (new_york, "America/New_York"), now=now, minutes=60, taken=taken)
    assert found[0] not in again


def test_who_are_both_free_on_one_day_alone_get_three_times_as_well():
    now = dt.datetime(2026, 11, 3, 8, tzinfo=dt.UTC)  # a Tuesday
    mondays = [17, 18, 19]
    one_hour = times_for_both((mondays[:1], "UTC"), (mondays, "UTC"), now=now, minutes=60)
    assert [f"{at:%d %H:%M}" for at in one_hour] == ["09 17:00", "16 17:00", "23 17:00"]
    found = times_for_both((mondays, "UTC"), (mondays, "UTC"), now=now, minutes=60, most=5)
    assert [f"{at:%d %H:%M}" for at in found] == ["09 17:00", "09 18:00", "09 19:00", "16 17:00", "23 17:00"]


def test_nobody_free_no_proposal():
    now = dt.datetime(2026, 10, 20, 8, tzinfo=dt.UTC)
    assert times_for_both(([], "UTC"), ([1], "UTC"), now=now, minutes=60) == []


@pytest.mark.django_db
def test_where_semicolons_and_lines_end_cells_a_spreadsheet_gets_no_formula_either(contract, ada, ben, client_of):
    evil = 'Read;=HYPERLINK("http://evil.example")\n@SUM(1)'
    log(contract, (ada, ben), 1, next_step=evil, in_the_way="\uff1d1+1", help_given="a; b - c\nd")
    table = client_of(ben).get(reverse("weeks_csv", args=[contract.pk])).content.decode("utf-8-sig")
    assert "evil.example" in table
    assert not re.search(r"(^|[;,\n\"\t])[=+@\uff1d]", table, re.MULTILINE)
    assert "a; b - c\nd" in table


@pytest.mark.django_db
def test_a_number_below_nothing_stays_a_number_in_the_table(contract, ada, client_of):
    one = meetings_of(contract)[0]
    checkins.send(by=ada, contract_id=contract.pk, on=one.on, said=Said(indicator=Decimal("-5.5")))
    rows = csv.reader(io.StringIO(client_of(ada).get(reverse("weeks_csv", args=[contract.pk])).content.decode()))
    assert "-5.500" in list(rows)[1]
