"""The mail about people who newly fit: one for several, which reads again whether they still do."""

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Letter
from accounts.models import Notice
from accounts.notices import Unwanted
from matching.models import Watch
from matching.models.watches import Often
from matching.suggestions import Suggestion, describe, good_fits, is_open_to_new

FAMILY = "fits"
MOST_NAMED = 5


def render_fits(notice: Notice) -> Letter:
    """Render the mail; unwanted where the reader wants none any more, pauses, or nobody of them still fits."""
    reader = notice.member
    asked = Watch.objects.owned_by(reader).first() if reader else None
    if reader is None or asked is None or not is_open_to_new(reader):
        raise Unwanted
    found = describe(reader, good_fits(reader, of=notice.context["members"]))
    if not found:
        raise Unwanted
    count = len(found)
    about = {"name": found[0].profile.name, "first": found[0].profile.first_name, "count": count}
    subject = (
        ngettext("%(name)s could be a partner for you", "%(count)d people could be partners for you", count) % about
    )
    more = count - MOST_NAMED
    return Letter(
        subject=subject,
        heading=subject,
        paragraphs=(
            ngettext(
                "You asked to be told when somebody fits. %(first)s offers something that you need, and needs "
                "something that you offer.",
                "You asked to be told when somebody fits. Each of them offers something that you need, and needs "
                "something that you offer.",
                count,
            )
            % about,
            *((ngettext("And %(more)d more.", "And %(more)d more.", more) % {"more": more},) if more > 0 else ()),
        ),
        facts=tuple((each.profile.name, _exchange(each)) for each in found[:MOST_NAMED]),
        button=(
            (_("Look at the page of %(first)s") % about, found[0].profile.get_absolute_url())
            if count == 1
            else (_("See who fits"), reverse("partners"))
        ),
        reason=(
            _("You get this because you asked to be told when somebody fits, at most once a day.")
            if asked.often == Often.DAY
            else _("You get this because you asked to be told when somebody fits, at most once a week.")
        ),
    )


def _exchange(suggestion: Suggestion) -> str:
    return _("%(fit)s. Gives you: %(gives)s. Learns from you: %(learns)s.") % {
        "fit": suggestion.fit_word,
        "gives": ", ".join(suggestion.gives_topics[:3]),
        "learns": ", ".join(suggestion.learns_topics[:3]),
    }
