"""A mail server for tests."""

import asyncio
import email
import email.policy
import socket


class Sink:
    """A mail server that takes everything, or answers what the test says."""

    def __init__(self):
        self.mails = []
        self.rcpt = {}  # address -> answer
        self.data = []  # answers to give, first to last
        self.hang_seconds = 0.0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.rcpt.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.data:
            return self.data.pop(0)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.hang_seconds:
            await asyncio.sleep(self.hang_seconds)
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
