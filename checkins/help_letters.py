"""The mail that help was said, and waits for a yes. It reads the truth again when it is sent."""

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Letter
from accounts.models import Notice
from accounts.notices import Unwanted
from checkins import books
from checkins.words import help_words
from contracts.models import Contract

MOST_NAMED = 5


def render_help_mail(notice: Notice) -> Letter:
    """Render a notice of the family `help`. Raises Unwanted when nothing waits any more."""
    member = notice.member
    mine = Contract.objects.select_related("first__profile", "second__profile")
    contract = mine.filter(pk=notice.context["contract"]).first()
    if contract is None or member is None or not contract.is_in_force:
        raise Unwanted
    if member.pk not in {contract.first_id, contract.second_id}:
        raise Unwanted
    side = contract.side_of(member)
    rows = [row for row in books.of(contract).given_by(side.other) if row.waiting]
    said = [(row, each) for row in rows for each in row.waiting]
    if not said:
        raise Unwanted
    words = {"name": contract.called(side.other)}
    more = len(said) - MOST_NAMED
    facts = [(row.term.what, help_words(each, row.term_of(each))) for row, each in said[:MOST_NAMED]]
    if more > 0:
        facts.append((_("And"), ngettext("%(n)d more", "%(n)d more", more) % {"n": more}))
    return Letter(
        subject=_("%(name)s has given you help: did it reach you?") % words,
        heading=_("Did it reach you?"),
        paragraphs=(
            _("%(name)s has written down what you got. Only you can say whether it reached you, and how much.") % words,
            _("If it was more or less, say so: whatever you say counts."),
        ),
        button=(_("Have a look"), reverse("pair_help", args=[contract.pk])),
        reason=_("You get this because you and %(name)s have a contract in force.") % words,
        facts=tuple(facts),
    )
