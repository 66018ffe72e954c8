from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts.forms import NumberField


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("3.5", "en", "3.5"),
        ("3,5", "en", "3.5"),
        ("3,5", "fr", "3.5"),
        ("3.5", "fr", "3.5"),
        ("1,200", "en", "1200"),
        ("1,200", "fr", "1.2"),
        ("1,200.50", "fr", "1200.5"),
        ("1 200", "fr", "1200"),
        ("1\u202f200,5", "fr", "1200.5"),
        ("12,34", "en", "12.34"),
        ("0,125", "en", "0.125"),
        ("-3", "en", "-3"),
        (" 7 ", "en", "7"),
    ],
)
def test_a_number_is_read_as_it_is_written(typed, language, meant):
    with translation.override(language):
        assert NumberField().clean(typed) == Decimal(meant)


@pytest.mark.parametrize("typed", ["three", "1,2,3", "1.2.3", "3 5", "NaN", "∞", "1e400000"])
def test_what_is_no_number_is_said_so(typed):
    with pytest.raises(ValidationError):
        NumberField(max_digits=12, decimal_places=3).clean(typed)
