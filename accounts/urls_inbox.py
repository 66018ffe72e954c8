"""The local inbox. peermentor.urls includes it only on a machine without a mail server."""

from django.urls import path, register_converter

from accounts.views import inbox


class KeyConverter:
    """A key of a Maildir."""

    regex = r"[\w.=,\-]{1,200}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KeyConverter, "maildir_key")

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("empty/", inbox.inbox_empty, name="inbox_empty"),
    path("<maildir_key:key>/", inbox.inbox_mail, name="inbox_mail"),
    path("<maildir_key:key>/html/", inbox.inbox_mail_html, name="inbox_mail_html"),
]
