from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Django's admin, on a site that asks for a second step. Named in INSTALLED_APPS."""

    default_site = "peermentor.admin.StaffSite"

    def ready(self) -> None:
        super().ready()
        from accounts.admin import take_over_from_allauth

        take_over_from_allauth()
