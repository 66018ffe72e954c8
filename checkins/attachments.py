"""Files that go with mails of others."""

from accounts import clock
from accounts.models import Notice
from accounts.notices import Attachment
from checkins import calendars
from contracts.models import Contract


def meetings(notice: Notice) -> Attachment | None:
    """Return the meetings of a contract that has come into force, for a calendar; none if it is over already."""
    member = notice.member
    if member is None:
        return None
    mine = Contract.objects.visible_to(member).select_related("first__profile", "second__profile")
    contract = mine.filter(pk=notice.context["contract"]).first()
    if contract is None or not contract.is_in_force:
        return None
    file = calendars.file(member, contract, clock.now())
    return Attachment("meetings.ics", file, "text/calendar; method=PUBLISH")
