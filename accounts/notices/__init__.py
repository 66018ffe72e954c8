"""What the application tells people by mail: kept as rows, sent once.

`queue` writes a row in the transaction of the fact that it tells. `drain` claims some that are due under a lease, asks
what their members have chosen, renders each at that moment, sends it outside of any transaction and marks it at once,
with the claim as fence. Any number of drains may run together, and any of them may die at any point: a row whose lease
has run out is claimed again. A mail goes out twice only if a process or a connection dies between the mail server's
acceptance and our mark; both then carry the same Message-ID, which is made from the row's key.

    kinds      what is registered of a family: who renders it, its sort, how it may come
    rows       writing notices down and taking them back
    planned    writing many ahead, again and again, and taking them back
    claims     taking rows under a lease, those that go together together
    routing    what a member's choices make of a notice that is due
    messages   the mail of one notice, or of several
    outgoing   sending what was claimed, and marking it
"""

from accounts.letters import Letter, Mail
from accounts.notices.kinds import Attachment, Unwanted, attach, register
from accounts.notices.outgoing import Drained, drain
from accounts.notices.rows import cancel, message_id, queue, queue_all, row

__all__ = [
    "Attachment",
    "Drained",
    "Letter",
    "Mail",
    "Unwanted",
    "attach",
    "cancel",
    "drain",
    "message_id",
    "queue",
    "queue_all",
    "register",
    "row",
]
