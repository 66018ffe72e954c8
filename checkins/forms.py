"""Meetings and check-ins as forms. Times are on the clock of who fills them in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateField, LineField, NumberField, WordsField, plain_helper
from checkins.actions.checkins import Said
from checkins.fitting import Answer
from checkins.models import CheckIn, Meeting, Push, Reply
from checkins.models.fits import LONGEST_WORDS
from checkins.models.help import DECIMALS, DIGITS, LONGEST_WORDS as LONGEST_ABOUT_HELP
from checkins.models.meetings import LONGEST_NOTE

CONFIDENCE = [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")]


class PlainForm(forms.Form):
    """A form whose page writes the form tag itself."""

    @property
    def helper(self) -> FormHelper:
        return plain_helper()


class PrivateNoteField(WordsField):
    """What one writes for oneself beside a check-in."""

    def __init__(self, **kwargs):
        super().__init__(
            label=_("A note for yourself"),
            max_length=2000,
            required=False,
            help_text=_("Nobody else ever sees it."),
            **kwargs,
        )


class NoteField(LineField):
    def __init__(self, **kwargs):
        super().__init__(
            label=_("A line to go with it"),
            max_length=LONGEST_NOTE,
            required=False,
            help_text=_("No reason is needed. Whatever you write, the other one reads."),
            **kwargs,
        )


class ChangeForm(PlainForm):
    """A change of one meeting. `seen` is how often it had been changed when the page was shown."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def shown(self) -> int:
        return self.cleaned_data.get("seen") or 0


