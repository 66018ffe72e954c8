"""The process `meaning`: the only one that holds the models. It answers questions and keeps the neighbours right.

It may be killed at any moment and any number of them may run: a question that nobody answers is answered by spelling
where it was asked, and what was not written is written by the next.
"""

import ctypes
import gc
import json
import logging
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error, close_old_connections

from accounts.actions.meaning import is_built, rebuild
from accounts.meaning import neighbours, vocabulary
from accounts.meaning.engines import Engine, chosen
from accounts.meaning.resolving import ANSWER_KEPT, ANSWERS, QUESTIONS, READY

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0  # seconds between two looks for a change of the topics
REST = 1.0  # after a rebuild it does something else for so many times as long as that took
READY_FOR = 10  # seconds
PAUSE = 1.0  # seconds, when a service is away


def give_memory_back() -> None:
    """Return what loading and counting needed for a moment: with glibc about 70 MB stay with the process otherwise."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


class Answerer:
    """What one such process knows: its engine, and the vocabulary as it last saw it."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or chosen()
        self.client = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=10, socket_connect_timeout=2)
        self.seen = ""
        self.nearness = neighbours.Nearness(self.answer_those_who_wait)
        self.vocabulary: vocabulary.Vocabulary | None = None
        self.next_look = self.next_rebuild = 0.0

    def run(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Go on until it is over. Whatever is away is waited for."""
        while not is_over():
            try:
                close_old_connections()
                if time.monotonic() >= self.next_look:
                    self.look()
                self.answer_one()
            except (Error, redis.RedisError, OSError) as error:
                log.warning("What finds topics by meaning cannot work: %s", error)
                time.sleep(PAUSE)

    def look(self) -> None:
        """Take in what has changed among the topics, and put the neighbours right."""
        seen = vocabulary.fingerprint(self.engine)
        if seen != self.seen:
            self.vocabulary = vocabulary.read(self.engine)
            if self.engine.width:
                self.engine.vectors(["ready"])  # loads the models now rather than while somebody waits
            self.seen = seen
            give_memory_back()
        if self.vocabulary and time.monotonic() >= self.next_rebuild and not is_built(seen):
            begun = time.monotonic()
            rebuild(self.engine, self.vocabulary, seen, self.nearness)
            give_memory_back()
            self.next_rebuild = time.monotonic() + REST * (time.monotonic() - begun)
        self.next_look = time.monotonic() + LOOK_EVERY

    def answer_one(self) -> None:
        """Wait a second for a question, and answer it if somebody still waits for that."""
        if not self.vocabulary or not self.engine.width:
            # Spelling is asked of the database, by whoever wants to know.
            time.sleep(LOOK_EVERY)
            return
        self.client.set(READY, self.engine.version, ex=READY_FOR)
        asked = self.client.blpop([QUESTIONS], timeout=1)
        if asked is not None:
            self.answer(asked[1])

    def answer_those_who_wait(self) -> None:
        """Answer what has been asked so far, in the middle of something longer."""
        while self.engine.width and (asked := self.client.lpop(QUESTIONS)):
            assert isinstance(asked, bytes)
            self.answer(asked)

    def answer(self, asked: bytes | str) -> None:
        """Answer one question, unless whoever asked has given up."""
        assert self.vocabulary
        question = json.loads(asked)
        seconds, micros = self.client.time()
        if seconds + micros / 1e6 > question["until"]:
            return
        near = neighbours.nearest(
            self.engine,
            self.vocabulary,
            question["phrase"],
            question["language"],
            kind=question["kind"],
            most=question["most"],
        )
        with self.client.pipeline(transaction=False) as pipe:
            pipe.rpush(ANSWERS + question["name"], json.dumps({"engine": self.engine.version, "near": near}))
            pipe.expire(ANSWERS + question["name"], ANSWER_KEPT)
            pipe.execute()
