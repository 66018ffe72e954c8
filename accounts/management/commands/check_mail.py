"""Sends one real mail, and says what the mail server answered."""

import secrets
import smtplib
import socket
import ssl
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts import text


class Command(BaseCommand):
    help = "Send a mail to ADDRESS through the configured transport, and say what the server answered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="where the mail goes")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"{address} is no e-mail address.") from None
        where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if not settings.LOCAL_INBOX else "the local inbox"
        connection = get_connection()
        mail = EmailMultiAlternatives(
            subject="A trial mail from Peermentor",
            body=f"If you can read this, mail from {settings.SITE_URL} reaches you.\n",
            to=[address],
            headers={"Message-ID": f"<check-{secrets.token_hex(8)}@{settings.MAIL_DOMAIN}>"},
        )
        try:
            connection.open()
            connection.send_messages([mail])
            answer = getattr(connection.connection, "last_answer", "") if hasattr(connection, "connection") else ""
        except (OSError, smtplib.SMTPException) as error:
            raise CommandError(f"{in_words(error, where)} Nothing was sent.") from error
        finally:
            connection.close()
        said = f"{where} took the mail" + (f" and answered: {answer}" if answer else "")
        self.stdout.write(f"{said}. From {mail.from_email}, to {address}, {mail.extra_headers['Message-ID']}.")


def in_words(error: Exception, where: str) -> str:
    """Return what went wrong as a sentence, with the server's own words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        address, (code, said) = next(iter(error.recipients.items()))
        return f"{where} refuses the address {address}: {_answer(code, said)}."
    if isinstance(error, smtplib.SMTPSenderRefused):
        return (
            f"{where} refuses our own address {error.sender} (MAIL_FROM): {_answer(error.smtp_code, error.smtp_error)}."
        )
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return (
            f"{where} does not accept the user and password of EMAIL_URL: {_answer(error.smtp_code, error.smtp_error)}."
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"{where} cannot do what EMAIL_URL asks for: {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{where} refuses the mail: {_answer(error.smtp_code, error.smtp_error)}."
    if isinstance(error, ssl.SSLError):
        return f"{where} does not speak TLS as EMAIL_URL says, or its certificate is not in order: {error.reason}."
    if isinstance(error, socket.gaierror):
        return f"There is no host {where.rpartition(':')[0]}: {error.strerror}."
    if isinstance(error, ConnectionRefusedError):
        return f"Nobody answers at {where}."
    if isinstance(error, TimeoutError):
        return f"{where} did not answer in time."
    return f"The connection to {where} broke: {text.one_line(str(error))}."


def _answer(code: int, said: bytes | str) -> str:
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return f"{code} {text.one_line(words)}"
