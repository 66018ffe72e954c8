"""Anybody may read what the site is, how it works, and what becomes of what they tell it."""

import datetime as dt
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import resolve, reverse

from accounts.actions import housekeeping
from peermentor.method import TOPICS

OF_THE_METHOD = [f"method_page {slug}" for slug in TOPICS]
PAGES = ["home", "how_it_works", "sample_contract", "principles", "help", "privacy", "method", *OF_THE_METHOD]
HELP = ["realistic_goal", "useful_offer", "good_need", "indicator", "rhythm"]
TEMPLATES = Path(settings.BASE_DIR, "templates")
TRANSLATED = [
    path
    for folder in ("pages", "help", "method", "account/email", "mfa/email", "emails")
    for path in sorted((TEMPLATES / folder).iterdir())
]
# The name of the site and the letters on two avatars are the same in every language.
SAME_IN_EVERY_LANGUAGE = {"Peermentor", "GP", "NP"}


class Page(HTMLParser):
    """What a page links to, its ids, and how many headings of each level it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        if tag == "a":
            self.links.append(about["href"])
        if "id" in about:
            self.ids.append(about["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


def address(name: str) -> str:
    """Return the address of a page; those of the method are named with their own."""
    url_name, *args = name.split()
    return reverse(url_name, args=args)


def read(name: str) -> Page:
    return Page(Client().get(address(name)).content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_reads_it_without_a_query(client, name, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(address(name))
    assert response.status_code == 200
    assert '<meta name="robots" content="index, follow">' in response.content.decode()
    assert "sessionid" not in response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in PAGES if name != "home"])
def test_a_browser_keeps_the_page_of_a_stranger_and_not_that_of_a_member(client, client_of, ada, name):
    stranger, member = client.get(address(name)), client_of(ada).get(address(name))
    assert (stranger.status_code, stranger["Cache-Control"]) == (200, "private, max-age=300")
    assert "Cookie" in stranger["Vary"]
    assert (member.status_code, "max-age" in member.get("Cache-Control", "")) == (200, False)
    assert "Ada Bright" in member.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_its_headings_make_an_outline(name):
    levels = read(name).headings
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert [here for before, here in pairwise(levels) if here > before + 1] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    page = read(name)
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        if link.startswith("mailto:"):
            assert link == f"mailto:{settings.DEFAULT_FROM_EMAIL.split('<')[1].rstrip('>')}"
            continue
        path, fragment = urldefrag(link)
        target = resolve(path).url_name if path else name
        if fragment:
            assert fragment in read(target).ids, link


@pytest.mark.django_db
def test_a_mail_about_a_change_finds_its_answer():
    assert "not-me" in read("help").ids


@pytest.mark.parametrize("name", HELP)
def test_help_beside_a_form_is_short(name):
    html = render_to_string(f"help/_{name}.html")
    advice = re.search(r"<p>(.*?)</p>", html, re.DOTALL)[1]
    assert len(advice.split()) <= 80
    assert html.count("<dd>") == 2


@pytest.mark.parametrize(
    ("fact", "page", "words"),
    [
        (settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT == 600, "help", "for ten minutes"),
        (settings.PASSWORD_RESET_TIMEOUT == 3 * 24 * 3600, "help", "for three days"),
        (settings.SESSION_COOKIE_AGE == 60 * 24 * 3600, "privacy", "at most 60 days"),
        (dt.timedelta(days=1) == housekeeping.REMOVED_LISTING_STAYS, "privacy", "brought back for a day"),
        (dt.timedelta(days=90) == housekeeping.DRAFT_STAYS, "privacy", "at most 90 days"),
        (dt.timedelta(days=30) == housekeeping.NOTICE_STAYS, "privacy", "a month later"),
    ],
)
@pytest.mark.django_db
def test_what_it_promises_is_what_we_do(client, fact, page, words):
    assert fact
    assert words in client.get(reverse(page)).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", OF_THE_METHOD)
def test_help_with_the_method_is_short_and_has_examples(client, name):
    html = client.get(address(name)).content.decode()
    article = re.search(r"<article.*?</article>", html, re.DOTALL)[0]
    words = re.sub(r"<[^>]*>", " ", article).split()
    assert 250 <= len(words) <= 470
    assert article.count("<dd>") >= 2
    assert "!" not in "".join(words)


@pytest.mark.django_db
def test_every_page_of_the_method_is_linked_from_its_list_and_from_where_it_is_needed():
    assert {reverse("method_page", args=[slug]) for slug in TOPICS} <= set(read("method").links)
    assert reverse("method") in read("home").links
    templates = "".join(
        path.read_text() for path in TEMPLATES.rglob("*.html") if path.parent.name not in {"method", "pages"}
    )
    needed = set(re.findall(r"""url ['"]method_page['"] ['"]([\w-]+)['"]""", templates))
    assert needed == set(TOPICS)


@pytest.mark.django_db
def test_there_is_no_other_page_of_the_method(client):
    assert client.get(reverse("method_page", args=["getting-rich"])).status_code == 404


def untranslated(source: str) -> set[str]:
    """Return the words of a template that stand outside of every translation."""
    for whole in (
        "{% blocktranslate.*?endblocktranslate %}",
        "{% block robots.*?endblock robots %}",
        "<style.*?</style>",
    ):
        source = re.sub(whole, " ", source, flags=re.DOTALL)
    source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", source)
    source = re.sub(r"<[^>]*>|&\w+;|#[\w-]+", " ", source, flags=re.DOTALL)
    return set(re.findall(r"[^\W\d_]{2,}", source))


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_sentence_goes_through_gettext(path):
    assert untranslated(path.read_text()) <= SAME_IN_EVERY_LANGUAGE


def test_a_sentence_that_does_not_is_found():
    assert untranslated('<p class="small">Left <b>out</b> {{ name }}</p>{% translate "kept" %}') == {"Left", "out"}
