from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.held import Erasure, Held


class CheckinsConfig(AppConfig):
    name = "checkins"

    held_about_members = (
        Held(
            "checkins.CheckIn",
            "author",
            (
                *("contract", "on", "state", "promise", "kept", "strategies", "moved", "time_spent", "indicator"),
                *(
                    "block",
                    "in_the_way",
                    "asked_back",
                    "helped",
                    "help_given",
                    "help_received",
                    "next_step",
                    "confidence",
                    "long_goal",
                ),
                *("private_note", "sent_at"),
            ),
            title=_("check-ins"),
        ),
        Held(
            "checkins.Reply",
            "author",
            ("contract", "on", "is_cheer", "words", "said_at"),
            title=_("replies to check-ins"),
        ),
        Held(
            "checkins.Push",
            "author",
            ("contract", "on", "state", "words", "said_at"),
            title=_("words to push a partner"),
        ),
        # What they say of the fit, for themselves; the other's answers are the other's.
        Held(
            "checkins.FitAnswer",
            "author",
            ("contract", "question", "says", "words", "at", "shared_at"),
            title=_("answers whether it is a good fit"),
        ),
        # The address itself stays where it is: whoever has it reads all meetings to come.
        Held("checkins.CalendarFeed", "member", ("made_at", "last_asked_at"), title=_("the address of your calendar")),
        # What the two agree on is the other's as well: their ledger keeps it, without the words of whoever left.
        *(
            Held(
                "checkins.Help",
                f"contract__{side}",
                ("contract", "version", "key", "giver", "on", "amount", *fields),
                title=_("help that you gave or got and that was confirmed, without your words"),
                erasure=Erasure.STAYS,
                called=f"{called}_as_{side}_party",
                only={of: whose},
            )
            for side, other in (("first", "second"), ("second", "first"))
            for called, of, whose, fields in (
                ("help_given", "giver", side, ("state", "confirmed")),
                ("help_got", "giver", other, ("state", "confirmed", "answer", "answered_at")),
                ("help_written_down", "written_by", side, ("words", "said_at", "state")),
            )
        ),
        Held("checkins.FineAsItIs", "member", ("contract", "upto", "said_at")),
        Held("checkins.Naming", "member", ("contract", "at"), title=_("consents to be named")),
    )

    def ready(self) -> None:
        from accounts import notices
        from accounts.models.mail import Sort
        from checkins import attachments, help_letters, letters, silence_letters

        # What somebody has just changed is told by itself; reminders of one evening come together.
        notices.register(
            "meeting",
            letters.render_meeting_mail,
            sort=Sort.MEETINGS,
            joins={"tomorrow"},
            prepare=letters.prepare,
        )
        # What a person says goes by itself; to who needs it now, at once.
        notices.register(
            "check_in",
            letters.render_meeting_mail,
            sort=Sort.CHECKINS,
            urgent={"push"},
            joins={"due", "late"},
            prepare=letters.prepare,
        )
        notices.register("silence", silence_letters.render_silence_mail, sort=Sort.CONTRACTS)
        notices.register("help", help_letters.render_help_mail, sort=Sort.CHECKINS)
        notices.attach("contract:in_force", attachments.meetings)
