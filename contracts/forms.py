"""The parts of a draft as forms. A draft may lack things: what must be there before signing, coverage says."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateField, LineField, NumberField, WordsField, plain_helper
from accounts.models.profiles import Medium
from accounts.models.topics import Kind
from accounts.models.users import validate_time_zone
from accounts.widgets import Radios, ZoneSelect
from contracts.document import content_of
from contracts.models.stretches import LONGEST_WORDS
from contracts.readable import WAYS
from contracts.stretches import Outcome

LONGEST = dt.timedelta(days=2 * 366)


class PartForm(forms.Form):
    """One part. `base` is the number of the part that was shown; `today` the member's own date."""

    kind = ""
    # What is left out of a draft is asked for before signing, so it is not called optional.
    may_wait = True
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, *args, today: dt.date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    @property
    def helper(self) -> FormHelper:
        return plain_helper()

    @property
    def first_field(self) -> str:
        return next(name for name in self.fields if name != "base")

    def shown_base(self) -> int:
        return self.cleaned_data.get("base") or 0

    def content(self) -> dict[str, str]:
        """Return what was typed as the content of a part."""
        return content_of(self.kind, {name: as_text(value) for name, value in self.cleaned_data.items()})

    def clean_date(self, name: str) -> dt.date | None:
        found = self.cleaned_data[name]
        # What stood there already may have passed since.
        if found and found < self.today and found.isoformat() != self.initial.get(name):
            raise forms.ValidationError(_("That day has passed. Choose one that is still to come."))
        if found and found > self.today + LONGEST:
            raise forms.ValidationError(_("That is more than two years away. Choose an earlier date."))
        return found


