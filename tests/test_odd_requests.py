"""What no browser sends, and what somebody sends all the same."""

import pytest
from django.urls import reverse


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "base64", "utf-16"])
@pytest.mark.parametrize("name", ["account_login", "profile_edit"])
def test_text_in_another_charset_than_utf_8_is_refused(dan, client_of, charset, name):
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800+2AA-\r\n--x--'
    client = client_of(dan)
    client.raise_request_exception = False
    response = client.generic(
        "POST", reverse(name), part, content_type=f"multipart/form-data; boundary=x; charset={charset}"
    )
    assert response.status_code == 400
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "no-such-charset"])
def test_text_in_utf_8_is_taken(dan, client_of, charset):
    part = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nZoé\r\n--x--'.encode()
    sent_as = f"multipart/form-data; boundary=x; charset={charset}"
    response = client_of(dan).generic("POST", reverse("profile_edit"), part, content_type=sent_as)
    assert response.status_code == 302
    dan.profile.refresh_from_db()
    assert dan.profile.name == "Zoé"


@pytest.mark.parametrize("referer", ["partner", "no-such-page", "//evil.example/", "javascript:alert(1)"])
def test_a_refusal_leads_back_whatever_the_browser_says_it_came_from(dan, client_of, referer):
    client = client_of(dan)
    client.raise_request_exception = False
    response = client.post(reverse("partner_block", args=[dan.pk]), headers={"Referer": referer})
    assert response.status_code == 302
    assert response.url in {referer, reverse("home")}
    assert not response.url.startswith(("//", "javascript:"))


@pytest.mark.parametrize("host", ["testserver", "evil.example"])
@pytest.mark.parametrize("address", ["/", "/healthz", "/static/favicon.svg"])
def test_what_comes_without_https_gets_the_policy_as_well(client, settings, host, address):
    """Before a view is reached: a redirect to https, the answer to a wrong host name, and the one that asks nobody."""
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(address, headers={"Host": host})
    assert response.status_code == (200 if address == "/healthz" else 301 if host == "testserver" else 400)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
