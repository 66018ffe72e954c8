from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.held import Held


class AccountsConfig(AppConfig):
    name = "accounts"

    held_about_members = (
        Held("accounts.User", "pk", ("email", "time_zone", "language", "joined_at", "last_login")),
        Held(
            "accounts.Profile",
            "member",
            (
                *(
                    "name",
                    "headline",
                    "about",
                    "contact",
                    "country",
                    "languages",
                    "media",
                    "hours_per_week",
                    "free_hours",
                ),
                *(
                    "about_shown_to",
                    "hours_shown_to",
                    "country_shown_to",
                    "partners_at_once",
                    "is_looking",
                    "paused_until",
                ),
            ),
            title=_("your profile and rhythm"),
        ),
        Held(
            "accounts.Goal",
            "member",
            ("id", "horizon", "text", "indicator", "due_on", "part_of", "shown_to", "set_at", "ended_at", "outcome"),
            title=_("your goals"),
        ),
        Held(
            "accounts.Listing",
            "member",
            (
                *(
                    "side",
                    "kind",
                    "phrase",
                    "topic__label_en",
                    "words",
                    "level",
                    "importance",
                    "difference",
                    "position",
                ),
                *("shown_to", "added_at", "removed_at"),
            ),
            title=_("your offers and needs"),
        ),
        Held(
            "accounts.PendingAlias",
            "member",
            ("phrase", "topic__label_en", "chosen_at"),
            title=_("which topics you chose for your words"),
        ),
        Held(
            "accounts.Draft",
            "member",
            ("form", "values", "saved_at", "sent_from"),
            title=_("what you typed and have not sent"),
        ),
        Held(
            "accounts.Block",
            "blocker",
            ("blocked__profile__name", "blocked_at"),
            title=_("your list of blocked people"),
        ),
        Held("accounts.Block", "blocked", why="Whom others have blocked is theirs to know."),
        Held(
            "accounts.Notice",
            "member",
            ("kind", "address", "due_at", "state", "sent_at"),
            title=_("our record of the mails we sent you"),
        ),
        Held(
            "accounts.MailChoices",
            "member",
            (
                *("introductions", "fits", "contracts", "meetings", "checkins", "digest_weekday", "digest_hour"),
                *("quiet_from", "quiet_until", "resumes_on"),
            ),
            title=_("which mails you want, and when"),
        ),
        Held("accounts.User_groups", "user", why="Permissions of staff say nothing about a person."),
        Held("accounts.User_user_permissions", "user", why="Permissions of staff say nothing about a person."),
        Held("account.EmailAddress", "user", ("email", "verified", "primary"), title=_("your e-mail address")),
        # The secrets of two-step login stay where they are: whoever has them can log in.
        Held(
            "mfa.Authenticator",
            "user",
            ("type", "created_at", "last_used_at"),
            title=_("your two-step login"),
        ),
        Held(
            "usersessions.UserSession",
            "user",
            ("user_agent", "ip", "created_at", "last_seen_at"),
            title=_("the list of devices you are logged in on"),
        ),
        Held("admin.LogEntry", "user", why="What staff did to the data of others."),
    )

    def ready(self) -> None:
        from accounts import emails, notices
        from accounts.models.mail import Sort

        notices.register(emails.FAMILY, emails.render_account_mail, sort=Sort.ALWAYS)
