from django.urls import path

from matching.views import partners

urlpatterns = [
    path("partners/", partners.partners, name="partners"),
    path("partners/<int:member_id>/", partners.partner, name="partner"),
    path("partners/<int:member_id>/block/", partners.partner_block, name="partner_block"),
    path("partners/<int:member_id>/unblock/", partners.partner_unblock, name="partner_unblock"),
]
