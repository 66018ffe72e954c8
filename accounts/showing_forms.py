"""The form of who sees what: a choice for each part, goal and listing."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import plain_helper
from accounts.models import Goal, Listing, Profile
from accounts.models.showing import ShownTo


class ShowingForm(forms.Form):
    about = forms.ChoiceField(label=_("What you do, and about you"))
    hours = forms.ChoiceField(
        label=_("Your hours, and how you meet"),
        help_text=_("Somebody who fits you shares an hour with you all the same; they are not told which."),
    )
    country = forms.ChoiceField(label=_("Your country"))

    def __init__(
        self, *args: Any, profile: Profile, goals: Sequence[Goal], listings: Sequence[Listing], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.goals, self.listings = goals, listings
        for part in ("about", "hours", "country"):
            self.fields[part].initial = getattr(profile, f"{part}_shown_to")
        for goal in goals:
            self.fields[f"goal-{goal.pk}"] = forms.ChoiceField(label=goal.text, initial=goal.shown_to)
        for listing in listings:
            self.fields[f"listing-{listing.pk}"] = forms.ChoiceField(label=listing.phrase, initial=listing.shown_to)
        for field in self.fields.values():
            field.choices = ShownTo.choices
            field.error_messages |= {
                "required": _("Choose who sees it."),
                "invalid_choice": _("Choose who sees it."),
            }

    @property
    def parts(self) -> list[forms.BoundField]:
        return [self[part] for part in ("about", "hours", "country")]

    @property
    def of_goals(self) -> list[forms.BoundField]:
        return [self[f"goal-{goal.pk}"] for goal in self.goals]

    @property
    def of_offers(self) -> list[forms.BoundField]:
        return [self[f"listing-{listing.pk}"] for listing in self.listings if listing.is_offer]

    @property
    def of_needs(self) -> list[forms.BoundField]:
        return [self[f"listing-{listing.pk}"] for listing in self.listings if not listing.is_offer]

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, as the action takes it."""
        cleaned = self.cleaned_data
        return {
            **{part: cleaned[part] for part in ("about", "hours", "country")},
            "goals": {goal.pk: cleaned[f"goal-{goal.pk}"] for goal in self.goals},
            "listings": {listing.pk: cleaned[f"listing-{listing.pk}"] for listing in self.listings},
        }

    @property
    def helper(self) -> FormHelper:
        return plain_helper()
