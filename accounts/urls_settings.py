from django.urls import path

from accounts.views import emails, settings, showing

urlpatterns = [
    path("", settings.settings, name="settings"),
    path("preferences/", settings.preferences, name="preferences"),
    path("emails/", emails.emails, name="emails"),
    path("shown/", showing.showing, name="showing"),
    path("pause/", settings.pause, name="pause"),
    path("pause/end/", settings.resume, name="resume"),
    path("blocked/", settings.blocked, name="blocked"),
    path("two-step/qr.svg", settings.totp_qr, name="totp_qr"),
    path("download/", settings.download, name="download"),
    path("download/peermentor.zip", settings.download_zip, name="download_zip"),
    path("delete/", settings.delete_account, name="delete_account"),
]
