"""The families of notices: who renders them, of which sort they are, and how they may come."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from accounts.letters import Letter, Mail
from accounts.models import Notice
from accounts.models.mail import WITHOUT_DIGEST, Sort

# The key of the row that carries a mail of several, which has nothing to say itself.
GATHERED = "gathered"


class Unwanted(Exception):
    """Raised by a renderer: what the notice would tell is not so any more. It is cancelled."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail. `type` is its MIME type."""

    name: str
    content: bytes
    type: str


Renderer = Callable[[Notice], Mail | Letter]
Preparer = Callable[[list[Notice]], None]
Attacher = Callable[[Notice], Attachment | None]
Kinds = bool | Collection[str]
# Reminders that a person may get of several things on one evening.
JOINING = {Sort.MEETINGS, Sort.CHECKINS}


@dataclass(frozen=True)
class Family:
    """What is registered of a family of kinds."""

    renderer: Renderer
    sort: Sort | Mapping[str, Sort] | Callable[[str], Sort]
    urgent: Kinds | None = None
    joins: Kinds | None = None
    prepare: Preparer | None = None

    def sort_of(self, kind: str) -> Sort:
        """Return the sort of a kind, named without its family."""
        if isinstance(self.sort, Sort):
            return self.sort
        return self.sort[kind] if isinstance(self.sort, Mapping) else self.sort(kind)

    def is_urgent(self, kind: str) -> bool:
        """Say whether the kind is of no use in a week, so that it waits for no weekly mail."""
        return _is_among(kind, self.urgent, otherwise=self.sort_of(kind) in WITHOUT_DIGEST)

    def does_join(self, kind: str) -> bool:
        """Say whether those that were planned go out in one mail with others of the same evening."""
        return _is_among(kind, self.joins, otherwise=self.sort_of(kind) in JOINING)


_families: dict[str, Family] = {}
_attachers: dict[str, list[Attacher]] = {}


def register(
    family: str,
    renderer: Renderer,
    *,
    sort: Sort | Mapping[str, Sort] | Callable[[str], Sort],
    urgent: Kinds | None = None,
    joins: Kinds | None = None,
    prepare: Preparer | None = None,
) -> None:
    """Name what renders a family of kinds. `account:mfa/email/totp_activated` is a kind of the family `account`.

    `renderer` is called under the member's language and time zone, outside of any transaction, and may raise Unwanted.
    It returns a Letter; a Mail that is whole already only for those of the sort that always comes.

    `sort`: of the whole family, or by kind. `urgent`: kinds that are of no use in a week (all, none, or those named;
    without it, those about meetings). `joins`: the kinds of which those that are planned for an instant go out together
    with others that are due within two hours (without it, those about meetings and check-ins).

    `prepare` may read for a whole batch what each will need, and put it on each as `prepared`: half a second before it
    is rendered at the most. It makes thousands cheaper; the renderer has to do without it, too.
    """
    _families[family] = Family(renderer, sort, urgent, joins, prepare)


def attach(kind: str, attacher: Attacher) -> None:
    """Let a file go with the mails of one full kind: for an app to the right of the one whose mail it is.

    `attacher` is called as a renderer is, once the mail itself is wanted; None is no file.
    """
    _attachers.setdefault(kind, []).append(attacher)


def attachments_of(notice: Notice) -> list[Attachment]:
    """Return the files that go with the mail of a notice now."""
    return [found for each in _attachers.get(notice.kind, ()) if (found := each(notice)) is not None]


def family_of(kind: str) -> tuple[Family, str]:
    """Return the family of a full kind, such as `contract:signed`, and the kind's own name. Raises KeyError."""
    family, _colon, name = kind.partition(":")
    return _families[family], name


def sort_of(notice: Notice) -> Sort:
    """Return the sort of a notice."""
    family, kind = family_of(notice.kind)
    return family.sort_of(kind)


def is_urgent(notice: Notice) -> bool:
    """Say whether a notice is of no use in a week."""
    family, kind = family_of(notice.kind)
    return family.is_urgent(kind)


def is_gathering(notice: Notice) -> bool:
    """Say whether the row only carries a mail of several others."""
    return notice.kind == GATHERED


def _is_among(kind: str, kinds: Kinds | None, *, otherwise: bool) -> bool:
    if kinds is None:
        return otherwise
    return kinds if isinstance(kinds, bool) else kind in kinds
