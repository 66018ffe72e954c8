"""The pages of help with the method: what they are called, in the order in which one comes to need them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    """One page. `slug` is its address and the name of its text, `templates/method/_<slug>.html`."""

    slug: str
    title: Promise
    about: Promise

    @property
    def text(self) -> str:
        return f"method/_{self.slug}.html"


_TOPICS = (
    Topic(
        "choosing",
        _("Choosing the best person"),
        _("It is seldom the most impressive one. It is somebody with whom both of you gain, week after week."),
    ),
    Topic(
        "realistic-goals",
        _("Realistic goals"),
        _("A goal for about a month that you can finish, and know that you have finished."),
    ),
    Topic(
        "measures",
        _("Measures that work"),
        _("How you both see whether you are getting there, and whether the help came, without having to ask."),
    ),
    Topic(
        "first-conversation",
        _("A first conversation"),
        _("Half an hour in which two people find out whether they would like to do this. Either answer is a good one."),
    ),
    Topic(
        "giving-help",
        _("Giving help and feedback"),
        _("How to be of use for half an hour, and how to say what you see so that it can be heard."),
    ),
    Topic(
        "when-it-stalls",
        _("When it stalls"),
        _("Weeks go missing in almost every pair. What to do then, from the smallest step to a kind end."),
    ),
)
TOPICS: Mapping[str, Topic] = {topic.slug: topic for topic in _TOPICS}
