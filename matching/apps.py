from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.held import Erasure, Held

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
        Held(
            "matching.Card",
            "owner",
            (
                *("id", "note", "goal__text", "made_at", "expires_at", "opened_at", "revoked_at", "used_at"),
                "introduction_id",
            ),
            title=_("your cards for people you know"),
        ),
        Held("matching.Card", "listings__member", ("id", "listings__phrase"), called="what_stands_on_cards"),
        Held("matching.CardMail", "card__owner", ("card_id", "asked_at"), title=_("that you had cards sent by mail")),
        Held(
            "matching.GuestSide",
            "member",
            ("name", "goal", "offers", "needs", "begun_at", "expires_at"),
            title=_("what you typed before you had an account"),
        ),
        Held(
            "matching.Proposal",
            "proposer",
            (
                *("id", "first__profile__name", "second__profile__name", "first_note", "second_note"),
                *("state", "asked_at", "lapses_at", "ended_at"),
            ),
            title=_("whom you proposed to each other"),
            called="proposals_made",
        ),
        # What the other of the two answered, and so what became of it, is not theirs to know.
        *(
            Held(
                "matching.Proposal",
                side,
                (
                    *("id", "proposer__profile__name", f"{other}__profile__name", f"{side}_note", f"{side}_answer"),
                    *(f"{side}_answered_at", "asked_at", "lapses_at"),
                ),
                title=_("what others asked you, and what you said, about whom you might meet"),
                called=f"proposals_to_you_{side}",
            )
            for side, other in (("first", "second"), ("second", "first"))
        ),
        Held(
            "matching.ProposalChoice",
            "member",
            ("may_be_proposed",),
            title=_("whether others may introduce you"),
        ),
        Held(
            "matching.Report",
            "reporter",
            (
                *("about", "reported__profile__name", "reason", "words", "copy", "reported_at"),
                *("state", "answer", "answered_at"),
            ),
            title=_("what you told us about others, without your name, until a year after we answered"),
            erasure=Erasure.STAYS,
        ),
        Held(
            "matching.Report",
            "reported",
            why="Who has told us of somebody, and what, is between them and us.",
            erasure=Erasure.STAYS,
        ),
        Held("matching.Report", "handled_by", why="What staff did to the data of others.", erasure=Erasure.STAYS),
        Held("matching.Presence", "member", ("said_at",)),
        Held("matching.Watch", "member", ("often", "asked_at", "told_at"), title=_("your wish to be told who fits")),
        Held("matching.Shown", "member", ("other__profile__name", "shown_at")),
        Held("matching.Shown", "other", why="Whom others were shown is theirs to know."),
        Held("matching.Reading", "member", ("introduction_id", "read_up_to")),
        Held("matching.AgendaTick", "member", ("introduction_id", "item", "ticked_at")),
    )

    def ready(self) -> None:
        from accounts import arrivals, notices
        from accounts.models.mail import Sort
        from matching import letters, proposal_letters, report_letters, telling
        from matching.views import arriving

        common = {"sort": Sort.INTRODUCTIONS, "prepare": letters.prepare}
        notices.register(letters.FAMILY, letters.render_introduction, **common)
        notices.register(proposal_letters.FAMILY, proposal_letters.render, sort=Sort.INTRODUCTIONS)
        notices.register(report_letters.FAMILY, report_letters.render, sort=Sort.ALWAYS)
        notices.register(telling.FAMILY, telling.render_fits, sort=Sort.FITS)
        notices.register(letters.CONVERSATION, letters.render_unread, joins=True, **common)
        # Who gets it has chosen nothing, being no member; the mail has a link of its own that stops it.
        notices.register(letters.CARD, letters.render_card, sort=Sort.ALWAYS)
        arrivals.register(signed_up=arriving.signed_up, logged_in=arriving.logged_in)
