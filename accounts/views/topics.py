from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.typing import topics_typed


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """What the words in the field may become: JSON for the list under it."""
    shown = [
        {
            "label": alias.topic.label,
            "kind": alias.topic.kind,
            "kind_label": alias.topic.get_kind_display(),
            "match": alias.phrase,
        }
        for alias in topics_typed(request.GET.get("q", ""), by=request.user)
    ]
    return JsonResponse({"topics": shown})
