"""The naive design, for comparison: one Celery task a mail, held by Redis until its time (ETA), nothing in a table."""

import os
import smtplib
from email.message import EmailMessage

from celery import Celery

app = Celery("naive", broker=os.environ.get("REDIS_URL", ""))
app.conf.update(
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_hijack_root_logger=False,
)


@app.task(autoretry_for=(OSError, smtplib.SMTPException), max_retries=8, retry_backoff=1)
def send(number: int) -> None:
    """Send one mail."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hello@localhost", f"r{number}@bench.example", "A reminder"
    mail["Message-ID"] = f"<naive-{number}@localhost>"
    mail.set_content("Tomorrow at 18:00.\n" * 40)
    host, port = os.environ["EMAIL_URL"].removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port), timeout=10) as server:
        server.send_message(mail)
