"""What the Ctrl-K palette offers: commands, the records opened last and the hits of searches, ranked together.

What the text names exactly or begins is on top (*Best matches*), whatever it is: "customers" opens the list, "nokia" a
customer that begins so. Commands in context are those of the record on the open page, and those that take a name
("log a call nokia").
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.translation import gettext as _

from core import registry
from core.recent import recent_records
from core.registry import Command, SearchHit, declared

HITS, BEST, RECENT = 6, 6, 6
#: Hits below this are not among the best.
STRONG = 60
#: Words that nobody types.
SMALL = frozenset(("a", "an", "the", "to"))


@dataclass(frozen=True)
class Group:
    label: str
    items: list[SearchHit]


def fold(text: str) -> str:
    """Return the text in lower case without accents, its words apart by one space."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def rank(text: str, label: str, keywords: str = "") -> int:
    """Return how well a folded ``text`` names something, 0–100: its name, a keyword, their beginnings, within."""
    name, others = fold(label), fold(keywords).split()
    if text == name:
        return 100
    if text in others:
        return 90
    if name.startswith(text):
        return 80
    if any(word.startswith(text) for word in name.split()):
        return 65
    if f" {text}" in f" {' '.join(others)}":
        return 60
    return 40 if text in name or text in " ".join(others) else 0


def groups_for(user: Any, text: str, path: str) -> list[Group]:
    """Return what the palette shows for ``text`` on the page at ``path``; without a text, what comes first."""
    commands, here = _commands(user), _here(user, path)
    if not text:
        recent = Group(_("Recently viewed"), recent_records(user, RECENT))
        all_commands = Group(_("Commands"), [hit for hit, _words in commands])
        return _filled([Group(_("On this page"), here), recent, all_commands])
    folded = fold(text)
    ranked = [(rank(folded, hit.label, words), hit) for hit, words in commands]
    on_page = [(rank(folded, hit.label.partition(":")[0]), hit) for hit in here]  # not by the record's name
    ranked += [(value + 1 if value else 0, hit) for value, hit in on_page]  # before the same command of any record
    named = _with_names(user, text)
    found = _found(user, text) if len(text) > 1 else []
    recent_hits = recent_records(user, RECENT, text)
    records = [*recent_hits, *(hit for group in found for hit in group.items)]
    # A record opened lately comes before another that begins alike, and after a command that is named exactly.
    points = [(min(rank(folded, hit.label), 79) + (3 if hit in recent_hits else 0), hit) for hit in records]
    best = _best([*named, *ranked, *points])
    rest = Group(_("Commands"), [hit for value, hit in sorted(ranked, key=lambda pair: -pair[0]) if value])
    shown = [(hit.url, hit.fields) for hit in best]
    others = [
        Group(group.label, [hit for hit in group.items if (hit.url, hit.fields) not in shown])
        for group in (*found, rest)
    ]
    return _filled([Group(_("Best matches"), best), *others])


def _best(points: list[tuple[int, SearchHit]]) -> list[SearchHit]:
    strong = sorted((pair for pair in points if pair[0] >= STRONG), key=lambda pair: -pair[0])
    once: dict[tuple[Any, ...], SearchHit] = {}
    for _points, hit in strong:
        once.setdefault((hit.url, *sorted(hit.fields.items())), hit)
    return list(once.values())[:BEST]


def _filled(groups: Iterable[Group]) -> list[Group]:
    return [group for group in groups if group.items]


def _found(user: Any, text: str) -> list[Group]:
    return [Group(str(source.label), source.find(user, text, HITS)) for source in registry.searches.of("top")]


def _commands(user: Any) -> list[tuple[SearchHit, str]]:
    """Return the commands that the user may give, each with its keywords."""
    return [(command_hit(command), command.keywords) for command in registry.commands.allowed("top", user)]


def command_hit(command: Command) -> SearchHit:
    return SearchHit(str(command.label), "", reverse(command.url_name), command.icon, fields=dict(command.fields))


def _here(user: Any, path: str) -> list[SearchHit]:
    """Return the commands about the record on the page at ``path``."""
    match = _match(path)
    if match is None or "pk" not in match.kwargs:
        return []
    return [hit for hits in declared("PAGE_COMMANDS") for hit in hits(user, match)]


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path.partition("?")[0]) if path else None
    except Resolver404:
        return None


def _with_names(user: Any, text: str) -> list[tuple[int, SearchHit]]:
    """Return the commands that take the name after theirs, "log a call nokia", or after a keyword, "call nokia".

    After a keyword they come behind a record that begins with the whole text.
    """
    hits: list[tuple[int, SearchHit]] = []
    for command in registry.commands.allowed("top", user):
        if not command.named:
            continue
        rest = _rest(str(command.label), text)
        points = 95 if rest else 78
        rest = rest or next(filter(None, (_rest(word, text) for word in command.keywords.split())), "")
        if len(rest) > 1:
            hits += [(points, hit) for hit in command.named(user, rest, HITS)]
    return hits


def _rest(label: str, text: str) -> str:
    """Return what follows the words of ``label`` in ``text``; nothing where it begins otherwise."""
    words = [word for word in text.split() if fold(word) not in SMALL]
    name = [word for word in fold(label).split() if word not in SMALL]
    begins = [fold(word) for word in words[: len(name)]] == name
    return " ".join(words[len(name) :]) if begins else ""
