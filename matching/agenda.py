"""What two people talk through before they agree: step 5 of the method."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Item(TextChoices):
    BRINGS = "brings", _("What each of us brings")
    NEEDS = "needs", _("What each of us needs")
    TIME = "time", _("How much time we have")
    EFFORT = "effort", _("How much effort we will give it")
    RESOURCES = "resources", _("What else we can put in")
    EQUALS = "equals", _("We are equals")
    BARTER = "barter", _("Our exchange is said aloud")
    BOTH = "both", _("Each is mentor and protégé")
    NO_JUDGING = "no_judging", _("No judging")

    @property
    def help(self) -> str:
        """One line that says what to talk about."""
        return str(HELP[self])


HELP = {
    Item.BRINGS: _("Skills, things and people. Be plain about what you are good at: it is no boasting here."),
    Item.NEEDS: _("For the goal you have now. Say it small enough that the other can help with it next week."),
    Item.TIME: _("Hours a week, the meeting included. Less that is certain beats more that is hoped for."),
    Item.EFFORT: _("What you will do between two meetings, and what happens when a week goes wrong."),
    Item.RESOURCES: _("A tool, a room, a book, a name. Only what you would gladly share."),
    Item.EQUALS: _("Nobody is senior. Each is better than the other at something the other needs."),
    Item.BARTER: _("What I give and what I get, in words, so that nobody has to guess or to be grateful."),
    Item.BOTH: _("You take turns: each of you teaches, and each of you learns."),
    Item.NO_JUDGING: _("You keep each other on target, kindly. A missed week is a question, not a mark."),
}

PRINCIPLES = (Item.EQUALS, Item.BARTER, Item.BOTH, Item.NO_JUDGING)
