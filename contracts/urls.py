from django.urls import path

from contracts.views import blocks, closing, comments, contracts, parts, reports, signing, states, verifying

urlpatterns = [
    path("verify/", verifying.verify, name="verify"),
    path("verify/certificate.pem", verifying.verify_certificate, name="verify_certificate"),
    path("verify/<slug:fingerprint>/", verifying.verify_fingerprint, name="verify_fingerprint"),
    path("partners/<int:member_id>/block/", blocks.partner_block, name="partner_block"),
    path("partners/<int:member_id>/report/", reports.report_member, name="report_member"),
    path("introductions/<int:introduction_id>/report/", reports.report_conversation, name="report_conversation"),
    path(
        "introductions/<int:introduction_id>/messages/<int:message_id>/report/",
        reports.report_message,
        name="report_message",
    ),
    path("settings/reports/", reports.reports, name="reports"),
    path("partners/<int:member_id>/unblock/", blocks.partner_unblock, name="partner_unblock"),
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/with/<int:introduction_id>/", contracts.contract_with, name="contract_with"),
    path("contracts/<int:contract_id>/", contracts.contract, name="contract"),
    path("contracts/<int:contract_id>/standing/", contracts.contract_standing, name="contract_standing"),
    path("contracts/<int:contract_id>/seen/", contracts.contract_seen, name="contract_seen"),
    path("contracts/<int:contract_id>/history/", contracts.contract_history, name="contract_history"),
    path("contracts/<int:contract_id>/history/<int:number>/", states.history_state, name="history_state"),
    path("contracts/<int:contract_id>/add/<slug:kind>/<slug:side>/", parts.part_add, name="part_add"),
    path("contracts/<int:contract_id>/parts/<slug:key>/", parts.part_edit, name="part_edit"),
    path("contracts/<int:contract_id>/parts/<slug:key>/remove/", parts.part_remove, name="part_remove"),
    path("contracts/<int:contract_id>/parts/<slug:key>/restore/", parts.part_restore, name="part_restore"),
    path("contracts/<int:contract_id>/parts/<slug:key>/elsewhere/", parts.need_elsewhere, name="need_elsewhere"),
    path("contracts/<int:contract_id>/comments/<slug:key>/", comments.comments, name="comments"),
    path(
        "contracts/<int:contract_id>/comments/<int:comment_id>/resolve/",
        comments.comment_resolve,
        name="comment_resolve",
    ),
    path(
        "contracts/<int:contract_id>/comments/<int:comment_id>/reopen/", comments.comment_reopen, name="comment_reopen"
    ),
    path(
        "contracts/<int:contract_id>/comments/<int:comment_id>/take-back/",
        comments.comment_take_back,
        name="comment_take_back",
    ),
    path(
        "contracts/<int:contract_id>/comments/<int:comment_id>/put-back/",
        comments.comment_put_back,
        name="comment_put_back",
    ),
    path("contracts/<int:contract_id>/sign/", signing.contract_sign, name="contract_sign"),
    path("contracts/<int:contract_id>/signature/take-back/", signing.signature_take_back, name="signature_take_back"),
    path("contracts/<int:contract_id>/take-back/", contracts.contract_take_back, name="contract_take_back"),
    path("contracts/<int:contract_id>/amend/", contracts.contract_amend, name="contract_amend"),
    path("contracts/<int:contract_id>/review/", closing.contract_review, name="contract_review"),
    path("contracts/<int:contract_id>/renew/", closing.contract_renew, name="contract_renew"),
    path("contracts/<int:contract_id>/done/", contracts.contract_done, name="contract_done"),
    path("contracts/<int:contract_id>/not-done/", contracts.contract_not_done, name="contract_not_done"),
    path("contracts/<int:contract_id>/part/", contracts.contract_part, name="contract_part"),
    path("contracts/<int:contract_id>/versions/<int:number>/", signing.version, name="version"),
    path("contracts/<int:contract_id>/versions/<int:number>/changes/", states.version_changes, name="version_changes"),
    path("contracts/<int:contract_id>/versions/<int:number>/contract.pdf", signing.version_pdf, name="version_pdf"),
    path("contracts/<int:contract_id>/versions/<int:number>/text.json", signing.version_text, name="version_text"),
]
