"""Any earlier state of the text can be read, with what was different; so can what a version says otherwise."""

import pytest
from django.urls import reverse

from accounts.actions.erasing import erase
from contracts.actions import drafting, ending
from contracts.models import Contract, Edit
from contracts.views.states import text_at
from tests.pairs import change, draft_of, put_name

pytestmark = pytest.mark.django_db


def words(response) -> str:
    return response.content.decode()


def state(contract: Contract, number: int) -> str:
    return reverse("history_state", args=[contract.pk, number])


def write(contract: Contract, by, short: str) -> int:
    """Change the first goal; return the number of the change."""
    change(contract, by, "goal-first", {**draft_of(contract)["goal-first"].content, "short": short})
    return draft_of(contract)["goal-first"].number


def shown(page: str) -> str:
    """The text as it stood, without what was different."""
    return page.split('<article class="card contract')[1]


@pytest.fixture
def numbers(ada, ben, begun) -> list[int]:
    return [write(begun, by, short) for by, short in ((ada, "Paint a wall"), (ben, "Paint a door"), (ada, "Sing"))]


def test_each_entry_of_the_history_leads_to_the_text_of_that_moment(ada, begun, numbers, client_of):
    client = client_of(ada)
    history = words(client.get(reverse("contract_history", args=[begun.pk])))
    for number, short in zip(numbers, ("Paint a wall", "Paint a door", "Sing"), strict=True):
        assert state(begun, number) in history
        assert f"</b> {short}" in shown(words(client.get(state(begun, number)))).replace(":</b>", "</b>")


def test_what_the_change_did_and_what_came_of_it(ada, begun, numbers, client_of):
    page = words(client_of(ada).get(state(begun, numbers[1])))
    assert "In this stretch: Paint a <del>wall</del><ins>door</ins>" in page
    assert "Before: In this stretch: Paint a wall" in page
    assert "Ben had just written: Your goal." in page
    assert "Sing" not in page
    page = words(client_of(ada).get(state(begun, numbers[1]) + "?to=now"))
    assert "Sing" in page
    assert "wall" not in page
    assert "Nothing: it reads today as it did then." in words(client_of(ada).get(state(begun, numbers[2]) + "?to=now"))


def test_one_goes_from_change_to_change_back_to_the_beginning(ada, begun, numbers, client_of):
    client = client_of(ada)
    start = numbers[0] - 1
    seen = [client.get(state(begun, number)).context for number in [start, *numbers]]
    assert [context["earlier"] for context in seen] == [None, start, *numbers[:2]]
    assert [context["later"] for context in seen] == [*numbers, None]
    first = words(client.get(state(begun, start)))
    assert "So it began" in first
    assert "Ada Bright finishes a draft" in first
    # What came in together is one state.
    assert client.get(state(begun, start - 1)).status_code == 404


@pytest.mark.parametrize("number", [0, 99_999, 2_147_483_647, 10**12])
def test_what_never_was_is_not_there(ada, begun, client_of, number):
    assert client_of(ada).get(state(begun, number)).status_code == 404


def test_what_was_taken_out_is_said(ada, ben, begun, client_of):
    key = next(key for key in draft_of(begun) if key.startswith("need-first"))
    drafting.remove_part(by=ben, contract_id=begun.pk, key=key)
    page = words(client_of(ada).get(state(begun, Contract.objects.get().head)))
    assert "Ben had just taken out: What you need." in page
    assert "Bookkeeping" not in shown(page).split("What Ben Carter will do")[0].split("What Ben Carter wants")[0]


def test_a_stranger_gets_404(dan, begun, numbers, client_of):
    assert client_of(dan).get(state(begun, numbers[0])).status_code == 404


def test_what_went_with_the_one_who_left_cannot_be_read(ada, ben, in_force, client_of):
    number = Edit.objects.filter(contract=in_force).exclude(by="").latest("number").number
    assert client_of(ada).get(state(in_force, number)).status_code == 200
    erase(by=ben, site_url="https://example.org")
    assert client_of(ada).get(state(in_force, number)).status_code == 404


class TestVersions:
    @pytest.fixture
    def amended(self, ada, ben, in_force) -> Contract:
        ending.amend(by=ada, contract_id=in_force.pk)
        write(in_force, ada, "Ada finishes two")
        put_name(in_force, ada)
        return put_name(in_force, ben)

    def test_what_a_version_says_otherwise(self, ada, amended, client_of):
        client = client_of(ada)
        where = reverse("version_changes", args=[amended.pk, 2])
        for page in (amended.get_absolute_url(), reverse("version", args=[amended.pk, 2])):
            assert where in words(client.get(page))
        page = words(client.get(where))
        assert "From version 1 to version 2" in page
        assert "Ada finishes<ins> two</ins>" in page
        assert "takes the place of" not in page
        assert "Ben finishes" not in page

    def test_the_first_has_none_before_it(self, ada, in_force, client_of):
        where = reverse("version_changes", args=[in_force.pk, 1])
        assert where not in words(client_of(ada).get(in_force.get_absolute_url()))
        assert client_of(ada).get(where).status_code == 404

    def test_it_is_compared_with_what_it_took_the_place_of(self, ada, ben, amended, client_of):
        ending.amend(by=ben, contract_id=amended.pk)
        write(amended, ben, "Put down again")
        put_name(amended, ben)  # version 3, which nobody else signs
        ending.take_back(by=ada, contract_id=amended.pk)
        ending.amend(by=ben, contract_id=amended.pk)
        write(amended, ben, "Ada finishes three")
        put_name(amended, ben)
        put_name(amended, ada)
        page = words(client_of(ada).get(reverse("version_changes", args=[amended.pk, 4])))
        assert "From version 2 to version 4" in page
        assert "Ada finishes <del>two</del><ins>three</ins>" in page

    def test_an_earlier_text_follows_what_was_in_force_then(self, ada, amended):
        last = {version.number: version for version in amended.versions.all()}
        assert text_at(amended, last[1].head) == last[1].text
        assert text_at(amended, last[2].head) == last[2].text

    def test_the_first_change_of_an_amendment_is_that_change_alone(self, ada, in_force, client_of):
        ending.amend(by=ada, contract_id=in_force.pk)
        number = write(in_force, ada, "Ada finishes two")
        page = words(client_of(ada).get(state(in_force, number)))
        assert "Ada finishes<ins> two</ins>" in page
        assert "takes the place of version 1" in shown(page)
        assert "takes the place of" not in page.split('<article class="card contract')[0]

    def test_a_stranger_gets_404(self, dan, amended, client_of):
        assert client_of(dan).get(reverse("version_changes", args=[amended.pk, 2])).status_code == 404


@pytest.mark.parametrize("many", [False, True])
def test_it_asks_the_database_as_often_after_many_changes(ada, begun, client_of, django_assert_num_queries, many):
    for number in range(12 if many else 2):
        last = write(begun, ada, f"Number {number}")
    client = client_of(ada)
    client.get(state(begun, last))
    with django_assert_num_queries(11):
        client.get(state(begun, last))
