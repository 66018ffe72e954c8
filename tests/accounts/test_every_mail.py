"""What holds for every mail that goes out, whatever it tells."""

import datetime as dt
import email
import email.policy
import re
from dataclasses import replace

import html5lib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from accounts import letters, stopping
from accounts.letters import MOST_LINES, MOST_TOGETHER, Foot, Letter
from accounts.models import Notice
from accounts.models.mail import Sort
from accounts.notices import kinds
from accounts.notices.messages import foot_for, message, single

pytestmark = pytest.mark.django_db
LONG_NAME = "Wörter" * 13
# As long as people are allowed to write, or nearly; ink that costs two bytes a letter.
LONGEST = Letter(
    subject=f"{LONG_NAME} würde gern mit Ihnen sprechen",
    heading=f"{LONG_NAME} würde gern mit Ihnen sprechen",
    paragraphs=(f"{LONG_NAME} " * 3, "Ein Satz mit Ümläuten. " * 12),
    facts=((f"{LONG_NAME} gibt", ", ".join(["Größenordnungen verstehen"] * 12)), ("Rhythmus", "jede Woche")) * 2,
    quote="Schöne Grüße, und viele Wörter. " * 62,
    quoted=f"{LONG_NAME} schreibt",
    button=("Die Einladung ansehen und beantworten", "/introductions/1234567890/"),
    reason=f"Sie bekommen das, weil {LONG_NAME} Sie eingeladen hat.",
)
FOOT = Foot("https://mentors.example.org/settings/emails/", f"https://mentors.example.org/emails/stop/{'x' * 90}/")


def whole(mail: letters.Mail) -> bytes:
    from django.core.mail import EmailMultiAlternatives

    made = EmailMultiAlternatives(mail.subject, mail.text, to=["ada@example.org"], headers=mail.headers)
    made.attach_alternative(mail.html, "text/html")
    return made.message().as_bytes()


def test_the_longest_letter_stays_below_30_kb(ada):
    assert len(whole(letters.render(LONGEST, reader=ada, foot=FOOT))) <= 30_000


def test_a_contract_as_long_as_can_be_is_cut_and_says_so(ada):
    long = replace(LONGEST, quote="", facts=(), document="Größe und Länge eines Satzes.\n" * 3000)
    mail = letters.render(long, reader=ada)
    assert len(whole(mail)) <= 30_000
    assert "It goes on: the whole text is behind the button above." in " ".join(mail.text.split())
    short = replace(LONGEST, quote="", document="The whole text.")
    assert "It goes on" not in letters.render(short, reader=ada).text


@pytest.mark.parametrize(
    ("render", "most"), [(letters.render_together, MOST_TOGETHER), (letters.render_digest, MOST_LINES)]
)
def test_many_letters_stay_below_30_kb(ada, render, most):
    many = [replace(LONGEST, subject=f"{number} {LONGEST.subject}") for number in range(most + 5)]
    mail = render(many, reader=ada, foot=FOOT)
    assert len(whole(mail)) <= 30_000
    assert "And 5 more" in mail.text
    assert "And 5 more" in mail.html


@pytest.mark.parametrize("several", [False, True])
def test_it_survives_mail_programs(ada, several):
    mail = letters.render_together([LONGEST] * 2, reader=ada, foot=FOOT) if several else None
    mail = mail or letters.render(LONGEST, reader=ada, foot=FOOT)
    assert not re.search(r"<(img|svg|script|link|form|iframe)\b|url\(|@import", mail.html)
    assert '<meta name="color-scheme" content="light dark">' in mail.html
    assert "prefers-color-scheme: dark" in mail.html
    parsed = html5lib.parse(mail.html, namespaceHTMLElements=False)
    for table in parsed.iter("table"):
        assert table.get("role") == "presentation"
    for element in parsed.iter():
        if element.tag in {"p", "td", "a", "h1"}:
            assert "font-family" in (element.get("style") or ""), element.tag
    assert {element.get("href").partition("//")[0] for element in parsed.iter("a")} <= {"https:", "http:"}


