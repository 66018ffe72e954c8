"""How a test comes to a page: who is logged in, what is typed, which mail has arrived."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from accounts.models import User


@dataclass(frozen=True)
class Server:
    """The web process under test."""

    url: str
    environment: dict[str, str]
    log: Path

    def send_due(self, **environment: str) -> None:
        """Send what is due, as the worker does on each tick of beat."""
        self._manage("send_due", **environment)

    def plan(self) -> None:
        """Plan what is to be told, as the worker does every two minutes."""
        self._manage("shell", "-c", "from checkins.tasks import plan_notices; plan_notices()")

    def _manage(self, *command: str, **environment: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env={**self.environment, **environment},
            check=True,
            capture_output=True,
            timeout=60,
        )


def log_in(context: BrowserContext, person: User, server: Server, *, is_recent: bool = True) -> None:
    """Log a member in by cookie. With `is_recent` they have just given their password."""
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    if is_recent:
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "email": person.email, "reauthenticated": True},
        ]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url, "httpOnly": True}])


def send(page: Page, fields: dict[str, str | list[str]], *, form: str = "", button: str = "") -> None:
    """Put values into a form by the names of its fields and send it, without the browser's own objections.

    The form is the first of the page's own that asks for something, unless `form` (a CSS selector) names another;
    `button` is the name of the button that is pressed. Nothing is said to the page's scripts, so no draft is kept.
    """
    with page.expect_navigation():
        page.evaluate(
            """([fields, selector, button]) => {
                const asks = [...document.querySelectorAll("main form[method=post]")]
                    .filter((form) => form.querySelector("input:not([type=hidden]), textarea, select"));
                const form = selector ? document.querySelector(selector) : asks[0];
                for (const [name, value] of Object.entries(fields)) {
                    const named = form.querySelectorAll(`[name="${name}"]`);
                    if (!named.length) throw new Error(`The form has no field ${name}.`);
                    for (const field of named) {
                        if (field.type === "radio" || field.type === "checkbox") {
                            field.checked = [].concat(value).includes(field.value);
                        } else if (field.tagName === "SELECT" && ![...field.options].some((o) => o.value === value)) {
                            field.add(new Option(value, value, true, true));
                        } else {
                            field.value = value;
                        }
                    }
                }
                form.noValidate = true;
                form.requestSubmit(button ? form.querySelector(`button[name="${button}"]`) : null);
            }""",
            [fields, form, button],
        )


def read_code(page: Page, server: Server) -> str:
    """Return the code of the newest mail that has one, read in the local inbox as somebody at a laptop does."""
    server.send_due()
    reader = page.context.new_page()
    reader.goto("/dev/inbox/")
    reader.get_by_role("row").filter(has_text="Your code for").first.get_by_role("link").click()
    text = reader.get_by_role("region", name="Text").inner_text()
    reader.close()
    [code] = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", text, flags=re.MULTILINE)
    return code


def wait_until(is_so: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for something that the browser does not show."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "It did not come about."
        time.sleep(0.05)
