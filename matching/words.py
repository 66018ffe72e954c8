"""What is said about an introduction: on its page, in a refusal and in a mail, in the words of who reads it."""

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from matching.lifecycle import Move

# Each move as the other's doing and as one's own. Where neither moved, it is the first.
TOLD = {
    Move.SENT: (gettext_lazy("%(name)s invited you to talk."), gettext_lazy("You invited %(name)s to talk.")),
    Move.ASKED: (gettext_lazy("%(name)s asked for more."), gettext_lazy("You asked %(name)s for more.")),
    Move.ANSWERED: (gettext_lazy("%(name)s answered you."), gettext_lazy("You answered %(name)s.")),
    Move.PROPOSED: (
        gettext_lazy("%(name)s proposed another rhythm."),
        gettext_lazy("You proposed another rhythm to %(name)s."),
    ),
    Move.ACCEPTED: (gettext_lazy("%(name)s said yes."), gettext_lazy("You said yes.")),
    Move.DECLINED: (gettext_lazy("%(name)s said: not now."), gettext_lazy("You said: not now.")),
    Move.WITHDRAWN: (
        gettext_lazy("%(name)s took the invitation back."),
        gettext_lazy("You took the invitation back."),
    ),
    Move.CLOSED: (gettext_lazy("%(name)s closed the conversation."), gettext_lazy("You closed the conversation.")),
}
BY_NOBODY = {
    Move.LAPSED: gettext_lazy("Fourteen days went by, and the invitation lapsed."),
    Move.WITHDRAWN: gettext_lazy("The invitation ended."),
    Move.CLOSED: gettext_lazy("The conversation ended."),
    Move.INTRODUCED: gettext_lazy("You were introduced to each other, and you both said yes."),
}


def told(kind: str, *, by: str, is_mine: bool, name: str) -> str:
    """Return a move as one sentence. `name` is the other's first name; `by` is "" for a move of neither."""
    move = Move(kind)
    if not by:
        return str(BY_NOBODY[move])
    return str(TOLD[move][is_mine]) % {"name": name}


def introduced_by(name: str) -> str:
    """Return how a conversation began that somebody brought about, whose full name this is."""
    return _("%(name)s introduced you to each other, and you both said yes.") % {"name": name}


def rhythm(every_weeks: int, minutes: int, weeks: int) -> str:
    """Return a rhythm in words, such as “every week, 60 minutes, for 8 weeks”."""

    return _("%(often)s, %(minutes)s, for %(weeks)s") % {
        "often": _("every week") if every_weeks == 1 else _("every two weeks"),
        "minutes": ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes},
        "weeks": ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks},
    }
