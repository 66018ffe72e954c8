from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.held import Held


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
    )

    def ready(self) -> None:
        from accounts import notices
        from accounts.models.mail import Sort
        from checkins import attachments, letters, silence_letters

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
        notices.attach("contract:in_force", attachments.meetings)
