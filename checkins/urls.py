import datetime as dt

from django.urls import path, register_converter

from checkins.views import calendar, calls, checkins, fit, help, meetings, replies, stories, weeks


class DayConverter:
    """A day of the calendar, as ISO 8601 says it."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayConverter, "day")

_HELP = "contracts/<int:contract_id>/help/given/<int:help_id>/"
_MEETING = "contracts/<int:contract_id>/meetings/<day:on>/"

urlpatterns = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/renew/", calendar.calendar_renew, name="calendar_renew"),
    path("calendar/close/", calendar.calendar_close, name="calendar_close"),
    path("calendar/<slug:token>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("contracts/<int:contract_id>/meetings.ics", calendar.meetings_ics, name="meetings_ics"),
    path("contracts/<int:contract_id>/weeks/", weeks.weeks, name="weeks"),
    path("contracts/<int:contract_id>/weeks.csv", weeks.weeks_csv, name="weeks_csv"),
    path("contracts/<int:contract_id>/pause/", meetings.pair_pause, name="pair_pause"),
    path("contracts/<int:contract_id>/pauses/<int:pause_id>/lift/", meetings.pause_lift, name="pause_lift"),
    path("contracts/<int:contract_id>/push/", replies.push, name="push"),
    path("contracts/<int:contract_id>/push/leave/", replies.push_leave, name="push_leave"),
    path("contracts/<int:contract_id>/fit/", fit.fit, name="fit"),
    path("contracts/<int:contract_id>/still-meeting/", fit.still_meeting, name="still_meeting"),
    path("contracts/<int:contract_id>/help/", help.pair_help, name="pair_help"),
    path("contracts/<int:contract_id>/help.csv", help.help_csv, name="help_csv"),
    path("contracts/<int:contract_id>/help/<int:version>/<slug:key>/", help.help_say, name="help_say"),
    path(f"{_HELP}confirm/", help.help_confirm, name="help_confirm"),
    path(f"{_HELP}not-yet/", help.help_not_yet, name="help_not_yet"),
    path(f"{_HELP}let-wait/", help.help_let_wait, name="help_let_wait"),
    path(f"{_HELP}take-back/", help.help_take_back, name="help_take_back"),
    path("contracts/<int:contract_id>/help/fine/<day:upto>/", help.help_fine, name="help_fine"),
    path("contracts/<int:contract_id>/help/ask-again/<day:upto>/", help.help_ask_again, name="help_ask_again"),
    path("contracts/<int:contract_id>/story/", stories.contract_story, name="contract_story"),
    path("my-story/", stories.my_story, name="my_story"),
    path("my-story/<int:contract_id>/name/", stories.my_story_name, name="my_story_name"),
    path(_MEETING, meetings.meeting, name="meeting"),
    path(f"{_MEETING}move/", meetings.meeting_move, name="meeting_move"),
    path(f"{_MEETING}cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path(f"{_MEETING}put-back/", meetings.meeting_put_back, name="meeting_put_back"),
    path(f"{_MEETING}held/", meetings.meeting_held, name="meeting_held"),
    path(f"{_MEETING}call/", calls.call, name="meeting_call"),
    path(f"{_MEETING}call/points/", calls.call_points, name="meeting_points"),
    path(f"{_MEETING}call/tick/", calls.call_tick, name="meeting_tick"),
    path(f"{_MEETING}check-in/reply/", replies.check_in_reply, name="check_in_reply"),
    path(f"{_MEETING}check-in/", checkins.check_in, name="check_in"),
    path(f"{_MEETING}check-in/skip/", checkins.check_in_skip, name="check_in_skip"),
    path(f"{_MEETING}check-in/unskip/", checkins.check_in_unskip, name="check_in_unskip"),
    path(f"{_MEETING}check-in/note/", checkins.check_in_note, name="check_in_note"),
]
