"""An invitation and a message that are not sent yet are there when their author comes back."""

import pytest
from django.urls import reverse

from accounts.models import Draft
from matching.actions.introductions import close
from tests.pairs import introduce

pytestmark = pytest.mark.django_db
NOTE = "Dear Ben, I read that you"


def save(client, name, **typed):
    return client.post(reverse("draft_save", args=[name]), typed).status_code


def test_half_an_invitation_is_there_and_nobody_else_has_it(ada, ben, chloe, client_of):
    client = client_of(ada)
    assert save(client, f"invite-{ben.pk}", note=NOTE, minutes="60", weeks="8", every_weeks="1") == 204
    form = client.get(reverse("introduction_invite", args=[ben.pk])).context["form"]
    assert (form.is_draft, form["note"].value(), form["minutes"].value()) == (True, NOTE, 60)
    assert not client.get(reverse("introduction_invite", args=[chloe.pk])).context["form"].is_draft
    assert not client_of(chloe).get(reverse("introduction_invite", args=[ben.pk])).context["form"].is_draft


def test_what_was_shown_before_sending_is_kept_until_it_is_sent(ada, ben, client_of):
    client = client_of(ada)
    address = reverse("introduction_invite", args=[ben.pk])
    words = {"note": NOTE, "minutes": "45", "weeks": "8", "every_weeks": "1", "draft_page": "one"}
    shown = client.post(address, {**words, "step": "show"})
    assert 'name="draft_page" value="one"' in shown.content.decode()
    assert Draft.objects.get().values == {"note": [NOTE], "minutes": ["45"]}
    client.post(address, {**words, "step": "send"})
    assert save(client, f"invite-{ben.pk}", note="Dear", draft_page="one") in (204, 404)
    assert not Draft.objects.exclude(values={}).exists()


def test_half_a_message_is_there_until_it_is_sent(ada, ben, client_of):
    introduction = introduce(ada, ben)
    client, name, address = client_of(ada), f"message-{introduction.pk}", introduction.get_absolute_url()
    assert save(client, name, text="Hel", draft_page="one", token="not part of it") == 204
    assert Draft.objects.get().values == {"text": ["Hel"]}
    form = client.get(address).context["message_form"]
    assert (form.is_draft, form["text"].value()) == (True, "Hel")
    token = str(form["token"].value())
    sent = {"text": "Hello", "token": token, "draft_page": "one"}
    client.post(reverse("message_send", args=[introduction.pk]), sent)
    assert save(client, name, text="Hell", draft_page="one") == 204
    form = client.get(address).context["message_form"]
    assert (form.is_draft, form["text"].value() or "") == (False, "")
    assert str(form["token"].value()) != token


def test_nothing_is_kept_for_whom_one_does_not_see(ada, ben, dan, client_of):
    introduction = introduce(ada, ben)
    for name in (f"message-{introduction.pk}", f"invite-{dan.pk}", "invite-999999", "message-x", f"goal-{ben.pk}"):
        assert save(client_of(dan), name, note="x", text="x") == 404, name
    close(by=ada, introduction_id=introduction.pk, seen_move=introduction.moves)
    assert save(client_of(ada), f"message-{introduction.pk}", text="x") == 404
    assert not Draft.objects.exists()
