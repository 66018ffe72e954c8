from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .topics import Topic


class PhraseVector(models.Model):
    """A phrase of the vocabulary as an engine encodes it, kept for the next time: float16, little-endian."""

    phrase = models.CharField(max_length=120)
    engine = models.CharField(max_length=60)
    vector = models.BinaryField()

    class Meta:
        verbose_name = _("encoded phrase")
        verbose_name_plural = _("encoded phrases")
        constraints = [
            models.UniqueConstraint(fields=["phrase", "engine"], name="phrase_vector_once_per_engine"),
        ]

    def __str__(self) -> str:
        return self.phrase


class TopicNeighbour(models.Model):
    """Two topics of one kind that are near in meaning: in both directions, with the same similarity in hundredths.

    Written by accounts.actions.meaning.rebuild and by nobody else; the ranking reads it.
    """

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="neighbours")
    # No index of its own: whatever is asked is asked by topic, and each pair stands there both ways.
    neighbour = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")
    similarity = models.PositiveSmallIntegerField()
    engine = models.CharField(max_length=60)

    class Meta:
        verbose_name = _("neighbour of a topic")
        verbose_name_plural = _("neighbours of topics")
        constraints = [
            models.UniqueConstraint(fields=["topic", "neighbour"], include=["similarity"], name="topic_neighbour_once"),
            models.CheckConstraint(condition=Q(similarity__range=(1, 100)), name="topic_neighbour_in_hundredths"),
            models.CheckConstraint(condition=~Q(topic=F("neighbour")), name="topic_neighbour_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} ~ {self.neighbour_id}: {self.similarity}"


class RefusedPair(models.Model):
    """Somebody said that this phrase does not mean this topic: the two are never brought together by themselves again.

    `key` is accounts.text.key of the phrase. Who said it is nobody's business, and not stored.
    """

    key = models.CharField(max_length=240)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="refused_phrases")

    class Meta:
        verbose_name = _("refused pair")
        verbose_name_plural = _("refused pairs")
        constraints = [
            models.UniqueConstraint(fields=["key", "topic"], name="refused_pair_once"),
            models.CheckConstraint(condition=~Q(key=""), name="refused_pair_has_a_phrase"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ≠ {self.topic_id}"


class Neighbourhood(models.Model):
    """Of which vocabulary the neighbours are, as they stand: one row. While it is the same there is nothing to do."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    engine = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64)
    built_at = models.DateTimeField()

    class Meta:
        verbose_name = _("state of the neighbours")
        verbose_name_plural = _("state of the neighbours")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="neighbourhood_is_one")]

    def __str__(self) -> str:
        return self.engine