class MoveForm(ChangeForm):
    to_on = DateField(label=_("To which day?"), error_messages={"required": _("Choose the new day.")})
    to_time = forms.TimeField(
        label=_("At what time?"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Choose the new time."), "invalid": _("Enter a time, such as 18:30.")},
    )
    note = NoteField()


class CancelForm(ChangeForm):
    note = NoteField()


class PairPauseForm(PlainForm):
    from_on = DateField(label=_("From"), error_messages={"required": _("Choose the first day.")})
    until_on = DateField(label=_("Until (that day counts too)"), error_messages={"required": _("Choose the last day.")})
    note = NoteField()


class CheckInForm(PlainForm):
    """What one party logs. Which questions it has depends on the goal, on the promise, and on what month it is."""

    # All of it is, so it is not said at each.
    may_wait = True

    held_last = forms.ChoiceField(
        label=_("Did you two meet?"),
        choices=[*Meeting.Held.choices, ("", _("I do not say"))],
        widget=forms.RadioSelect,
        required=False,
    )
    kept = forms.ChoiceField(
        label=_("Did you do it?"),
        choices=CheckIn.Kept.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    moved = WordsField(
        label=_("What moved?"), max_length=1200, rows=2, required=False, help_text=_("Small things count.")
    )
    indicator = NumberField(max_digits=14, decimal_places=3, required=False)
    confidence = forms.ChoiceField(
        label=_("How sure are you that you will get there?"),
        choices=CONFIDENCE,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("1 is “not at all”, 5 is “quite sure”. It is a feeling, not a mark."),
    )
    next_step = WordsField(
        label=_("What will you do until next time?"),
        max_length=600,
        rows=2,
        required=False,
        help_text=_("One thing that you can do whatever happens. The next check-in asks about it."),
    )
    helped = WordsField(
        label=_("What helped?"),
        max_length=1200,
        rows=2,
        required=False,
        help_text=_("If it is still there, say that. It is good to know as well."),
    )
    block = forms.ChoiceField(
        label=_("Is something in the way?"),
        choices=[*CheckIn.Block.choices, ("", _("Nothing that I would name"))],
        widget=forms.RadioSelect,
        required=False,
    )
    in_the_way = WordsField(label=_("What is it, in your own words?"), max_length=1200, rows=2, required=False)
    long_goal = WordsField(label=_("And the long goal?"), max_length=1200, rows=2, required=False)
    strategies = forms.MultipleChoiceField(
        label=_("Which of your ways did you use?"), widget=forms.CheckboxSelectMultiple, required=False
    )
    other_strategy = LineField(label=_("Or another one"), max_length=300, required=False)
    time_spent = WordsField(label=_("Where did the time go?"), max_length=1200, rows=2, required=False)
    help_given = WordsField(label=_("Help that you gave"), max_length=1200, rows=2, required=False)
    help_received = WordsField(label=_("Help that you got"), max_length=1200, rows=2, required=False)
    private_note = PrivateNoteField(rows=2)

    MAIN = ("kept", "held_last", "helped", "moved", "indicator", "confidence", "next_step", "long_goal")
    MORE = (
        "block",
        "in_the_way",
        "strategies",
        "other_strategy",
        "time_spent",
        "help_given",
        "help_received",
        "private_note",
    )

    def __init__(
        self,
        *args,
        strategies: Sequence[str] = (),
        unit: str = "",
        indicator_words: str = "",
        asks_kept: bool = False,
        asks_held: str = "",
        asks_back: str = "",
        long_goal: str = "",
        asks_long: bool = False,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        if strategies:
            self.fields["strategies"].choices = [(line, line) for line in strategies]
        else:
            del self.fields["strategies"]
            self.fields["other_strategy"].label = _("What helped you along?")
        if unit:
            self.fields["indicator"].label = _("Where do you stand, in %(unit)s?") % {"unit": unit}
        else:
            self.fields["indicator"].label = _("Where do you stand, as a number?")
        self.fields["indicator"].help_text = indicator_words
        if not asks_kept:
            del self.fields["kept"]
        if asks_held:
            self.fields["held_last"].label = asks_held
        else:
            del self.fields["held_last"]
        if asks_back:
            self.fields["helped"].label = asks_back
        else:
            del self.fields["helped"]
        if asks_long:
            self.fields["long_goal"].help_text = long_goal
        else:
            del self.fields["long_goal"]

    @property
    def main(self) -> list[forms.BoundField]:
        """The questions that take three minutes."""
        return [self[name] for name in self.MAIN if name in self.fields]

    @property
    def more(self) -> list[forms.BoundField]:
        """The others, for who would like to say more."""
        return [self[name] for name in self.MORE if name in self.fields]

    @property
    def more_is_filled(self) -> bool:
        return any(self[name].value() for name in self.MORE if name in self.fields) or any(
            name in self.errors for name in self.MORE
        )

    def said(self) -> Said:
        """Return what was typed."""
        cleaned = self.cleaned_data
        strategies = [*cleaned.get("strategies", []), *filter(None, [cleaned.get("other_strategy", "")])]
        indicator: Decimal | None = cleaned.get("indicator")
        return Said(
            kept=cleaned.get("kept", ""),
            strategies=list(dict.fromkeys(strategies)),
            moved=cleaned["moved"],
            time_spent=cleaned["time_spent"],
            indicator=indicator,
            block=cleaned["block"],
            in_the_way=cleaned["in_the_way"],
            helped=cleaned.get("helped", ""),
            help_given=cleaned["help_given"],
            help_received=cleaned["help_received"],
            next_step=cleaned["next_step"],
            confidence=int(cleaned["confidence"]) if cleaned["confidence"] else None,
            long_goal=cleaned.get("long_goal", ""),
            private_note=cleaned["private_note"],
        )

    @staticmethod
    def initial_of(check_in: CheckIn, strategies: Sequence[str]) -> dict[str, object]:
        """Return what a check-in says, as the form's initial values."""
        names = ("kept", "moved", "indicator", "next_step", "block", "in_the_way", "helped", "long_goal", "time_spent")
        own = [line for line in check_in.strategies if line not in strategies]
        return {
            **{name: getattr(check_in, name) for name in names},
            **{name: getattr(check_in, name) for name in ("help_given", "help_received", "private_note")},
            "confidence": str(check_in.confidence or ""),
            "strategies": [line for line in check_in.strategies if line in strategies],
            "other_strategy": "; ".join(own)[:300],
        }


class FitForm(PlainForm):
    """Whether it is a good fit. `question` is the number of the question that the page showed."""

    question = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_000, required=False)
    says = forms.ChoiceField(
        label=_("Is it a good fit, for you?"),
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers.")},
    )
    words = WordsField(
        label=_("Words for yourself"),
        max_length=LONGEST_WORDS,
        rows=3,
        required=False,
        help_text=_("Nobody else ever reads them."),
    )


class PrivateNoteForm(PlainForm):
    private_note = PrivateNoteField(rows=3)


class ReplyForm(PlainForm):
    """What one answers to the other's check-in."""

    words = WordsField(
        label=_("A few words back"),
        max_length=Reply.LONGEST,
        rows=2,
        required=False,
    )


class PushForm(PlainForm):
    """What one says to the other in a low or silent time."""

    words = WordsField(
        label=_("What you would like to say"),
        max_length=Push.LONGEST,
        rows=6,
        error_messages={"required": _("Write a few words, or leave it for now.")},
    )


class HelpForm(PlainForm):
    """Help on one commitment. `unit` is that of its amount; without one a fact measures it, and no amount is asked."""

    amount = NumberField(max_digits=DIGITS, decimal_places=DECIMALS, min_value=Decimal("0.001"))
    on = DateField(label=_("When?"), error_messages={"required": _("Choose the day.")})
    words = LineField(
        label=_("A few words"),
        max_length=LONGEST_ABOUT_HELP,
        required=False,
        help_text=_("If you like. The other one reads them too."),
    )

    def __init__(self, *args, unit: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        if not unit:
            del self.fields["amount"]
            return
        self.fields["amount"].label = _("How much, in %(unit)s?") % {"unit": unit}
        self.fields["amount"].error_messages |= {
            "required": _("Say how much, in %(unit)s.") % {"unit": unit},
            "min_value": _("Say how much it was: more than nothing."),
        }

    def said(self) -> dict[str, Any]:
        """Return what was typed; the amount is None where none was asked."""
        return {"amount": None, **self.cleaned_data}


class AnswerForm(HelpForm):
    """How much of what the other gave has reached one."""

    field_order = ("amount", "words")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["on"]
