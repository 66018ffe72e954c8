from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.held import Erasure, Held


class ContractsConfig(AppConfig):
    name = "contracts"

    held_about_members = (
        tuple(
            Held(
                "contracts.Contract",
                side,
                (
                    *("id", "first_name", "second_name", "state", "started_at", "in_force_at", "ended_at"),
                    "version_in_force__text",
                ),
                title=_("contracts that a partner has signed, whole; what nobody but you signed goes"),
                erasure=Erasure.STAYS,
                called=f"contracts_as_{side}_party",
            )
            for side in ("first", "second")
        )
        + tuple(
            # What they wrote themselves; the text that both wrote is on the contract's page, and in its versions.
            Held(
                "contracts.Edit",
                f"contract__{side}",
                ("contract", "number", "key", "content", "at"),
                called=f"what_you_wrote_as_{side}_party",
                only={"by": side},
            )
            for side in ("first", "second")
        )
        + tuple(
            # What the audit trail notes of them; the hashes stay when what it says is erased.
            Held(
                "contracts.AuditEvent",
                f"contract__{side}",
                ("contract", "number", "kind", "version", "at", "payload", "sha256"),
                erasure=Erasure.STAYS,
                called=f"audit_trail_as_{side}_party",
                only={"by": side},
            )
            for side in ("first", "second")
        )
    )

    held_about_members += tuple(
        Held(
            "contracts.SealedFile",
            f"version__contract__{side}",
            ("version__number", "version__contract", "sha256", "certificate", "sealed_at"),
            erasure=Erasure.STAYS,
            called=f"sealed_copies_as_{side}_party",
        )
        for side in ("first", "second")
    )

    # What they said about the draft goes with it; the other's words are the other's.
    held_about_members += tuple(
        Held(
            "contracts.Comment",
            f"contract__{side}",
            ("contract", "key", "field", "text", "at", "resolved_at", "taken_back_at"),
            called=f"comments_as_{side}_party",
            only={"by": side},
        )
        for side in ("first", "second")
    )

    # What one said on looking back goes with them; the other keeps their own.
    held_about_members += tuple(
        Held(
            "contracts.StretchReview",
            f"contract__{side}",
            ("contract", "version__number", "outcome", "learned", "otherwise", "thanks", "at"),
            title=_("closing reviews that you have written"),
            called=f"closing_reviews_as_{side}_party",
            only={"side": side},
        )
        for side in ("first", "second")
    )

    def ready(self) -> None:
        from accounts import notices
        from contracts import checks, letters  # noqa: F401 - the checks register themselves

        notices.register("contract", letters.render_contract_mail, sort=letters.sort_of)
        notices.attach("contract:sealed", letters.signed_copy)