def as_text(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


class GoalPartForm(PartForm):
    kind = "goal"
    short = WordsField(
        label=_("The goal for this stretch"),
        max_length=500,
        required=False,
        help_text=_("What is to be there in about a month? One thing that one person can do."),
    )
    by = DateField(label=_("By when?"), required=False)
    indicator = WordsField(
        label=_("How will you both see that it is there?"),
        max_length=300,
        rows=2,
        required=False,
        help_text=_("Something to count or to look at, such as “three chapters sent to a reader”."),
    )
    start = NumberField(
        label=_("In numbers: where does it stand today?"),
        max_digits=12,
        decimal_places=3,
        required=False,
        help_text=_("If it can be counted: each check-in asks for the number, and you see it move."),
    )
    target = NumberField(label=_("And where is it to be?"), max_digits=12, decimal_places=3, required=False)
    unit = LineField(
        label=_("Counted in"), max_length=40, required=False, help_text=_("Such as “chapters”, “clients” or “km”.")
    )
    strategies = WordsField(
        label=_("How will you go about it?"),
        max_length=1500,
        required=False,
        help_text=_("A few habits or steps, such as “write before breakfast, four days a week”."),
    )
    long = WordsField(
        label=_("The longer goal that it is a bite of"),
        max_length=500,
        rows=2,
        required=False,
        help_text=_("Where you would like to be in about a year."),
    )

    def clean_by(self) -> dt.date | None:
        return self.clean_date("by")

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        numbers = [name for name in ("start", "target") if cleaned.get(name) is not None]
        if numbers and not cleaned.get("unit") and "unit" not in self.errors:
            self.add_error("unit", _("Say what you count, such as “chapters”."))
        return cleaned


class PushPartForm(PartForm):
    """How a party wants to be pushed, and why they believe in the other. `agrees` is what they agree to."""

    kind = "push"
    way = forms.ChoiceField(
        label=_("When you fall behind, what helps?"),
        choices=[("", _("Nothing in particular")), *((way, WAYS[way]) for way in WAYS)],
        widget=Radios,
        required=False,
        initial="",
    )
    how = WordsField(
        label=_("In your own words"),
        max_length=500,
        required=False,
        help_text=_("Such as “ask which firm is next, and wait until I say a name”."),
    )
    believe = WordsField(
        label=_("Why do you believe in the other?"),
        max_length=800,
        required=False,
        help_text=_("Two or three sentences that they can read on a bad day."),
    )
    consent = forms.BooleanField(
        required=False, help_text=_("It is part of what you both sign. Without it these words cannot stand there.")
    )

    def __init__(self, *args, agrees: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = agrees

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        # Where nothing is said there is nothing to agree to.
        if not any(cleaned.get(name) for name in ("way", "how", "believe")):
            cleaned["consent"] = False
        return cleaned


class HavePartForm(PartForm):
    kind = "have"
    text = WordsField(
        label=_("What is it?"),
        max_length=600,
        rows=2,
        error_messages={"required": _("Write down what it is, in a few words.")},
    )
    # The field is named for the part's own, `kind` being the form's.
    kind_of_thing = forms.ChoiceField(label=_("It is a"), choices=Kind.choices, initial=Kind.SKILL)

    def content(self) -> dict[str, str]:
        cleaned = {name: as_text(value) for name, value in self.cleaned_data.items()}
        return content_of(self.kind, {**cleaned, "kind": cleaned["kind_of_thing"]})


class NeedPartForm(HavePartForm):
    kind = "need"
    elsewhere = forms.BooleanField(
        label=_("I will find this elsewhere"),
        required=False,
        help_text=_("Then nobody has to promise anything for it here."),
    )


class CommitmentPartForm(PartForm):
    """What one party will do for the other. `needs` are (key, text) of the receiver's needs."""

    kind = "commitment"
    what = WordsField(
        label=_("What exactly?"),
        max_length=500,
        rows=2,
        help_text=_("Something that fits into a week or a meeting, such as “read one chapter and say what works”."),
        error_messages={"required": _("Say what will be done, in a sentence.")},
    )
    need = forms.ChoiceField(label=_("Which need does it serve?"), required=False)
    measure = forms.ChoiceField(
        label=_("How will you measure it?"),
        choices=[("amount", _("By an amount, such as “4 chapters”")), ("fact", _("By a fact that is so or is not"))],
        widget=Radios,
        required=False,
        initial="amount",
    )
    amount = NumberField(
        label=_("How much?"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=100_000,
        max_digits=8,
        decimal_places=2,
    )
    unit = LineField(
        label=_("Of what?"), max_length=60, required=False, help_text=_("Chapters, hours, introductions …")
    )
    fact = LineField(
        label=_("Which fact?"), max_length=200, required=False, help_text=_("Such as “the letter is sent”.")
    )
    by = DateField(label=_("By when?"), required=False)

    def __init__(self, *args, needs: Iterable[tuple[str, str]] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["need"].choices = [("", _("None in particular")), *needs]

    def clean_by(self) -> dt.date | None:
        return self.clean_date("by")

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        measure = cleaned.get("measure")
        if measure == "amount" and cleaned.get("amount") and not cleaned.get("unit"):
            self.add_error("unit", _("An amount of what? Chapters, hours, introductions …"))
        # What belongs to the other way of measuring is kept out of the contract.
        if measure == "fact":
            cleaned |= {"amount": None, "unit": ""}
        elif not self.errors:
            cleaned["fact"] = ""
            if not cleaned.get("amount") and not cleaned.get("unit"):
                cleaned["measure"] = ""
        return cleaned


class RhythmPartForm(PartForm):
    kind = "rhythm"
    every_weeks = forms.ChoiceField(
        label=_("How often?"),
        choices=[("1", _("Every week")), ("2", _("Every two weeks"))],
        widget=Radios,
        required=False,
        initial="1",
    )
    weekday = forms.ChoiceField(
        label=_("Which day?"),
        choices=[("", _("Choose a day")), *((str(day), name) for day, name in WEEKDAYS.items())],
        required=False,
    )
    time = forms.TimeField(
        label=_("At what time?"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    zone = forms.CharField(
        label=_("On the clock of"),
        required=False,
        widget=ZoneSelect,
        validators=[validate_time_zone],
        help_text=_("The meeting stays at this time there, also when the clocks change."),
    )
    minutes = forms.IntegerField(label=_("How many minutes?"), min_value=15, max_value=180, required=False)
    medium = forms.ChoiceField(label=_("How?"), choices=Medium.choices, widget=Radios, required=False)
    where = LineField(
        label=_("The link, the number or the place"),
        max_length=300,
        required=False,
        help_text=_("Only you two see it."),
    )
    first_on = DateField(label=_("The first meeting"), required=False)
    weeks = forms.IntegerField(label=_("For how many weeks?"), min_value=1, max_value=52, required=False)
    review_on = DateField(
        label=_("Or until a day on which you look at it again"),
        required=False,
        help_text=_("One of the two is enough."),
    )

    def clean_first_on(self) -> dt.date | None:
        return self.clean_date("first_on")

    def clean_review_on(self) -> dt.date | None:
        return self.clean_date("review_on")

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        first, weekday = cleaned.get("first_on"), cleaned.get("weekday")
        if first and weekday and str(first.weekday()) != weekday:
            words = {"day": WEEKDAYS[first.weekday()], "chosen": WEEKDAYS[int(weekday)]}
            self.add_error("first_on", _("That is a %(day)s, and you meet on %(chosen)s.") % words)
        review = cleaned.get("review_on")
        if first and review and review < first:
            self.add_error("review_on", _("That is before the first meeting."))
        return cleaned


FORMS: Mapping[str, type[PartForm]] = {
    form.kind: form
    for form in (GoalPartForm, PushPartForm, HavePartForm, NeedPartForm, CommitmentPartForm, RhythmPartForm)
}


class CommentForm(forms.Form):
    """What one says about a part. `fields` are the name and the words of each field of the part."""

    about = forms.ChoiceField(label=_("About"), required=False)
    text = WordsField(
        label=_("Your comment"),
        max_length=1000,
        help_text=_("The two of you read it; it is no part of what you sign."),
        error_messages={"required": _("Write something first.")},
    )

    def __init__(self, *args, fields: Iterable[tuple[str, str]] = (), **kwargs):
        super().__init__(*args, **kwargs)
        choices = list(fields)
        self.fields["about"].choices = [("", _("All of it")), *choices]
        if len(choices) < 2:
            self.fields["about"].widget = forms.HiddenInput()

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class ReviewForm(forms.Form):
    """How one looks back on a stretch. `name` is what the other is called, `version` what the page showed."""

    SAID = ("outcome", "learned", "otherwise", "thanks")

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("What came of your goal?"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what came of your goal.")},
    )
    learned = WordsField(label=_("What did you learn?"), max_length=LONGEST_WORDS, required=False)
    otherwise = WordsField(label=_("What would you do otherwise?"), max_length=LONGEST_WORDS, required=False)
    thanks = WordsField(max_length=LONGEST_WORDS, required=False, help_text=_("One thing that helped is plenty."))

    def __init__(self, *args, name: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["thanks"].label = _("What do you thank %(name)s for?") % {"name": name}

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class SignForm(forms.Form):
    """Consent to the text whose hash was on the screen."""

    shown_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    shown_head = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    # What the signer's browser made of its own copy of the draft; empty where there is no JavaScript.
    seen_sha256 = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    seen_text = forms.CharField(max_length=900_000, required=False, strip=False, widget=forms.HiddenInput)
    consents = forms.BooleanField(
        label=_("I agree to this"),
        error_messages={"required": _("Tick the box if you agree. Without it nothing is signed.")},
    )
    typed_name = LineField(
        label=_("Your name"),
        max_length=80,
        help_text=_("As it stands in the contract."),
        error_messages={"required": _("Type your name to sign.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    notes_connection = forms.BooleanField(
        label=_("Note from which address and with which browser I sign"),
        help_text=_("Not needed. It would stand in the signed copy, which both of you get."),
        required=False,
    )

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class VerifyForm(forms.Form):
    """A file that somebody wants to know about."""

    file = forms.FileField(
        label=_("The PDF"),
        help_text=_("Choose it, or drop it here. We look at it once and keep nothing of it."),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file first."), "invalid": _("Choose a file first.")},
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    @property
    def helper(self) -> FormHelper:
        return plain_helper()
