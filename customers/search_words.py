"""The words of all names, by which a misspelt search finds the names that were meant.

Comparing a search text with millions of names takes a second; there are far fewer different words. Triggers add the
words of new names. ``words_refresh``, by night, adds those of names that were loaded without triggers, and removes
those that no name has any more. The words of what a reader does not see are among them: while a search finds nothing,
it takes less alike ones too (``guesses``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from django.db import connection, transaction

#: What the database compares at least alike, how many words it returns for each typed one, how alike the best must be.
ALIKE = 0.25
CANDIDATES = 30
LIKENESS = 0.7
#: Words that are nearly as alike as the best one are looked for too.
NEARLY = 0.04
#: How many times words are looked for, each time less alike ones too, while nothing is found.
TRIES = 3
SHORTEST = 3

_SIMILAR = """
SELECT typed, near.word FROM unnest(%s::text[]) typed CROSS JOIN LATERAL (
    SELECT DISTINCT word, similarity(word, typed) AS likeness FROM customers_nameword
    WHERE of_contacts = %s AND word %% typed ORDER BY likeness DESC, word LIMIT %s
) near
"""
_ADD = """
INSERT INTO customers_nameword (word, of_contacts)
SELECT DISTINCT piece, {of_contacts} FROM {table}, regexp_split_to_table({names}, '[^a-z0-9]+') piece
WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2 AND NOT EXISTS (
    SELECT 1 FROM customers_nameword known WHERE known.word = piece COLLATE "C" AND known.of_contacts = {of_contacts}
)
"""
# All names are read once. A word that somebody adds again meanwhile may be lost until the next night.
_REFRESH = """
WITH wanted AS MATERIALIZED (
    SELECT DISTINCT piece COLLATE "C" AS word FROM {table}, regexp_split_to_table({names}, '[^a-z0-9]+') piece
    WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2
), gone AS (
    DELETE FROM customers_nameword known
    WHERE known.of_contacts = {of_contacts} AND NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.word = known.word)
)
INSERT INTO customers_nameword (word, of_contacts)
SELECT word, {of_contacts} FROM wanted WHERE NOT EXISTS (
    SELECT 1 FROM customers_nameword known WHERE known.word = wanted.word AND known.of_contacts = {of_contacts}
)
"""


def words_refresh() -> None:
    """Add the words of all names that are not there yet, and remove those that no name has."""
    with connection.cursor() as cursor:
        for statement in REFRESHES:
            cursor.execute(statement)


def words_sql(table: str, names: str, *, of_contacts: bool, statement: str = _ADD) -> str:
    """Return the statement that adds the words of the ``names`` (an expression) of a table."""
    return statement.format(table=table, names=names, of_contacts=str(of_contacts).lower())


CUSTOMER_NAMES = "portaali_fold(named.name || ' ' || named.official_name)"
CONTACT_NAMES = "named.search_text"
REFRESHES = (
    words_sql("customers_customer named", CUSTOMER_NAMES, of_contacts=False, statement=_REFRESH),
    words_sql("customers_contact named", CONTACT_NAMES, of_contacts=True, statement=_REFRESH),
)


def guesses(words: Sequence[str], *, of_contacts: bool) -> Iterator[dict[str, list[str]]]:
    """Yield the words that were probably meant by each folded word; at each further try, less alike ones too.

    The most alike ones may be words of customers or contacts that the reader does not see, or that are gone.
    """
    steps = {word: _steps(word, near) for word, near in meant(words, of_contacts=of_contacts).items()}
    for number in range(1, min(TRIES, max(map(len, steps.values()), default=0)) + 1):
        yield {word: [other for step in alike[:number] for other in step] for word, alike in steps.items()}


@transaction.atomic
def meant(words: Sequence[str], *, of_contacts: bool) -> dict[str, list[str]]:
    """Return the words of names that are like each folded word, the most alike first."""
    typed = [word for word in words if len(word) >= SHORTEST and word.isalpha()]
    if not typed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(_SIMILAR, [typed, of_contacts, CANDIDATES])
        pairs = cursor.fetchall()
    near = {word: [other for key, other in pairs if key == word and _ratio(word, other) >= LIKENESS] for word in typed}
    return {word: sorted(near[word], key=lambda other: -_ratio(word, other)) for word in typed if near[word]}


def _steps(word: str, others: list[str]) -> list[list[str]]:
    """Return the ``others``, the most alike first, in groups that are nearly as alike as the first of them."""
    steps: list[list[str]] = []
    for other in others:
        if steps and _ratio(word, other) >= _ratio(word, steps[-1][0]) - NEARLY:
            steps[-1].append(other)
        else:
            steps.append([other])
    return steps


def _ratio(word: str, other: str) -> float:
    return SequenceMatcher(None, word, other).ratio()
