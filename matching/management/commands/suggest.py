import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from matching.ranking import Rank, rank
from matching.suggestions import Suggestion, describe


class Command(BaseCommand):
    help = "Says whom a member is suggested, best first, with the numbers that the order comes from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--limit", type=int, default=50, help="how many of each kind of fit (50)")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit is how many are wanted: 1 or more.")
        try:
            member = User.objects.select_related("profile").get(email__iexact=options["email"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody here has the address {options['email']}.") from None
        ranks = rank(member, mutual=options["limit"], one_way=options["limit"])
        described = {each.profile.pk: each for each in describe(member, ranks)}
        rows = [_row(place, described[place.member_id]) for place in ranks if place.member_id in described]
        if options["json"]:
            self.stdout.write(json.dumps({"member": member.pk, "suggestions": rows}, ensure_ascii=False, indent=1))
            return
        for row in rows:
            self.stdout.write(
                f"{row['fit']:<12} {row['member']:>8}  {row['score']:.4f} × {row['price']:>4}"
                f"  gets {row['gain']:.3f} gives {row['their_gain']:.3f}  {' '.join(row['reasons'])}"
            )


def _row(place: Rank, said: Suggestion) -> dict[str, Any]:
    return {
        "member": place.member_id,
        "email": said.profile.member.email,
        "fit": str(place.fit),
        "gain": place.my_gain,
        "their_gain": place.their_gain,
        "score": place.score,
        "price": place.price,
        "reasons": said.reasons,
    }
