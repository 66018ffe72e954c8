"""SMTP with one time limit for the whole of a mail.

smtplib's own limit holds for each step alone, so that a slow server could keep a mail for a minute, longer than the
lease under which it is sent. Here all steps of one mail share settings.EMAIL_TIMEOUT seconds, connecting has half.
"""

import smtplib
import time

from django.conf import settings
from django.core.mail.backends import smtp


class _Deadline:
    """Give each step no more time than what is left until `deadline`, in monotonic seconds; keep the last answer."""

    last_answer = ""

    def __init__(self, *args, timeout, **kwargs):
        self.deadline = time.monotonic() + timeout
        super().__init__(*args, timeout=timeout, **kwargs)

    def _shorten(self) -> None:
        if self.sock is None:
            return
        left = self.deadline - time.monotonic()
        if left <= 0:
            self.close()
            raise smtplib.SMTPServerDisconnected("The mail server took too long.")
        self.sock.settimeout(left)

    def send(self, s):
        self._shorten()
        return super().send(s)

    def getreply(self):
        self._shorten()
        code, said = super().getreply()
        self.last_answer = f"{code} {said.decode(errors='replace')}"
        return code, said


class _SMTP(_Deadline, smtplib.SMTP):
    pass


class _SMTP_SSL(_Deadline, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, with the limit: half of settings.EMAIL_TIMEOUT to connect, all of it for one mail."""

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "timeout": settings.EMAIL_TIMEOUT / 2})

    @property
    def connection_class(self):
        return _SMTP_SSL if self.use_ssl else _SMTP

    def _send(self, email_message):
        self._allow(settings.EMAIL_TIMEOUT)
        return super()._send(email_message)

    def close(self):
        self._allow(2)
        super().close()

    def _allow(self, seconds: float) -> None:
        if self.connection:
            self.connection.deadline = time.monotonic() + seconds
