"""The mails to a pair that has fallen silent. Each reads the truth again when it is sent."""

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.letters import Letter
from accounts.models import Notice
from accounts.notices import Unwanted
from accounts.zones import local_time
from checkins.models import Silence
from checkins.signs import last_signs
from checkins.silence import CLOSE_AFTER, PAUSE_AFTER, Step
from contracts.lifecycle import Side
from contracts.models import Contract


def render_silence_mail(notice: Notice) -> Letter:
    """Render a notice of the family `silence`. Raises Unwanted when it is not so any more."""
    kind = notice.kind.partition(":")[2]
    contract = Contract.objects.select_related("silence").filter(pk=notice.context["contract"]).first()
    member = notice.member
    if contract is None or member is None or not Contract.objects.visible_to(member).filter(pk=contract.pk).exists():
        raise Unwanted
    if not contract.is_in_force:
        raise Unwanted
    told_at = dt.datetime.fromisoformat(notice.context["told_at"])
    _check_stands(contract, kind, told_at)
    side = contract.side_of(member)
    return LETTERS[kind](contract, side, local_time(member.time_zone, told_at))


def _check_stands(contract: Contract, kind: str, told_at: dt.datetime) -> None:
    """Raise Unwanted where one has heard of the pair since; and that a pause is over, where we pause again."""
    silence: Silence | None = getattr(contract, "silence", None)
    if silence is None:
        raise Unwanted
    if kind == "resumed":
        if silence.step == Step.PAUSED:
            raise Unwanted
        return
    if silence.step != kind or silence.told_at != told_at or last_signs([contract.pk])[contract.pk] > told_at:
        raise Unwanted


def _words(contract: Contract, side: Side, day: dt.datetime) -> dict[str, str]:
    return {
        "name": contract.called(side.other),
        "day": date_format(day, "j F"),
        "pause": f"{settings.SITE_URL}{reverse('pair_pause', args=[contract.pk])}",
        "end": f"{settings.SITE_URL}{reverse('contract', args=[contract.pk])}#end",
    }


def _reason(words: dict[str, str]) -> str:
    return _("You get this because you and %(name)s have a contract in force.") % words


def _asked(contract: Contract, side: Side, told_at: dt.datetime) -> Letter:
    words = _words(contract, side, told_at + PAUSE_AFTER)
    return Letter(
        subject=_("Are you and %(name)s still meeting?") % words,
        heading=_("Are you two still meeting?"),
        paragraphs=(
            _("For some weeks we have seen no sign of you and %(name)s here. Perhaps you meet without us: lovely.")
            % words,
            _("One press on the button, or anything else that either of you does here, and everything goes on."),
            _("Do you need a rest, or is it over? Both are fine, and neither needs a reason."),
            _("To pause: %(pause)s") % words,
            _("To end it kindly: %(end)s") % words,
            _("Without a word we pause it for you on %(day)s, so that nobody waits for anybody.") % words,
        ),
        button=(_("Yes, we go on"), reverse("still_meeting", args=[contract.pk])),
        reason=_reason(words),
    )


def _paused(contract: Contract, side: Side, told_at: dt.datetime) -> Letter:
    words = _words(contract, side, told_at + CLOSE_AFTER)
    return Letter(
        subject=_("We have paused your meetings with %(name)s") % words,
        heading=_("A rest, for both of you"),
        paragraphs=(
            _("It has stayed quiet between you and %(name)s, so we have paused your meetings and reminders.") % words,
            _("Nothing is lost, and nobody has to explain anything. One press on the button, and you meet again."),
            _("If it stays quiet, we close your contract with thanks on %(day)s, and you are both free.") % words,
        ),
        button=(_("We go on"), reverse("still_meeting", args=[contract.pk])),
        reason=_reason(words),
    )


def _resumed(contract: Contract, side: Side, told_at: dt.datetime) -> Letter:
    words = _words(contract, side, told_at)
    return Letter(
        subject=_("You and %(name)s go on") % words,
        heading=_("It goes on"),
        paragraphs=(
            _("There is a sign of life between you and %(name)s: the pause is over, and you meet again.") % words,
        ),
        button=(_("See what comes next"), reverse("weeks", args=[contract.pk])),
        reason=_reason(words),
    )


LETTERS: dict[str, Callable[[Contract, Side, dt.datetime], Letter]] = {
    "asked": _asked,
    "paused": _paused,
    "resumed": _resumed,
}
