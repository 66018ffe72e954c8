from django.urls import path

from matching.views import cards, conversation, guests, introductions, invite, marks, partners, proposals

urlpatterns = [
    path("partners/", partners.partners, name="partners"),
    path("partners/marked/", marks.marked, name="marked"),
    path("partners/<int:member_id>/", partners.partner, name="partner"),
    path("partners/<int:member_id>/mark/<slug:kind>/", marks.partner_mark, name="partner_mark"),
    path("partners/<int:member_id>/unmark/", marks.partner_unmark, name="partner_unmark"),
    path("partners/<int:member_id>/invite/", invite.introduction_invite, name="introduction_invite"),
    path("cards/", cards.cards, name="cards"),
    path("cards/new/", cards.card_new, name="card_new"),
    path("cards/<int:card_id>/", cards.card, name="card"),
    path("cards/<int:card_id>/edit/", cards.card_edit, name="card_edit"),
    path("cards/<int:card_id>/send/", cards.card_send, name="card_send"),
    path("cards/<int:card_id>/renew/", cards.card_renew, name="card_renew"),
    path("cards/<int:card_id>/revoke/", cards.card_revoke, name="card_revoke"),
    path("cards/<int:card_id>/restore/", cards.card_restore, name="card_restore"),
    path("c/<int:card_id>/answer/", guests.answer, name="answer"),
    path("c/<int:card_id>/answer/<slug:side>/", guests.answer_side, name="answer_side"),
    path("c/<int:card_id>/answer/<slug:side>/remove/", guests.answer_remove, name="answer_remove"),
    path("c/<int:card_id>/meet/", guests.answer_meet, name="answer_meet"),
    path("c/refuse/<str:token>/", guests.address_refuse, name="address_refuse"),
    path("c/<str:token>/", guests.card_open, name="card_open"),
    path("c/<str:token>/talk/", guests.card_talk, name="card_talk"),
    path("c/<str:token>/begin/", guests.card_answer, name="card_answer"),
    path("introductions/", introductions.introductions, name="introductions"),
    path("introductions/of-two/", proposals.proposal_new, name="proposal_new"),
    path("introductions/of-two/choice/", proposals.proposal_choice, name="proposal_choice"),
    path("introductions/of-two/<int:proposal_id>/", proposals.proposal, name="proposal"),
    path("introductions/of-two/<int:proposal_id>/yes/", proposals.proposal_yes, name="proposal_yes"),
    path("introductions/of-two/<int:proposal_id>/not-now/", proposals.proposal_no, name="proposal_no"),
    path("introductions/of-two/<int:proposal_id>/withdraw/", proposals.proposal_withdraw, name="proposal_withdraw"),
    path("introductions/<int:introduction_id>/", introductions.introduction, name="introduction"),
    path("introductions/<int:introduction_id>/accept/", introductions.introduction_accept, name="introduction_accept"),
    path("introductions/<int:introduction_id>/ask/", introductions.introduction_ask, name="introduction_ask"),
    path("introductions/<int:introduction_id>/answer/", introductions.introduction_answer, name="introduction_answer"),
    path(
        "introductions/<int:introduction_id>/propose/", introductions.introduction_propose, name="introduction_propose"
    ),
    path(
        "introductions/<int:introduction_id>/decline/", introductions.introduction_decline, name="introduction_decline"
    ),
    path(
        "introductions/<int:introduction_id>/withdraw/",
        introductions.introduction_withdraw,
        name="introduction_withdraw",
    ),
    path("introductions/<int:introduction_id>/close/", introductions.introduction_close, name="introduction_close"),
    path("introductions/<int:introduction_id>/messages/", conversation.message_send, name="message_send"),
    path("introductions/<int:introduction_id>/agenda/", conversation.agenda_tick, name="agenda_tick"),
]
