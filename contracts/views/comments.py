"""Comments on the draft, by ordinary forms."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.views.refusals import is_done
from contracts import draft
from contracts.actions import commenting
from contracts.document import parse_key
from contracts.forms import CommentForm
from contracts.models import Comment, Contract
from contracts.views.contracts import seen_by
from contracts.views.threads import WHOLE, fields_of, thread_page


@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: HttpRequest, contract_id: int, key: str) -> HttpResponse:
    """What the two have said about one part, and a form to say more."""
    contract = seen_by(request, contract_id)
    about = _about(contract, key)
    form = CommentForm(request.POST if request.method == "POST" else None, fields=fields_of(about))
    if request.method == "POST" and form.is_valid():
        said = {"key": about, "field": form.cleaned_data["about"], "text": form.cleaned_data["text"]}
        if is_done(form, lambda: commenting.comment(by=request.user, contract_id=contract.pk, **said), at="text"):
            messages.success(request, _("Your comment stands there."))
            return redirect("comments", contract.pk, key)
    context = thread_page(contract, contract.side_of(request.user), about)
    if new := context["thread"].new:
        commenting.look(by=request.user, contract=contract, comment_ids=new)
    return render(request, "contracts/comments.html", {**context, "form": form})


@require_POST
def comment_resolve(request: HttpRequest, contract_id: int, comment_id: int) -> HttpResponse:
    contract, comment = _comment(request, contract_id, comment_id)
    commenting.resolve(by=request.user, contract_id=contract.pk, comment_id=comment.pk)
    undo = reverse("comment_reopen", args=[contract.pk, comment.pk])
    messages.success(request, _("Resolved. It stays here to read."), extra_tags=undo)
    return _back(contract, comment)


@require_POST
def comment_reopen(request: HttpRequest, contract_id: int, comment_id: int) -> HttpResponse:
    contract, comment = _comment(request, contract_id, comment_id)
    commenting.reopen(by=request.user, contract_id=contract.pk, comment_id=comment.pk)
    undo = reverse("comment_resolve", args=[contract.pk, comment.pk])
    messages.success(request, _("It is open again."), extra_tags=undo)
    return _back(contract, comment)


@require_POST
def comment_take_back(request: HttpRequest, contract_id: int, comment_id: int) -> HttpResponse:
    contract, comment = _mine(request, contract_id, comment_id)
    commenting.take_back(by=request.user, contract_id=contract.pk, comment_id=comment.pk)
    undo = reverse("comment_put_back", args=[contract.pk, comment.pk])
    messages.success(request, _("Your comment is taken back."), extra_tags=undo)
    return _back(contract, comment)


@require_POST
def comment_put_back(request: HttpRequest, contract_id: int, comment_id: int) -> HttpResponse:
    contract, comment = _mine(request, contract_id, comment_id)
    commenting.put_back(by=request.user, contract_id=contract.pk, comment_id=comment.pk)
    messages.success(request, _("Your comment stands there again."))
    return _back(contract, comment)


def _about(contract: Contract, slug: str) -> str:
    """Return the key of the part that an address names; empty for the whole text. What was never there is not there."""
    if slug == WHOLE:
        return ""
    try:
        where = parse_key(slug)
    except ValueError as error:
        raise Http404 from error
    if where.number is not None and draft.part(contract, slug) is None:
        raise Http404
    return slug


def _comment(request: HttpRequest, contract_id: int, comment_id: int) -> tuple[Contract, Comment]:
    contract = seen_by(request, contract_id)
    return contract, get_object_or_404(Comment.objects.standing(), contract=contract, pk=comment_id)


def _mine(request: HttpRequest, contract_id: int, comment_id: int) -> tuple[Contract, Comment]:
    """A comment of who asks, also one that they have taken back."""
    contract = seen_by(request, contract_id)
    return contract, get_object_or_404(contract.comments, by=contract.side_of(request.user), pk=comment_id)


def _back(contract: Contract, comment: Comment) -> HttpResponse:
    return redirect("comments", contract.pk, comment.key or WHOLE)
