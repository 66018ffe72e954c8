from django.urls import path

from matching.views import conversation, introductions, invite, marks, partners, presences, watches

urlpatterns = [
    path("partners/", partners.partners, name="partners"),
    path("partners/marked/", marks.marked, name="marked"),
    path("partners/tell-me/", watches.watch, name="watch"),
    path("partners/here/", presences.presence_say, name="presence_say"),
    path("partners/<int:member_id>/", partners.partner, name="partner"),
    path("partners/<int:member_id>/mark/<slug:kind>/", marks.partner_mark, name="partner_mark"),
    path("partners/<int:member_id>/unmark/", marks.partner_unmark, name="partner_unmark"),
    path("partners/<int:member_id>/invite/", invite.introduction_invite, name="introduction_invite"),
    path("introductions/", introductions.introductions, name="introductions"),
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
