from django.urls import include, path

from accounts.views import drafts, emails, goals, listings, meanings, onboarding, profile, topics

urlpatterns = [
    path("welcome/", onboarding.welcome, name="welcome"),
    path("welcome/goal/", onboarding.welcome_goal, name="welcome_goal"),
    path("welcome/offers/", onboarding.welcome_offers, name="welcome_offers"),
    path("welcome/needs/", onboarding.welcome_needs, name="welcome_needs"),
    path("welcome/rhythm/", onboarding.welcome_rhythm, name="welcome_rhythm"),
    path("profile/", profile.profile, name="profile"),
    path("profile/edit/", profile.profile_edit, name="profile_edit"),
    path("profile/rhythm/", profile.rhythm_edit, name="rhythm_edit"),
    path("goals/", goals.goals, name="goals"),
    path("goals/<slug:horizon>/", goals.goal_edit, name="goal_edit"),
    path("goals/<int:goal_id>/end/<slug:outcome>/", goals.goal_end, name="goal_end"),
    path("goals/<int:goal_id>/reopen/", goals.goal_reopen, name="goal_reopen"),
    path("offers-and-needs/", listings.listings, name="listings"),
    path("offers-and-needs/add/<slug:side>/", listings.listing_add, name="listing_add"),
    path("offers-and-needs/<int:listing_id>/", listings.listing_edit, name="listing_edit"),
    path("offers-and-needs/<int:listing_id>/topic/", meanings.listing_topic, name="listing_topic"),
    path("offers-and-needs/<int:listing_id>/move/<slug:direction>/", listings.listing_move, name="listing_move"),
    path("offers-and-needs/<int:listing_id>/remove/", listings.listing_remove, name="listing_remove"),
    path("offers-and-needs/<int:listing_id>/restore/", listings.listing_restore, name="listing_restore"),
    path("topics/", topics.topics, name="topics"),
    path("drafts/<slug:form>/", drafts.draft_save, name="draft_save"),
    path("emails/stop/<str:token>/", emails.emails_stop, name="emails_stop"),
    path("emails/again/<str:token>/", emails.emails_again, name="emails_again"),
    path("drafts/<slug:form>/discard/", drafts.draft_discard, name="draft_discard"),
    path("settings/", include("accounts.urls_settings")),
]
