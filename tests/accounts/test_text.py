import pytest

from accounts import text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Ada\r\nBcc: x@example.org", "Ada Bcc: x@example.org"),
        ("Ada\x0bSubject: x", "AdaSubject: x"),
        ("A\x00da\x1c\x1d\x1e", "Ada"),
        ("Ada\u2028Lovelace", "Ada Lovelace"),
        ("Ada\x85Lovelace", "Ada Lovelace"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("Zoe\u0308", "Zoë"),
        ("ليلى حداد", "ليلى حداد"),
        ("👩‍🏫 Teacher", "👩‍🏫 Teacher"),
        ("\t\n", ""),
    ],
)
def test_one_line(typed, kept):
    assert text.one_line(typed) == kept


def test_paragraphs_keep_their_line_breaks():
    assert text.paragraphs(" one\r\n\r\ntwo\u2029three\x07 ") == "one\n\ntwo\nthree"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Public speaking", "public  SPEAKING"),
        ("Relecture d’épreuves", "relecture d'epreuves"),
        ("Prise de parole", "« prise de parole »"),
        ("straße", "STRASSE"),
        ("Gardening", "Gar\u00adden\u200bing"),
    ],
)
def test_two_spellings_of_one_phrase_have_one_key(one, other):
    assert text.key(one) == text.key(other)


@pytest.mark.parametrize("typed", ["\u200b", "\u2060\u200d", "\u3164", "\u2800 \u00ad", "\u0301", "\ufeff"])
def test_what_nobody_can_see_is_nothing(typed):
    assert text.paragraphs(typed) == text.one_line(typed) == text.key(typed) == ""


@pytest.mark.parametrize("typed", ["李", "🙂", "👩\u200d🏫", "نیم\u200cفاصله", "R2", "!"])
def test_what_can_be_seen_stays_as_it_is(typed):
    assert text.one_line(typed) == typed


@pytest.mark.parametrize("phrase", ["", "   ", "!?", "…"])
def test_a_phrase_without_letters_has_no_key(phrase):
    assert text.key(phrase) == ""


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("sourdough baking", "Sourdough baking"),
        ("★ SOURDOUGH BAKING!!! ★", "Sourdough baking"),
        ("  sourdough   baking.", "Sourdough baking"),
        ("C++", "C++"),
        ("C#", "C#"),
        ("iOS", "IOS"),
        ("HTML", "HTML"),
        ("écriture", "Écriture"),
        ("写作", "写作"),
        ("!!!", "!!!"),
    ],
)
def test_a_phrase_becomes_a_name_that_others_can_share(typed, shown):
    assert text.as_name(typed) == shown
