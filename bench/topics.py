"""Phrases and the topics that they mean: how often the right one is missed, at what cost, beside spelling alone.

On tests/data/phrases.tsv, each phrase as a member types it with the topic that it should meet, against all topics
with all their phrases. The reference is pg_trgm's similarity on the same phrases in the same run.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.rows import Row, percentile
from tools.places import ROOT

PHRASES = ROOT / "tests" / "data" / "phrases.tsv"
# Shares of phrases that may be missed: what was measured when the aliases were written, and a little more.
MOST_MISSED = {"both": {1: 0.33, 5: 0.18, 10: 0.14}, "use": {1: 0.36, 5: 0.20, 10: 0.15}}
MEMORY = """
import django; django.setup()
import psutil
from accounts.meaning.engines import ENGINES
before = psutil.Process().memory_info().rss
ENGINES["{name}"].vectors(["a phrase"])
print((psutil.Process().memory_info().rss - before) / 1e6)
"""


def rows() -> Iterator[Row]:
    """Measure each engine in turn."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peermentor.settings")
    import django

    django.setup()
    from accounts.meaning.engines import ENGINES, encode
    from accounts.meaning.evaluating import figures, read_questions

    questions = read_questions(PHRASES)[0]
    spelt = figures(questions, ENGINES["none"])
    for name in ("both", "use"):
        engine = ENGINES[name]
        engine.vectors(["loads the models"])
        begun = time.perf_counter()
        texts = encode(engine, questions.texts)
        yield Row(f"{name}: phrases encoded in a second", len(texts) / (time.perf_counter() - begun), "phrases")
        found = figures(questions, engine, texts)
        for rank, most in MOST_MISSED[name].items():
            missed = 1 - found.found[rank]
            yield Row(f"{name}: right topic not in the first {rank}", missed, "share", 1 - spelt.found[rank], most)
        yield Row(f"{name}: taken without asking", found.linked, "share", spelt.linked)
        wrong = 1 - (found.precision if found.precision is not None else 1)
        yield Row(f"{name}: of these wrong", wrong, "share", None if spelt.precision is None else 1 - spelt.precision)
        plain = encode(ENGINES["none"], questions.texts)
        ours = [
            _milliseconds(lambda p=p, e=engine, t=texts: e.similarity(encode(e, [p], "en"), t)) for p in questions.asked
        ]
        theirs = [
            _milliseconds(lambda p=p, t=plain: ENGINES["none"].similarity(encode(ENGINES["none"], [p], "en"), t))
            for p in questions.asked[:20]
        ]
        for share in (0.5, 0.95):
            label = f"{name}: one phrase against {len(texts):,}, p{share * 100:.0f}"
            yield Row(label, percentile(ours, share), "ms", percentile(theirs, share))
        yield Row(f"{name}: memory of the models", _memory(name), "MB", target=350)


def _milliseconds(act) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _memory(name: str) -> float:
    """What loading an engine takes, in a process that has done nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY.format(name=name)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])
