"""What holds for every template as it is written: the Content-Security-Policy refuses the rest in the browser."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.template import engines
from django.template.base import Node, Template
from django.template.defaulttags import URLNode
from django.template.loader_tags import ExtendsNode
from django.urls import get_resolver

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*"))
# Fragments begin with "_", or are in a folder of parts. Mails have their own rules: they need inline styles.
PARTS = (
    "components/",
    "help/",
    "plain/",
    "allauth/",
    "mfa/webauthn/snippets/",
    "account/password_reset_help_text.html",
)
MAILS = ("emails/", "account/email/", "mfa/email/")
# Whole documents of their own: they must work when nothing else does.
ALONE = {"base.html", "500.html", "503.html"}
# Pages for staff stand in the frame of Django's admin.
STAFF = "admin/"

PAGES = [
    name
    for name in TEMPLATES
    if name.endswith(".html") and not name.startswith(PARTS + MAILS) and not Path(name).name.startswith("_")
]
IN_THE_BROWSER = [name for name in TEMPLATES if name.endswith(".html") and not name.startswith(MAILS)]


def parsed(name: str) -> Template:
    return engines["django"].get_template(name).template


def markup(name: str) -> BeautifulSoup:
    """The template's own HTML, without what the template language puts in."""
    source = (FOLDER / name).read_text()
    source = re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", source, flags=re.DOTALL)
    # What a tag writes inside a start tag is left out as well, whatever quotes it holds.
    return BeautifulSoup(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL), "html.parser")


def nodes(node: Template | Node, kind: type[Node]) -> list[Node]:
    return [found for child in node.nodelist for found in child.get_nodes_by_type(kind)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_parses(name: str) -> None:
    assert parsed(name).nodelist is not None


@pytest.mark.parametrize("name", IN_THE_BROWSER)
def test_a_template_has_no_style_and_no_script_of_its_own(name: str) -> None:
    found = [
        *(str(element) for element in markup(name).find_all("style")),
        *(str(element) for element in markup(name).find_all(style=True)),
        *(
            f"{element.name} {attribute}"
            for element in markup(name).find_all(True)
            for attribute in element.attrs
            if attribute.startswith(("on", "hx-on", "data-hx-on"))
        ),
        *(
            str(element)[:200]
            for element in markup(name).find_all("script")
            if not element.get("src") and element.get("type") != "application/json"
        ),
        *(str(element)[:200] for element in markup(name).find_all(href=re.compile(r"^\s*javascript:", re.IGNORECASE))),
        *(str(element)[:200] for element in markup(name).find_all(src=re.compile(r"^\s*data:", re.IGNORECASE))),
    ]
    assert found == []


def test_every_address_that_a_template_names_exists() -> None:
    _prefix, admin = get_resolver().namespace_dict["admin"]
    known = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    known |= {f"admin:{name}" for name in admin.reverse_dict if isinstance(name, str)}
    named = {
        (name, node.view_name.var)
        for name in TEMPLATES
        for node in nodes(parsed(name), URLNode)
        # A view that a variable names is known when the page is rendered, which the browser tests do.
        if isinstance(node.view_name.var, str)
    }
    assert len(named) > 50
    assert {(name, view) for name, view in named if view not in known} == set()


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ALONE and not name.startswith(STAFF)])
def test_a_page_stands_in_the_frame(name: str) -> None:
    """Each page extends base.html, by however many steps."""
    steps = [name]
    while steps[-1] != "base.html":
        [extends] = nodes(parsed(steps[-1]), ExtendsNode) or [None]
        assert extends is not None, f"{' extends '.join(steps)}, which extends nothing"
        steps.append(str(extends.parent_name.var))