def test_what_people_wrote_is_text(ada):
    hostile = "<b>Ada & Co</b>"
    odd = replace(LONGEST, subject=hostile, heading=hostile, paragraphs=(hostile,), quote=hostile, reason=hostile)
    for mail in (
        letters.render(odd, reader=ada, foot=FOOT),
        letters.render_together([odd, odd], reader=ada, foot=FOOT),
        letters.render_digest([odd], reader=ada, foot=FOOT),
    ):
        assert hostile in mail.text
        assert "<b>Ada" not in mail.html
        assert "&lt;b&gt;Ada &amp; Co&lt;/b&gt;" in mail.html


def test_text_and_html_lead_to_the_same_places(ada):
    for mail in (
        letters.render(LONGEST, reader=ada, foot=FOOT),
        letters.render_together([LONGEST] * 2, reader=ada, foot=FOOT),
        letters.render_digest([LONGEST], reader=ada, foot=FOOT),
    ):
        in_text, in_html = (set(re.findall(r"https?://[^\s\"<>]+", part)) for part in (mail.text, mail.html))
        assert {link.rstrip("/") for link in in_text} == {link.rstrip("/") for link in in_html}
        assert FOOT.stop_url in in_text
        assert FOOT.change_url in in_text


def test_every_registered_family_has_sorts_that_members_know():
    assert set(kinds._families) >= {"account", "introduction", "conversation", "contract"}
    from contracts.letters import LETTERS

    sorts = {kind: kinds.family_of(f"contract:{kind}")[0].sort_of(kind) for kind in [*LETTERS, "edited", "commented"]}
    assert {kind for kind, sort in sorts.items() if sort is Sort.ALWAYS} == {"in_force", "voided"}
    assert kinds.family_of("account:x")[0].sort_of("x") is Sort.ALWAYS


def test_a_renderer_of_what_can_be_stopped_cannot_forget_the_links(ada, monkeypatch):
    made = kinds.Family(lambda notice: letters.Mail("Hello", "Hello"), Sort.MEETINGS)
    monkeypatch.setitem(kinds._families, "trial", made)
    notice = Notice(key="x", kind="trial:x", address="ada@example.org", member=ada)
    with pytest.raises(TypeError, match="can be stopped"):
        single(notice)


def test_a_mail_is_whole_for_whoever_reads_it(ada, monkeypatch):
    monkeypatch.setitem(kinds._families, "trial", kinds.Family(lambda notice: LONGEST, Sort.MEETINGS))
    notice = Notice(key="x", kind="trial:x", address="ada@example.org", member=ada)
    raw = single(notice).message().as_bytes(linesep="\r\n")
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read.defects == []
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    stop = read["List-Unsubscribe"].strip(" <>")
    assert stop == foot_for(ada, {"meetings"}).stop_url
    assert stopping.read(stop.rstrip("/").rpartition("/")[2]) == (ada.pk, frozenset({"meetings"}))
    assert message(notice, [(notice, LONGEST)]).extra_headers["Message-ID"] == read["Message-ID"]


def test_times_read_one_way():
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            assert date_format(dt.datetime(2026, 11, 22, 0, 39), "TIME_FORMAT") == "00:39"
            assert date_format(dt.datetime(2026, 11, 22, 0, 39), "DATETIME_FORMAT").endswith("00:39")


def test_no_page_or_mail_writes_a_time_in_another_way():
    """`P`, `g`, `h`, `a` and `A` in a format are the clock of twelve hours."""
    twelve = re.compile(r"""(?:\|(?:date|time):|date_format\([^()]*,\s*)["'][^"']*[PghaA][^"']*["']""")
    found = []
    for folder, ending in (("templates", "*.html"), ("templates", "*.txt"), ("accounts", "*.py"), ("matching", "*.py")):
        for path in (settings.BASE_DIR / folder).rglob(ending):
            found += [f"{path.name}: {hit}" for hit in twelve.findall(path.read_text()) if "_FORMAT" not in hit]
    assert found == []
