import uuid
from collections.abc import Sequence

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts import countries, languages, text
from accounts.forms import LineField, ListingForm, WordsField, plain_helper
from accounts.models import Goal, Listing, Profile, TopicAlias, User
from accounts.models.listings import Side
from accounts.models.profiles import Medium
from accounts.typing import topics_typed
from accounts.widgets import Radios, Ticks
from matching.index import index
from matching.models import Card, Report
from matching.models.watches import Often
from matching.ranking import Wishes

# So many of each list are ticked when a card is begun.
FIRST_ON_A_CARD = 5

# An old address can name what is not on one's list any more.
NOT_THERE = {"invalid_choice": _("That is not on your list any more, so it narrows nothing.")}
PARTS = {
    "": _("Any time of day"),
    "morning": _("Morning, before noon"),
    "afternoon": _("Afternoon, from noon"),
    "evening": _("Evening, from six"),
    "night": _("Night, from midnight"),
}


class WishesForm(forms.Form):
    """What the list of partners is narrowed to. What cannot be understood narrows nothing."""

    help = LineField(
        label=_("They can help with"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-topics": "/topics/"}),
    )
    words = LineField(label=_("They say"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False, error_messages=NOT_THERE)
    day = forms.TypedChoiceField(
        label=_("You could both meet on"),
        choices=[("", _("Any day")), *((str(number), name) for number, name in WEEKDAYS.items())],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages=NOT_THERE,
    )
    part = forms.ChoiceField(
        label=_("At what time, on your clock"), choices=list(PARTS.items()), required=False, error_messages=NOT_THERE
    )
    country = forms.ChoiceField(label=_("Country"), required=False, error_messages=NOT_THERE)
    medium = forms.ChoiceField(label=_("How to meet"), required=False, error_messages=NOT_THERE)

    def __init__(self, data: QueryDict, *, member: User) -> None:
        self.member = member
        super().__init__(_with_phrase(data, member))
        spoken = member.profile.languages
        self.fields["language"].choices = [("", _("Any that I speak")), *((c, languages.name(c)) for c in spoken)]
        self.fields["country"].choices = self._countries
        self.fields["medium"].choices = [("", _("Any way")), *Medium.choices]

    def clean_help(self) -> int | None:
        phrase = self.cleaned_data["help"]
        if not phrase:
            return None
        # The very words are a topic whoever made it, as for a listing; what is like them only if it may be proposed.
        # Whether somebody has words that nobody sees, nobody learns.
        seen = Listing.objects.standing().shown(is_introduced=False).filter(topic=OuterRef("topic"))
        named = TopicAlias.objects.filter(key=text.key(phrase))
        exact = named.filter(Q(topic__is_provisional=False) | Exists(seen)).first()
        known = [exact] if exact else topics_typed(phrase, by=self.member, most=1)
        if not known:
            raise forms.ValidationError(_("We know no topic of that name, so it narrows nothing. Try it as a word."))
        return known[0].topic_id

    def wishes(self) -> Wishes:
        self.is_valid()
        cleaned = self.cleaned_data
        return Wishes(
            topic_id=cleaned.get("help"),
            words=cleaned.get("words") or "",
            language=cleaned.get("language") or "",
            day=cleaned.get("day"),
            part=cleaned.get("part") or "",
            country=cleaned.get("country") or "",
            medium=cleaned.get("medium") or "",
        )

    def _countries(self) -> list[tuple[str, str]]:
        """Return the countries of those who are here, and the one that was chosen. Asked for when they are drawn."""
        chosen = self.data.get("country", "")
        here = {*index.countries(), *([chosen] if countries.is_known(chosen) else [])}
        return [("", _("Any country")), *countries.by_name(here)]


def _with_phrase(data: QueryDict, member: User) -> QueryDict:
    """Return what an address says, with the phrase of a need in the place of its number: older addresses have that."""
    number = data.get("help", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return data
    needs = Listing.objects.owned_by(member).standing().needs().select_related("topic")
    need = needs.filter(topic=int(number)).first()
    said = data.copy()
    said["help"] = need.topic.label if need else ""
    return said


class MeetingsForm(forms.Form):
    """How often two would meet, how long each time, and for how many weeks."""

    every_weeks = forms.TypedChoiceField(
        label=_("How often would you meet?"),
        choices=[(1, _("Every week")), (2, _("Every two weeks"))],
        coerce=int,
        widget=Radios,
        initial=1,
        error_messages={"required": _("Choose how often you would meet.")},
    )
    minutes = forms.IntegerField(
        label=_("Minutes each time"),
        min_value=15,
        max_value=180,
        initial=60,
        help_text=_("15 to 180. An hour gives each of you half of it."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _("Say how many minutes a meeting takes.")},
    )
    weeks = forms.IntegerField(
        label=_("For how many weeks?"),
        min_value=4,
        max_value=52,
        initial=8,
        help_text=_("4 to 52. You can go on afterwards, or stop."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _("Say for how many weeks.")},
    )


class InviteForm(MeetingsForm):
    note = WordsField(
        label=_("Your note"),
        max_length=2000,
        rows=6,
        help_text=_("What you are working on, why them, and what you could do for them."),
        error_messages={"required": _("Write a few words: people answer to people.")},
    )

    field_order = ["note", "every_weeks", "minutes", "weeks"]


class AskForm(forms.Form):
    text = WordsField(
        label=_("What would you like to know?"),
        max_length=2000,
        error_messages={"required": _("Write your question.")},
    )


class AnswerForm(forms.Form):
    text = WordsField(
        label=_("Your answer"),
        max_length=2000,
        error_messages={"required": _("Write your answer.")},
    )


class ProposeForm(MeetingsForm):
    text = WordsField(label=_("A word about it"), max_length=2000, required=False)


class DeclineForm(forms.Form):
    reason = WordsField(
        label=_("Would you like to say why?"),
        max_length=1000,
        required=False,
        help_text=_("You need not. “I have no time this spring” is plenty."),
    )
    is_private = forms.BooleanField(label=_("Keep the reason to myself"), required=False)


class ProposalForm(forms.Form):
    """Two people whom the member knows, of `people`, and what each is told."""

    one = forms.ChoiceField(label=_("One of them"), error_messages={"required": _("Choose somebody whom you know.")})
    other = forms.ChoiceField(
        label=_("And the other"), error_messages={"required": _("Choose a second person whom you know.")}
    )
    note = WordsField(
        label=_("Your note"),
        max_length=1000,
        rows=5,
        help_text=_("Why do you think that these two should meet? Both read it, unless you write the second one, too."),
        error_messages={"required": _("Write a few words: they know you, and not each other.")},
    )
    other_note = WordsField(
        label=_("A note of their own for the other"),
        max_length=1000,
        rows=5,
        required=False,
        help_text=_("Then the first note is read by the one whom you named first, and this one by the other."),
    )

    def __init__(self, *args, people: Sequence[Profile], **kwargs):
        super().__init__(*args, **kwargs)
        named = [(str(each.pk), f"{each.name} ({each.headline})" if each.headline else each.name) for each in people]
        for field in ("one", "other"):
            self.fields[field].choices = [("", _("Choose")), *named]

    def clean(self) -> None:
        chosen = self.cleaned_data
        if chosen.get("one") and chosen["one"] == chosen.get("other"):
            self.add_error("other", _("Choose two different people."))


class ProposalChoiceForm(forms.Form):
    may_be_proposed = forms.TypedChoiceField(
        label=_("May others introduce you?"),
        choices=[("yes", _("Members who know me may ask me")), ("no", _("Nobody asks me"))],
        coerce=lambda said: said == "yes",
        widget=Radios,
        help_text=_("You can always say “not now”, and nobody hears of it."),
        error_messages={"required": _("Choose one of the two.")},
    )


class ReportForm(forms.Form):
    """What is wrong, in a word and in one's own, and whether to keep the other away."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=Report.Reason.choices,
        widget=Radios,
        error_messages={"required": _("Choose what comes nearest.")},
    )
    words = WordsField(
        label=_("In your own words"),
        max_length=2000,
        rows=5,
        required=False,
        help_text=_("What happened, and what would help you."),
    )
    also_block = forms.BooleanField(
        label=_("Block them as well"),
        required=False,
        help_text=_(
            "You two no longer see each other, and what is open between you ends: an invitation, a draft, a contract "
            "in force. They are not told."
        ),
    )

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("reason") == Report.Reason.OTHER and not said.get("words"):
            self.add_error("words", _("Say in a few words what is wrong."))


class MessageForm(forms.Form):
    text = WordsField(
        label=_("Your message"),
        max_length=4000,
        error_messages={"required": _("Write a message first.")},
    )
    # A new one for each form that is shown: sent twice, it is one message.
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class CardForm(forms.Form):
    """What a card shows: each of these is chosen by its owner, and nothing else stands on it."""

    note = WordsField(
        label=_("Your note"),
        max_length=1000,
        rows=5,
        help_text=_("As you would say it to them: what you are up to, and why you thought of them."),
        error_messages={"required": _("Write a few words: people answer to people.")},
    )
    goal = forms.ChoiceField(
        label=_("A goal of yours"), widget=Radios, required=False, error_messages={"invalid_choice": _("Choose again.")}
    )
    offers = forms.MultipleChoiceField(
        label=_("What you could do for them"),
        widget=Ticks,
        required=False,
        error_messages={"invalid_choice": _("One of these is not on your list any more. Choose again.")},
    )
    needs = forms.MultipleChoiceField(
        label=_("What you need"),
        widget=Ticks,
        required=False,
        error_messages={"invalid_choice": _("One of these is not on your list any more. Choose again.")},
    )

    def __init__(self, *args, member: User, **kwargs):
        super().__init__(*args, **kwargs)
        goals = Goal.objects.owned_by(member).current().order_by("-horizon")
        listings = list(Listing.objects.owned_by(member).standing())
        self.fields["goal"].choices = [*((str(goal.pk), goal.text) for goal in goals), ("", _("No goal"))]
        for name, is_offer in (("offers", True), ("needs", False)):
            mine = [listing for listing in listings if listing.is_offer is is_offer]
            self.fields[name].choices = [(str(listing.pk), listing.phrase) for listing in mine]
            if not mine:
                del self.fields[name]

    @classmethod
    def proposed(cls, member: User) -> dict[str, object]:
        """Return what is chosen to begin with: the nearest goal and the first of each list."""
        goal = Goal.objects.owned_by(member).current().order_by("-horizon").first()
        mine = Listing.objects.owned_by(member).standing()
        return {
            "goal": str(goal.pk) if goal else "",
            "offers": [str(pk) for pk in mine.offers().values_list("pk", flat=True)[:FIRST_ON_A_CARD]],
            "needs": [str(pk) for pk in mine.needs().values_list("pk", flat=True)[:FIRST_ON_A_CARD]],
        }

    @classmethod
    def chosen(cls, card: Card) -> dict[str, object]:
        """Return what stands on a card."""
        standing = card.listings.filter(removed_at__isnull=True)
        return {
            "note": card.note,
            "goal": str(card.goal_id or ""),
            "offers": [str(listing.pk) for listing in standing if listing.is_offer],
            "needs": [str(listing.pk) for listing in standing if not listing.is_offer],
        }

    def cleaned(self) -> dict[str, object]:
        """Return what the action takes."""
        said = self.cleaned_data
        listings = [int(pk) for name in ("offers", "needs") for pk in said.get(name, [])]
        return {
            "note": said["note"],
            "goal_id": int(said["goal"]) if said["goal"] else None,
            "listing_ids": listings,
        }


class AddressForm(forms.Form):
    address = forms.EmailField(
        label=_("Their e-mail address"),
        max_length=254,
        help_text=_("One mail, in your name, with your note and the link. When it has gone we delete the address."),
        error_messages={
            "required": _("Enter the e-mail address."),
            "invalid": _("Enter an e-mail address in the right form, like name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class GuestForm(forms.Form):
    """The first page of an answer: who, and what for."""

    name = LineField(
        label=_("Your name"),
        max_length=80,
        help_text=_("As you would like to be greeted."),
        error_messages={"required": _("Enter the name you go by.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    goal = WordsField(
        label=_("Your goal for about a month"),
        max_length=500,
        error_messages={"required": _("Write down your goal, in a sentence.")},
    )


class GuestListingForm(ListingForm):
    """One thing that a guest has, or needs: as a member is asked, without what can wait."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("difference", None)
        phrase = self.fields["phrase"]
        # The list of topics is for members.
        del phrase.widget.attrs["data-topics"]
        phrase.label = _("In a word or two")
        phrase.help_text = (
            _("What do people ask you about?") if self.side == Side.OFFER else _("What would bring you nearer to it?")
        )


NEVER = "never"


class WatchForm(forms.Form):
    often = forms.ChoiceField(
        label=_("Shall we tell you when somebody fits?"),
        choices=[*Often.choices, (NEVER, _("No"))],
        widget=Radios,
        help_text=_("By mail, about people who newly fit you well, several in one mail. Nobody learns of it."),
        error_messages={
            "required": _("Choose whether we shall tell you."),
            "invalid_choice": _("Choose one of these."),
        },
    )

    @property
    def helper(self) -> FormHelper:
        return plain_helper()
