from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts import text
from accounts.models import Topic, TopicAlias

MOST_SHOWN = 8


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """Topics whose name or alias begins with, or contains, what is typed: JSON for the list under the field."""
    typed = text.key(request.GET.get("q", "")[:120])
    if not typed:
        return JsonResponse({"topics": []})
    allowed = Topic.objects.suggested_to(request.user).values("pk")
    begins = Q(key__startswith=typed) | Q(key__contains=f" {typed}")
    aliases = TopicAlias.objects.filter(begins, topic__in=allowed).select_related("topic").order_by("key")
    found: dict[int, TopicAlias] = {}
    # What is nearest to being typed out comes first: “edit” is more of “editing” than of “éditeurs”.
    for alias in sorted(aliases[:200], key=lambda each: (not each.key.startswith(typed), len(each.key), each.key)):
        found.setdefault(alias.topic_id, alias)
    shown = [
        {
            "label": alias.topic.label,
            "kind": alias.topic.kind,
            "kind_label": alias.topic.get_kind_display(),
            "match": alias.phrase,
        }
        for alias in list(found.values())[:MOST_SHOWN]
    ]
    return JsonResponse({"topics": shown})
