"""The meetings of a member, and one of them: seen, moved, cancelled, put back; and the pause of a pair."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock, zones
from accounts.showing import profile_for_others
from accounts.views import drafts
from accounts.views.refusals import is_done
from checkins.actions import meetings as acting
from checkins.forms import CancelForm, ChangeForm, MoveForm, PairPauseForm, PrivateNoteForm, ReplyForm
from checkins.models import CheckIn, Pause, Reply
from checkins.proposals import LOOKED_AT, times_for_both
from checkins.series import FARTHEST, Occurrence, Standing
from checkins.views import pages
from checkins.words import both_clocks

COMING = dt.timedelta(weeks=5)
AROUND = dt.timedelta(days=3)


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """What comes next, with everybody I have a contract with."""
    pairs = pages.pairs_in_force(request.user)
    rows = [
        pair.row(one)
        for pair in pairs
        for one in pair.meetings.between(pair.now - dt.timedelta(minutes=180), pair.now + COMING)
        if one.ends_at > pair.now
    ]
    context = {"rows": sorted(rows, key=lambda row: row.one.at), "pairs": pairs}
    return render(request, "checkins/meetings.html", context)


@require_safe
def meeting(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    """One meeting: when and where, and what both logged."""
    return meeting_page(request, pages.row_seen_by(request, contract_id, on))


def meeting_page(
    request: HttpRequest,
    row: pages.Row,
    note_form: PrivateNoteForm | None = None,
    reply_form: ReplyForm | None = None,
) -> HttpResponse:
    """The page of a meeting; `note_form` is a private note, `reply_form` a reply that could not be saved."""
    pair = row.pair
    mine_unit, their_unit = (
        pages.goal_of(pair.contract, side).get("unit", "") for side in (pair.side, pair.side.other)
    )
    is_sent = row.mine is not None and row.mine.state == CheckIn.State.SENT
    if note_form is None and row.mine and is_sent:
        note_form = PrivateNoteForm(initial={"private_note": row.mine.private_note})
    replies = {each.side: each for each in Reply.objects.filter(contract=pair.contract, on=row.one.on)}
    my_reply = replies.get(pair.side.value)
    if reply_form is None and row.may_reply:
        name = reply_draft(pair.contract.pk, row.one.on)
        reply_form = drafts.begin(request, name, unsent_words(my_reply))
    context = {
        **pages.frame(pair),
        "row": row,
        "my_reply": my_reply,
        "their_reply": replies.get(pair.side.other.value),
        "reply_form": reply_form,
        "reply_draft": reply_draft(pair.contract.pk, row.one.on),
        "is_sent": is_sent,
        "is_skipped": row.mine is not None and not is_sent,
        "mine": pages.check_in_lines(row.mine, mine_unit, is_mine=True) if row.mine and is_sent else [],
        "theirs": pages.check_in_lines(row.theirs, their_unit, is_mine=False) if row.theirs else [],
        "note_form": note_form,
        "page_form": reply_form if reply_form and reply_form.errors else note_form,
    }
    return render(request, "checkins/meeting.html", context)


def reply_draft(contract_id: int, on: dt.date) -> str:
    """Return the name under which an answer that is being typed is kept: the contract and the day in one number."""
    return f"reply-{contract_id}{on:%Y%m%d}"


def unsent_words(said: Reply | None) -> drafts.Unsent:
    """Return the form of an answer, with what was answered already."""
    return ReplyForm, {"words": said.words if said else ""}


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_move(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    """Another time for one meeting, with those that suit both."""
    row = pages.row_seen_by(request, contract_id, on)
    if not row.may_change and request.method != "POST":
        return _too_late(request, row)
    zone = zones.known_or_utc(request.user.time_zone)
    if request.method == "POST":
        form = MoveForm(request.POST)
        if form.is_valid():
            asked = form.cleaned_data
            moved: list[Occurrence] = []
            if is_done(
                form,
                lambda: moved.append(
                    acting.move(
                        by=request.user, contract_id=contract_id, on=on, to_on=asked["to_on"], to_time=asked["to_time"],
                        zone=zone, note=asked["note"], seen=form.shown(),
                    )
                ),
                at="to_on",
            ):  # fmt: skip
                words = {"when": both_clocks(moved[0], zone, "", ""), "name": row.pair.name}
                said = _("Moved to %(when)s. %(name)s hears of it in a minute.") % words
                messages.success(request, said, extra_tags=_undo(moved[0]))
                return redirect("meeting", contract_id, on)
            row = _look_again(request, form, row)
    else:
        wished = request.GET.get("at", "")
        form = MoveForm(initial={"seen": row.one.sequence, **_wished(wished, row)})
    context = {
        **pages.frame(row.pair),
        "row": row,
        "form": form,
        "proposals": _proposals(row, zone),
        "city": zones.city(zone),
    }
    return render(request, "checkins/move.html", context)


def _wished(said: str, row: pages.Row) -> dict[str, object]:
    """Return the day and time of a proposal that was chosen; without one, the time as it is now."""
    try:
        local = dt.datetime.fromisoformat(said)
    except ValueError:
        return {"to_time": row.local.time()}
    return {"to_on": local.date(), "to_time": local.time()}


def _proposals(row: pages.Row, zone: str) -> list[tuple[str, str]]:
    """Return times that suit both, as what the form takes and in words."""
    pair = row.pair
    if pair.other is None:
        return []
    other_zone = zones.known_or_utc(pair.other.time_zone)
    # For a meeting that is weeks away, times around its own day: others would be refused as too far from it.
    since = max(pair.now, row.one.by_rhythm.at - AROUND)
    coming = pair.meetings.between(since - dt.timedelta(hours=3), since + LOOKED_AT)
    found = times_for_both(
        (pair.viewer.profile.free_hours, zone),
        (profile_for_others(pair.other.profile, is_introduced=True).free_hours, other_zone),
        now=since,
        minutes=row.one.minutes,
        taken=[(one.at, one.ends_at) for one in coming if one.takes_place],
    )
    local = [each for at in found if abs((each := at.astimezone(row.local.tzinfo)).date() - row.one.on) <= FARTHEST]
    return [
        (
            f"{each:%Y-%m-%dT%H:%M}",
            _("%(day)s at %(time)s") % {"day": date_format(each, _("l j F")), "time": f"{each:%H:%M}"},
        )
        for each in local
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_cancel(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    row = pages.row_seen_by(request, contract_id, on)
    if not row.may_change and request.method != "POST":
        return _too_late(request, row)
    form = CancelForm(request.POST or None, initial={"seen": row.one.sequence})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        cancelled: list[Occurrence] = []
        if is_done(
            form,
            lambda: cancelled.append(
                acting.cancel(by=request.user, contract_id=contract_id, on=on, note=asked["note"], seen=form.shown())
            ),
            at="note",
        ):
            said = _("Cancelled. %(name)s hears of it in a minute.") % {"name": row.pair.name}
            messages.success(request, said, extra_tags=_undo(cancelled[0]))
            return redirect("meeting", contract_id, on)
        row = _look_again(request, form, row)
    return render(request, "checkins/cancel.html", {**pages.frame(row.pair), "row": row, "form": form})


def _undo(one: Occurrence) -> str:
    """Return the address that undoes what was just done, and nothing that the other has done since."""
    return f"{reverse('meeting_put_back', args=[one.contract_id, one.on])}?seen={one.sequence}"


def _look_again(request: HttpRequest, form: ChangeForm, row: pages.Row) -> pages.Row:
    """Return the meeting as it stands now. Sent again, the form says that this was seen."""
    now = pages.row_seen_by(request, row.pair.contract.pk, row.one.on)
    form.data = form.data.copy()
    form.data["seen"] = str(now.one.sequence)
    return now


def _too_late(request: HttpRequest, row: pages.Row) -> HttpResponse:
    messages.error(request, _("This meeting cannot be changed any more. This is how it stands."))
    return redirect("meeting", row.pair.contract.pk, row.one.on)


@require_POST
def meeting_put_back(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    pages.row_seen_by(request, contract_id, on)
    seen = request.GET.get("seen", "")
    put = acting.put_back(
        by=request.user, contract_id=contract_id, on=on, seen=int(seen) if seen.isdecimal() and len(seen) < 9 else None
    )
    if put.standing is Standing.PAUSED:
        messages.success(request, _("It is back in the week in which you two pause, so it does not take place."))
    else:
        messages.success(request, _("It takes place as your contract says."))
    return redirect("meeting", contract_id, on)


@require_POST
def meeting_held(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    pages.row_seen_by(request, contract_id, on)
    held = request.POST.get("held", "")
    acting.say_held(by=request.user, contract_id=contract_id, on=on, held=held if held in {"yes", "no"} else "")
    messages.success(request, _("Noted."))
    return redirect("meeting", contract_id, on)


@require_http_methods(["GET", "HEAD", "POST"])
def pair_pause(request: HttpRequest, contract_id: int) -> HttpResponse:
    """Some weeks in which the two do not meet."""
    pair = pages.pair_seen_by(request, contract_id)
    if not pair.contract.is_in_force and request.method != "POST":
        messages.error(request, _("This contract is not in force: there is nothing to pause."))
        return redirect("weeks", contract_id)
    form = PairPauseForm(request.POST or None, initial={"from_on": clock.local().date()})
    if request.method == "POST" and form.is_valid():
        said: list[Pause] = []
        if is_done(
            form,
            lambda: said.append(acting.pause(by=request.user, contract_id=contract_id, **form.cleaned_data)),
            at="until_on",
        ):
            words = {"name": pair.name, "day": date_format(said[0].until_on, "j F")}
            messages.success(
                request,
                _("You two pause until %(day)s. %(name)s hears of it in a minute.") % words,
                extra_tags=reverse("pause_lift", args=[contract_id, said[0].pk]),
            )
            return redirect("weeks", contract_id)
    context = {**pages.frame(pair), "form": form, "pauses": _to_come(pair)}
    return render(request, "checkins/pause.html", context)


def _to_come(pair: pages.Pair) -> list[Pause]:
    today = pair.now.date() - dt.timedelta(days=1)
    return [each for each in pair.meetings.pauses if each.until_on >= today]


@require_POST
def pause_lift(request: HttpRequest, contract_id: int, pause_id: int) -> HttpResponse:
    pair = pages.pair_seen_by(request, contract_id)
    said = get_object_or_404(Pause, contract=pair.contract, pk=pause_id)
    acting.lift(by=request.user, contract_id=contract_id, pause_id=said.pk)
    messages.success(request, _("The pause is lifted. Your meetings take place."))
    return redirect("weeks", contract_id)
