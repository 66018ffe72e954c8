from django.urls import path

from matching import views

urlpatterns = [
    path("partners/", views.partners, name="partners"),
    path("partners/<int:member_id>/", views.partner, name="partner"),
    path("partners/<int:member_id>/block/", views.partner_block, name="partner_block"),
    path("partners/<int:member_id>/unblock/", views.partner_unblock, name="partner_unblock"),
]
