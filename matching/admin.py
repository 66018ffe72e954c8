"""The reports of members, for staff: read, taken in hand, answered."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin import MadeElsewhere
from accounts.models import User
from accounts.rules import Refused
from matching.actions import reports
from matching.models import Report


@admin.register(Report)
class ReportAdmin(MadeElsewhere, admin.ModelAdmin):
    """The oldest that waits comes first. To answer is to write: it goes out by mail and cannot be taken back."""

    list_display = ["reported_at", "reason", "about", "reported", "reporter", "state", "handled_by"]
    list_select_related = ["reporter", "reported", "handled_by"]
    list_filter = ["state", "reason", "about"]
    search_fields = ["reporter__email", "reported__email", "words", "copy"]
    fields = [
        *("reported_at", "reason", "about", "reporter_page", "reported_page", "earlier", "words", "copy"),
        *("state", "handled_by", "answered_at", "answer", "staff_note"),
    ]
    actions = ["take"]
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        """Staff are members, too: nobody reads what is said about themselves."""
        about_others = Q(reported__isnull=True) | ~Q(reported=request.user)
        return super().get_queryset(request).filter(about_others)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        sent = {"answer": _("It goes out by mail when you save, and stays as it is. Empty, it says: being looked at.")}
        return super().get_form(request, *args, **kwargs | {"help_texts": sent})

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        is_answered = Case(When(state=Report.State.ANSWERED, then=Value(1)), default=Value(0))
        return [is_answered.asc(), "reported_at", "pk"]

    def get_readonly_fields(self, request: HttpRequest, report: Report | None = None) -> list[str]:
        """An answer that went out stays as it is; the note is always open."""
        is_answered = report is not None and report.state == Report.State.ANSWERED
        written = {"staff_note"} if is_answered else {"staff_note", "answer"}
        return [name for name in self.fields if name not in written]

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    @admin.display(description=_("from"))
    def reporter_page(self, report: Report) -> str:
        return self._page(report.reporter)

    @admin.display(description=_("about (their page here lets you close the account)"))
    def reported_page(self, report: Report) -> str:
        return self._page(report.reported)

    @admin.display(description=_("other reports about the same member"))
    def earlier(self, report: Report) -> int:
        same = Report.objects.filter(reported=report.reported_id) if report.reported_id else Report.objects.none()
        return same.exclude(pk=report.pk).count()

    def save_model(self, request: HttpRequest, report: Report, form: Any, change: bool) -> None:
        """What stands in the form goes through the actions, which send the mail."""
        said = form.cleaned_data
        if "staff_note" in form.changed_data:
            reports.write_note(report=report, text=said["staff_note"])
        try:
            if "answer" in form.changed_data and said["answer"].strip():
                reports.answer(by=request.user, report=report, text=said["answer"].strip())
            else:
                reports.take(by=request.user, report=report)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)

    @admin.action(description=_("I look at it"), permissions=["change"])
    def take(self, request: HttpRequest, chosen: Any) -> None:
        for report in chosen:
            reports.take(by=request.user, report=report)

    @staticmethod
    def _page(member: User | None) -> str:
        if member is None:
            return str(_("has left"))
        state = "" if member.is_active else _(", closed")
        url = reverse("admin:accounts_user_change", args=[member.pk])
        return format_html('<a href="{}">{} ({})</a>{}', url, member.profile, member.email, state)
