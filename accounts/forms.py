"""Shapes of input and their wording. What may be, the actions and the database decide."""

import datetime as dt
import decimal
import re
from collections.abc import Sequence

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy as _

from accounts import countries, languages, text
from accounts.models.listings import Importance, Level, Side
from accounts.models.profiles import Medium
from accounts.models.topics import Kind, Topic
from accounts.models.users import validate_time_zone
from accounts.week import HOURS
from accounts.widgets import Radios, Ticks, ZoneSelect


class LineField(forms.CharField):
    """One line of text."""

    def to_python(self, value):
        return text.one_line(super().to_python(value))


class WordsField(forms.CharField):
    """A few sentences, with line breaks."""

    widget = forms.Textarea

    def __init__(self, *args, rows: int = 3, **kwargs):
        super().__init__(*args, **kwargs)
        self.widget.attrs["rows"] = rows  # Django says 10 where nobody says otherwise

    def to_python(self, value):
        return text.paragraphs(super().to_python(value))


class DateField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class TimeField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class NumberField(forms.DecimalField):
    """A number as people write it: `3,5` and `3.5`, `1 200` and, on an English page, `1,200`.

    A box for text with the keys of numbers: a browser's own box for numbers drops a comma that it does not expect, and
    makes 35 of 3,5.
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Enter a number, such as 3 or 2.5.")}

    def to_python(self, value):
        return super().to_python(_plain_number(value) if isinstance(value, str) else value)

    def widget_attrs(self, widget):
        return {}

    def prepare_value(self, value):
        return f"{value.normalize():f}" if isinstance(value, decimal.Decimal) else value


def _plain_number(typed: str) -> str:
    """Return what was typed with a point for the decimals and nothing between the thousands."""
    plain = re.sub(r"(?<=\d)[\s'’](?=\d{3}(?!\d))", "", typed.strip())
    thousands = r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?"
    if re.fullmatch(thousands, plain) and ("." in plain or not (get_language() or "").startswith("fr")):
        return plain.replace(",", "")
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def plain_helper() -> FormHelper:
    """Return the helper of a form whose page writes the form tag itself."""
    helper = FormHelper()
    helper.form_tag = False
    return helper


class ProfileForm(forms.Form):
    name = LineField(
        label=_("Your name"),
        max_length=80,
        help_text=_("As you would like partners to greet you."),
        error_messages={"required": _("Enter the name partners should call you.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    headline = LineField(
        label=_("What you do, and where"),
        max_length=120,
        required=False,
        help_text=_("A few words under your name, such as “Translator, Lyon”."),
    )
    about = WordsField(
        label=_("About you"),
        max_length=1200,
        required=False,
        rows=5,
        help_text=_("What would you tell somebody over a first coffee?"),
    )
    contact = WordsField(
        label=_("How my partners reach me"),
        max_length=300,
        required=False,
        rows=2,
        help_text=_(
            "Phone, video link or messenger. Only members with whom you have an accepted introduction see this, "
            "on its page, and only while it lasts."
        ),
    )

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class GoalForm(forms.Form):
    """A goal of one horizon. `today` is the member's own date."""

    text = WordsField(
        label=_("Your goal for about a month"),
        max_length=500,
        error_messages={"required": _("Write down your goal, in a sentence.")},
    )
    indicator = WordsField(
        label=_("How will you know when you are there?"),
        max_length=300,
        rows=2,
        required=False,
        help_text=_("Something that you can count or see, such as “three chapters sent to a reader”."),
    )
    due_on = DateField(label=_("By when?"), required=False)

    longest = dt.timedelta(days=100)
    too_far = _("A goal for about a month ends within the next three months. Choose an earlier date.")

    def __init__(self, *args, today: dt.date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()

    def clean_due_on(self) -> dt.date | None:
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on < self.today:
            raise forms.ValidationError(_("That day has passed. Choose one that is still to come."))
        if due_on and due_on > self.today + self.longest:
            raise forms.ValidationError(self.too_far)
        return due_on

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class ShortGoalForm(GoalForm):
    is_bite = forms.BooleanField(label=_("It is a bite of my goal for the year"), required=False)


class LongGoalForm(GoalForm):
    text = WordsField(
        label=_("Your goal for about a year"),
        max_length=500,
        error_messages={"required": _("Write down your goal, in a sentence.")},
    )
    longest = dt.timedelta(days=800)
    too_far = _("A goal for about a year ends within the next two years. Choose an earlier date.")


class FirstGoalForm(GoalForm):
    """The first step of the welcome: a month's goal, and perhaps the year's goal that it is a bite of."""

    year = WordsField(
        label=_("Is it a bite of something bigger, for about a year?"),
        max_length=500,
        rows=2,
        required=False,
        help_text=_("Big goals are eaten in bites. If this is one of them, say what the whole is."),
    )


class ListingForm(forms.Form):
    """One offer, or one need: the side decides what is asked."""

    phrase = LineField(
        label=_("Topic"),
        max_length=120,
        error_messages={"required": _("Name it in a word or two.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-topics": "/topics/", "spellcheck": "true"}),
    )
    kind = forms.ChoiceField(label=_("What is it?"), choices=Kind.choices, widget=Radios, initial=Kind.SKILL)
    words = WordsField(label=_("In your own words"), max_length=500, required=False)
    level = forms.TypedChoiceField(
        label=_("How good are you at it?"),
        choices=Level.choices,
        coerce=int,
        widget=Radios,
        initial=Level.SOLID,
        error_messages={"required": _("Choose how good you are at it.")},
    )
    importance = forms.TypedChoiceField(
        label=_("How much does it matter?"),
        choices=Importance.choices,
        coerce=int,
        widget=Radios,
        initial=Importance.IMPORTANT,
        error_messages={"required": _("Choose how much it matters.")},
    )
    difference = WordsField(
        label=_("What would be different in three months?"),
        max_length=500,
        rows=2,
        required=False,
        help_text=_("If somebody helped you with this, what could you do, have or know then?"),
    )

    def __init__(self, *args, side: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.side = side
        phrase, words = self.fields["phrase"], self.fields["words"]
        if side == Side.OFFER:
            del self.fields["importance"], self.fields["difference"]
            phrase.help_text = _("What do people ask you about? Type a word and choose, or keep your own.")
            words.help_text = _("What exactly can you help with? “I have edited forty grant applications.”")
        else:
            del self.fields["level"]
            phrase.help_text = _("What would bring you nearer to your goal? Type a word and choose, or keep your own.")
            words.help_text = _("Where do you stand, and what kind of help would you like?")

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class TopicForm(forms.Form):
    """Which of the topics that are near to a phrase it means, or none of them."""

    topic = forms.ChoiceField(
        label=_("Is it one of these?"),
        widget=Radios,
        error_messages={
            "required": _("Choose one of these, or keep your own words."),
            "invalid_choice": _("Choose one of these, or keep your own words."),
        },
    )
    topics_shown = forms.CharField(required=False, widget=forms.HiddenInput)
    shown_for = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, phrase: str, topics: Sequence[tuple[Topic, str]], **kwargs):
        """`topics` are those to ask about, in order, each with the alias by which it was found."""
        self.shown = [topic.pk for topic, _alias in topics]
        as_shown = {"topics_shown": ",".join(map(str, self.shown)), "shown_for": phrase}
        super().__init__(*args, initial=kwargs.pop("initial", {}) | as_shown, **kwargs)
        self.fields["topic"].choices = [(str(topic.pk), _with_kind(topic, alias)) for topic, alias in topics]
        self.fields["topic"].choices += [(OWN_WORDS, _("None of these, keep my words"))]

    @property
    def picked(self) -> int | None:
        """The topic that was picked; None for one's own words."""
        answer = self.cleaned_data["topic"]
        return None if answer == OWN_WORDS else int(answer)


OWN_WORDS = "own"


def _with_kind(topic: Topic, alias: str) -> SafeString:
    """Return the topic's name with its kind behind it, and what led to it where that is another name."""
    labels = {text.key(topic.label_en), text.key(topic.label_fr)}
    also = format_html(" · {} {}", _("also:"), alias) if alias and text.key(alias) not in labels else ""
    return format_html('{} <span class="hint">{}{}</span>', topic.label, topic.get_kind_display(), also)


class RhythmForm(forms.Form):
    hours_per_week = forms.IntegerField(
        label=_("Hours a week"),
        min_value=1,
        max_value=40,
        required=False,
        help_text=_("How much time you can give it in an ordinary week, the meeting included."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    partners_at_once = forms.TypedChoiceField(
        label=_("How many partners could you have at once?"),
        choices=[(1, _("One")), (2, _("Two")), (3, _("Three"))],
        coerce=int,
        empty_value=None,
        required=False,
        widget=Radios,
        help_text=_(
            "A partner is somebody with whom you have a contract in force. Once you have as many, nobody new finds or "
            "invites you until one of the contracts ends."
        ),
        error_messages={"invalid_choice": _("Choose one, two or three.")},
    )
    time_zone = forms.CharField(
        label=_("Your time zone"),
        validators=[validate_time_zone],
        widget=ZoneSelect,
        error_messages={"required": _("Choose your time zone.")},
    )
    country = forms.ChoiceField(
        label=_("Your country"),
        required=False,
        help_text=_(
            "So that people find who is near, or far. Others see it on your profile; leave it out if you like."
        ),
        error_messages={"invalid_choice": _("Choose a country from the list.")},
    )
    free_hours = forms.TypedMultipleChoiceField(
        label=_("When in the week?"),
        choices=[(hour, str(hour)) for hour in range(HOURS)],
        coerce=int,
        required=False,
        help_text=_("Tick the hours in which you could meet, on your own clock. An hour in common is enough."),
        error_messages={"invalid_choice": _("Choose hours of the week from the grid.")},
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages that you would meet in"),
        widget=Ticks,
        required=False,
    )
    media = forms.MultipleChoiceField(
        label=_("How would you like to meet?"),
        choices=Medium.choices,
        widget=Ticks,
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("I would rather not say")), *countries.choices()]
        chosen = self["languages"].value() or []
        first = {*languages.COMMON, *chosen}
        self.fields["languages"].choices = sorted(
            languages.choices(), key=lambda choice: (choice[0] not in first, choice[1])
        )
        # Sixty boxes at once would be a wall: the page folds away what stands behind these.
        self.languages_shown = len(first.intersection(languages.SPOKEN_LANGUAGES))
