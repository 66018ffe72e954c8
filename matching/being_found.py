"""Whether others find a member, beside what they said themselves: who is full, and who lets invitations lapse."""

from dataclasses import dataclass

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from accounts.models import User
from matching.models import Candidate

# Invitations that ran out within this time without any answer are counted, until the next answer.
LATELY_DAYS = 60
# From so many on a member is shown less, and asked whether they would like to pause.
SILENT_FROM = 2

# For each member the invitations that they let lapse since they last answered one, or said that they are here. An
# invitation that was sent and lapsed, and no more, has two moves: only the invited could have made another.
UNANSWERED = f"""
SELECT lapsed.invited_id AS member_id, count(*) AS invitations
FROM matching_introduction AS lapsed
WHERE lapsed.state = 'lapsed' AND lapsed.moves = 2
    AND lapsed.ended_at > peermentor_now() - interval '{LATELY_DAYS} days'
    AND NOT EXISTS (
        SELECT FROM matching_introductionmove AS answer
        WHERE answer.author_id = lapsed.invited_id AND answer.at > lapsed.ended_at
            AND answer.kind IN ('accepted', 'asked', 'answered', 'proposed', 'declined')
    )
    AND NOT EXISTS (
        SELECT FROM matching_presence AS presence
        WHERE presence.member_id = lapsed.invited_id AND presence.said_at >= lapsed.ended_at
    )
"""  # noqa: S608 - a constant of ours


@dataclass(frozen=True)
class BeingFound:
    """How a member stands: has as many partners as they can keep; so many invitations went by unanswered lately.

    `candidate` is their own row of the ranking, which need not be asked for again.
    """

    is_full: bool = False
    unanswered: int = 0
    candidate: Candidate | None = None

    @property
    def is_silent(self) -> bool:
        """Whether to ask them if they would like to pause."""
        return self.unanswered >= SILENT_FROM


def being_found(member: User) -> BeingFound:
    """Return how a member stands. One query."""
    unanswered = RawSQL(_OF_ONE, [member.pk], output_field=IntegerField())  # noqa: S611 - a constant of ours
    mine = Candidate.objects.filter(pk=member.pk).annotate(unanswered=unanswered).first()
    return BeingFound(mine.is_full, mine.unanswered, mine) if mine else BeingFound()


def who_is_full(me: User, other: User) -> str:
    """Return why `me` cannot invite `other` where one of them has as many partners as they can keep; "" else."""
    full = set(Candidate.objects.filter(pk__in=[me.pk, other.pk], is_full=True).values_list("pk", flat=True))
    if me.pk in full:
        return _(
            "You have as many partners as you said you can keep. Say under “My rhythm” that you could have one more, "
            "then invite."
        )
    if other.pk in full:
        return _("%(name)s has as many partners as they can keep now.") % {"name": other.profile.first_name}
    return ""


_OF_ONE = f"coalesce((SELECT invitations FROM ({UNANSWERED} AND lapsed.invited_id = %s GROUP BY 1) AS mine), 0)"  # noqa: S608
