from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.held import Held

RHYTHM = ("every_weeks", "minutes", "weeks")
INTRODUCTION = (*("state", *RHYTHM), *("sent_at", "moved_at", "lapses_at", "accepted_at", "ended_at"))


class MatchingConfig(AppConfig):
    name = "matching"

    held_about_members = (
        Held(
            "matching.Introduction",
            "inviter",
            ("id", "invited__profile__name", *INTRODUCTION),
            title=_("your invitations to others"),
            called="introductions_sent",
        ),
        Held(
            "matching.Introduction",
            "invited",
            ("id", "inviter__profile__name", *INTRODUCTION, "decline_reason", "is_reason_private"),
            title=_("the invitations that others sent you"),
            called="introductions_received",
        ),
        Held(
            "matching.IntroductionMove",
            "author",
            ("introduction_id", "number", "kind", "text", *RHYTHM, "at"),
            title=_("what you wrote in introductions"),
        ),
        Held(
            "matching.Message",
            "author",
            ("id", "introduction_id", "text", "sent_at"),
            title=_("your messages"),
        ),
        Held(
            "matching.Mark",
            "member",
            ("other__profile__name", "kind", "marked_at"),
            title=_("whom you kept for later or set aside"),
        ),
        Held("matching.Mark", "other", why="Whom others keep in mind or set aside is theirs to know."),
        Held("matching.Presence", "member", ("said_at",)),
        Held("matching.Watch", "member", ("often", "asked_at", "told_at"), title=_("your wish to be told who fits")),
        Held("matching.Shown", "member", ("other__profile__name", "shown_at")),
        Held("matching.Shown", "other", why="Whom others were shown is theirs to know."),
        Held("matching.Reading", "member", ("introduction_id", "read_up_to")),
        Held("matching.AgendaTick", "member", ("introduction_id", "item", "ticked_at")),
    )

    def ready(self) -> None:
        from accounts import notices
        from accounts.models.mail import Sort
        from matching import letters, telling

        common = {"sort": Sort.INTRODUCTIONS, "prepare": letters.prepare}
        notices.register(letters.FAMILY, letters.render_introduction, **common)
        notices.register(telling.FAMILY, telling.render_fits, sort=Sort.FITS)
        notices.register(letters.CONVERSATION, letters.render_unread, joins=True, **common)
