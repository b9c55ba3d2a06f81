"""The words of all names, by which a misspelt search finds the names that were meant.

Comparing a search text with millions of names takes a second; there are far fewer different words. Triggers add the
words of new names, ``words_refresh`` those of names that were loaded without triggers.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from django.db import connection, transaction

#: What the database compares at least alike, how many words it returns for each typed one, how alike the best must be.
ALIKE = 0.25
CANDIDATES = 30
LIKENESS = 0.7
#: Words that are nearly as alike as the best one are looked for too.
NEARLY = 0.04
SHORTEST = 3

_SIMILAR = """
SELECT typed, near.word FROM unnest(%s::text[]) typed CROSS JOIN LATERAL (
    SELECT DISTINCT word, similarity(word, typed) AS likeness FROM customers_nameword
    WHERE of_contacts = %s AND word %% typed ORDER BY likeness DESC, word LIMIT %s
) near
"""
_REFRESH = """
INSERT INTO customers_nameword (word, of_contacts)
SELECT DISTINCT piece, {of_contacts} FROM {table}, regexp_split_to_table({names}, '[^a-z0-9]+') piece
WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2 AND NOT EXISTS (
    SELECT 1 FROM customers_nameword known WHERE known.word = piece COLLATE "C" AND known.of_contacts = {of_contacts}
)
"""


def words_refresh() -> None:
    """Add the words of all names that are not there yet."""
    with connection.cursor() as cursor:
        for statement in REFRESHES:
            cursor.execute(statement)


def words_sql(table: str, names: str, *, of_contacts: bool) -> str:
    """Return the statement that adds the words of the ``names`` (an expression) of a table."""
    return _REFRESH.format(table=table, names=names, of_contacts=str(of_contacts).lower())


CUSTOMER_NAMES = "portaali_fold(named.name || ' ' || named.official_name)"
CONTACT_NAMES = "named.search_text"
REFRESHES = (
    words_sql("customers_customer named", CUSTOMER_NAMES, of_contacts=False),
    words_sql("customers_contact named", CONTACT_NAMES, of_contacts=True),
)


@transaction.atomic
def meant(words: Sequence[str], *, of_contacts: bool) -> dict[str, list[str]]:
    """Return the words of names that were probably meant by each folded word, the most alike first."""
    typed = [word for word in words if len(word) >= SHORTEST and word.isalpha()]
    if not typed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(_SIMILAR, [typed, of_contacts, CANDIDATES])
        pairs = cursor.fetchall()
    return {word: near for word in typed if (near := _nearest(word, [other for key, other in pairs if key == word]))}


def _nearest(word: str, others: list[str]) -> list[str]:
    ratios = {other: SequenceMatcher(None, word, other).ratio() for other in others}
    best = max(ratios.values(), default=0.0)
    return [other for other in others if ratios[other] >= max(LIKENESS, best - NEARLY)]
