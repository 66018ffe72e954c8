"""How well two members complement each other, in whole numbers. Pure.

    gain(A from B) = Σ over A's needs of importance × best over B's offers of (similarity of the topics × level)
    score(A, B)    = 2 · gain(A from B) · gain(B from A) / (gain(A from B) + gain(B from A)),
                     each gain divided by the most that it could be: 0 when one side gives nothing, 1 when both give all

Source: RECON, Pizzato et al., RecSys 2010. Importance is 1 to 3; a level of 1, 2 or 3 counts 6, 8 or 10 tenths; a topic
is similar to itself by 100 hundredths, to a neighbour by 1 to 100, to any other not at all. So a gain is a whole number
of thousandths of importance, and a score is rounded once: "the first fifty" has one meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LEVEL_TENTHS: Mapping[int, int] = {1: 6, 2: 8, 3: 10}
SAME = 100
# A gain of everything, for each unit of importance: similarity × tenths.
WHOLE = SAME * 10

Similar = Mapping[int, Mapping[int, int]]
"""For each topic of one side the topics that are similar to it, with the hundredths; itself is not among them."""


class Fit(StrEnum):
    """How two members fit: both ways, one way only, or not (yet)."""

    MUTUAL = "mutual"
    HELPS_ME = "helps_me"
    HELPED_BY_ME = "helped_by_me"
    NONE = "none"


@dataclass(frozen=True)
class Lists:
    """What one member offers (topic: tenths) and needs (topic: importance)."""

    offers: Mapping[int, int]
    needs: Mapping[int, int]

    @property
    def importance(self) -> int:
        """All that they need, in units of importance."""
        return sum(self.needs.values())


def similarity(one: int, other: int, similar: Similar) -> int:
    """Return how similar two topics are, in hundredths; `similar` knows the neighbours of one of them at least."""
    return SAME if one == other else similar.get(one, {}).get(other, 0) or similar.get(other, {}).get(one, 0)


def gain(receiver: Lists, giver: Lists, similar: Similar) -> int:
    """Return what `giver` gives `receiver`, in thousandths of importance.

    `similar` knows the neighbours of the topics of one of the two, whichever: similarity is the same both ways.
    """
    return sum(
        importance
        * max(
            (similarity(need, offer, similar) * tenths for offer, tenths in giver.offers.items()),
            default=0,
        )
        for need, importance in receiver.needs.items()
    )


def score(mine: int, my_importance: int, theirs: int, their_importance: int) -> float:
    """Return the harmonic mean of both gains, each as a share of what it could be: 0 to 1, rounded once."""
    if not mine or not theirs:
        return 0.0
    return (2 * mine * theirs) / (WHOLE * (mine * their_importance + theirs * my_importance))


def weight(mine: int, my_importance: int, theirs: int, their_importance: int, price: int) -> float:
    """Return score × WHOLE × price, rounded once: what those who fit both ways are ordered by.

    Its terms stay below 2**53 for 200 needs of importance 3 on either side and a price of 1000.
    """
    if not mine or not theirs:
        return 0.0
    return (2 * mine * theirs * price) / (mine * their_importance + theirs * my_importance)


def least_gains(least: float, highest_price: int) -> float:
    """Return the share of what it could be that either gain must reach at least, for a weight of `least`.

    Neither gain is more than all, so the other is at least x / (2 - x) for a harmonic mean x; prices are at most
    `highest_price`.
    """
    score_at_least = least / (WHOLE * highest_price)
    return score_at_least / (2 - score_at_least)


def fit_of(mine: int, theirs: int) -> Fit:
    """Return which way two fit, by what each gains."""
    if mine and theirs:
        return Fit.MUTUAL
    if mine:
        return Fit.HELPS_ME
    return Fit.HELPED_BY_ME if theirs else Fit.NONE
