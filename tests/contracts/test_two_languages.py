"""The browser and the server make the same text of a draft, and no box cuts a character in two. Asked of Node."""

import json
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from hypothesis import given, settings as hypothesis_settings, strategies as st

from contracts import ydoc
from contracts.canonical import canonical, sha256
from contracts.document import FIELDS, TEXTS, document_of, parse_key, shape
from contracts.lifecycle import Side
from tests.contracts.live.scripts import node

FRONTEND = Path(settings.BASE_DIR) / "frontend" / "js" / "draft"
NAMES = {Side.FIRST: "Ada 👩‍🚀", Side.SECOND: "بن"}
MAKE_TEXTS = """
import { readFileSync } from "node:fs";
import * as Y from "yjs";
import { canonical, Draft, sha256 } from "FRONTEND/document.js";
const { shape, names, amends, drafts } = JSON.parse(readFileSync(0, "utf8"));
const made = [];
for (const update of drafts) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Buffer.from(update, "base64"));
  const text = canonical(new Draft(doc, shape).document({ names, amends }));
  made.push([text, await sha256(text)]);
}
process.stdout.write(JSON.stringify(made));
"""
TYPE = """
import { readFileSync } from "node:fs";
import { difference, moved } from "FRONTEND/fields.js";
const made = JSON.parse(readFileSync(0, "utf8")).map(([before, after, places, delta]) => {
  const { start, gone, added } = difference(before, after);
  const whole = [before.slice(0, start), before.slice(start, start + gone), before.slice(start + gone), added];
  return {
    result: before.slice(0, start) + added + before.slice(start + gone),
    cuts: whole.some((part) => !part.isWellFormed()),
    places: places.map((place) => moved(place, delta)),
  };
});
process.stdout.write(JSON.stringify(made));
"""

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
sides = st.sampled_from(["first", "second"])
numbers = st.integers(0, 10**12).map(str)
keys = st.one_of(
    st.sampled_from(["goal-first", "goal-second", "rhythm"]),
    st.tuples(st.sampled_from(["have", "need"]), sides, numbers).map("-".join),
    numbers.map("commitment-{}".format),
)
sound = {
    "by": st.sampled_from(["", "2027-01-31"]),
    "kind": st.sampled_from(["", "skill", "contact"]),
    "giver": sides,
    "weekday": st.sampled_from(["", "0", "6"]),
    "amount": st.sampled_from(["", "4", "0.5"]),
    "elsewhere": st.sampled_from(["", "yes"]),
}


@st.composite
def parts(draw: st.DrawFn) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for key in draw(st.lists(keys, max_size=8, unique=True)):
        kind = parse_key(key).kind
        found[key] = {
            name: draw(words if name in TEXTS[kind] else sound.get(name, st.just(""))) for name in FIELDS[kind]
        }
    needs = [key for key in found if key.startswith("need")]
    for key in found:
        if key.startswith("commitment"):
            found[key]["need"] = draw(st.sampled_from(["", "need-first-1", *needs]))
    return found


def ask_node(script: str, said: Any) -> Any:
    code = script.replace("FRONTEND", str(FRONTEND))
    done = subprocess.run(
        [node(), "--input-type=module", "-e", code],
        input=json.dumps(said),
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@hypothesis_settings(max_examples=5, deadline=None)
@given(st.lists(parts(), min_size=40, max_size=40))
def test_browser_and_server_make_the_same_text(drafts):
    amends = {"version": "1", "sha256": "0" * 64}
    docs = [ydoc.doc_of([]) for _each in drafts]
    for doc, said in zip(docs, drafts, strict=True):
        ydoc.write(doc, said)
        ydoc.place_last(doc, [key for key in reversed(said) if parse_key(key).number is not None])
        if taken_out := [key for key in said if key.startswith("have")][:1]:
            ydoc.write(doc, dict.fromkeys(taken_out))
    ours = [
        canonical(
            document_of(
                {key: part.content for key, part in ydoc.read(doc).items() if part.content is not None},
                NAMES,
                amends=amends,
            )
        )
        for doc in docs
    ]
    theirs = ask_node(
        MAKE_TEXTS,
        {
            "shape": shape(),
            "names": {side.value: name for side, name in NAMES.items()},
            "amends": amends,
            "drafts": [_base64(doc.get_update()) for doc in docs],
        },
    )
    assert theirs == [[text, sha256(text)] for text in ours]


emoji = st.lists(st.sampled_from(["a", "b", "👍", "👎", "👩‍🚀", "🇫🇷", "é", "日", "\n", "م"]), max_size=12).map("".join)


@hypothesis_settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(emoji, emoji), min_size=50, max_size=50))
def test_a_box_never_cuts_a_character_in_two(pairs):
    asked = [(before, after, [], []) for before, after in pairs]
    for (_before, after), made in zip(pairs, ask_node(TYPE, asked), strict=True):
        assert made == {"result": after, "cuts": False, "places": []}


def test_a_place_moves_with_what_is_put_in_and_taken_out_before_it():
    put_in = [{"retain": 2}, {"insert": "xyz"}]
    taken_out = [{"retain": 1}, {"delete": 3}]
    asked = [["", "", [0, 2, 3], put_in], ["", "", [0, 1, 2, 4, 6], taken_out]]
    assert [made["places"] for made in ask_node(TYPE, asked)] == [[0, 2, 6], [0, 1, 1, 1, 3]]


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()
