"""Who may open and change schemes, segments, memberships and proposals: their part of both tables."""

from __future__ import annotations

from tests.security.cast import ADMIN, NOBODY, NONE, ONLY_OWNER, OWN, READ, WORK

PK = "(?P<pk>[^/.]+)"
_FORMS = (
    "schemes/new/", "schemes/sets/", "schemes/reasons/new/", "schemes/reasons/<int:pk>/",
    "schemes/reasons/<int:pk>/retire/", "schemes/<int:pk>/edit/", "schemes/<int:pk>/primary/",
    "schemes/<int:pk>/retire/", "schemes/<int:pk>/delete/", "schemes/<int:pk>/segments/new/",
    "segments/<int:pk>/edit/", "segments/<int:pk>/retire/", "segments/<int:pk>/delete/",
    "segments/<int:pk>/goals/new/", "segments/<int:pk>/goals/<int:goal>/edit/",
    "segments/<int:pk>/goals/<int:goal>/delete/",
)  # fmt: skip
PAGES: dict[str, tuple[str, str]] = {
    "schemes/": (READ, NONE),
    "schemes/<int:pk>/": (READ, NONE),
    "schemes/<int:pk>/history/": (READ, NONE),
    "schemes/reasons/<int:pk>/history/": (ADMIN, NONE),
    **dict.fromkeys(_FORMS, (ADMIN, ADMIN)),
    "schemes/rule-changes/<int:pk>/approve/": (NOBODY, NOBODY),
    "schemes/rule-changes/<int:pk>/reject/": (ONLY_OWNER, ONLY_OWNER),
    "segments/<int:pk>/up/": (NONE, ADMIN),
    "segments/<int:pk>/down/": (NONE, ADMIN),
    "criteria/": (READ, NONE),
    "criteria/new/": (ADMIN, ADMIN),
    **{f"criteria/<int:pk>/{page}": (READ, NONE) for page in ("", "history/", "counts/", "compare/")},
    **{
        f"criteria/<int:pk>/{page}/": (ADMIN, ADMIN)
        for page in (
            *("edit", "delete", "send", "review", "return", "approve", "reject", "force", "preview", "back-test"),
            *("rules/<int:segment>", "rules/<int:segment>/remove"),
        )
    },
    "criteria/<int:pk>/opinion/": (NOBODY, NOBODY),
    "users/teams/<int:pk>/notes/add/": (OWN, OWN),
    **{f"users/team-notes/<int:pk>/{step}/": (OWN, OWN) for step in ("change", "undo", "delete", "restore")},
    "users/team-notes/<int:pk>/history/": (READ, NONE),
    "suggestions/": (READ, NONE),
    "customers/<int:pk>/suggestion/": (READ, NONE),
    "customers/<int:pk>/suggestion/metrics/": (READ, NONE),
    "customers/<int:pk>/segments/": (READ, NONE),
    "customers/<int:pk>/segments/set/": (OWN, OWN),
    "customers/<int:pk>/segments/undo/": (OWN, OWN),
    "customers/<int:pk>/segments/<int:segment>/leave/": (OWN, OWN),
    "customers/<int:pk>/segments/propose/": (OWN, OWN),
    "segments/": (READ, NONE),
    "segments/customers/": (READ, NONE),
    "segments/memberships/": (READ, NONE),
    "segments/<int:pk>/": (READ, NONE),
    **{f"portfolio/{page}": (WORK, NONE) for page in ("", "customers/", "concentration/", "ordered/", "unprofitable/")},
    "customers/<int:pk>/profitability/": (ONLY_OWNER, NONE),
    "customers/<int:pk>/profitability/decide/": (ONLY_OWNER, ONLY_OWNER),
    "segment-proposals/": (READ, NONE),
    "segment-proposals/<int:pk>/": (READ, NONE),
    "segment-proposals/<int:pk>/approve/": (NOBODY, NOBODY),
    "segment-proposals/<int:pk>/reject/": (NOBODY, NOBODY),
    "segment-proposals/<int:pk>/withdraw/": (OWN, OWN),
    "segment-proposals/<int:pk>/comment/": (OWN, OWN),
}
API: dict[str, dict[str, str]] = {
    "^schemes/$": {"get": READ, "post": ADMIN},
    f"^schemes/{PK}/$": {"get": READ, "patch": ADMIN},
    **{f"^schemes/{PK}/{name}/$": {"post": ADMIN} for name in ("retire", "restore", "make-primary")},
    "^segments/$": {"get": READ, "post": ADMIN},
    f"^segments/{PK}/$": {"get": READ, "patch": ADMIN},
    **{f"^segments/{PK}/{name}/$": {"post": ADMIN} for name in ("retire", "restore")},
    "^segment-flow/$": {"get": READ},
    "^portfolio/$": {"get": WORK},
    "^portfolio/concentration/$": {"get": WORK},
    "^profit-decisions/$": {"get": WORK, "post": WORK},  # the rule is asked of the customer that the body names
    f"^profit-decisions/{PK}/$": {"get": ONLY_OWNER},
    "^memberships/$": {"get": READ, "post": READ},  # the rule is asked of the customer that the body names
    f"^memberships/{PK}/$": {"get": READ},
    "^team-notes/$": {"get": READ, "post": READ},  # the rule is asked of the team that the body names
    f"^team-notes/{PK}/$": {"get": READ, "patch": OWN, "delete": OWN},
    **{f"^team-notes/{PK}/{name}/$": {"post": OWN} for name in ("undo", "restore")},
    "^segment-proposals/$": {"get": READ, "post": READ},
    f"^segment-proposals/{PK}/$": {"get": READ},
    **{f"^segment-proposals/{PK}/{name}/$": {"post": NOBODY} for name in ("approve", "reject")},
    **{f"^segment-proposals/{PK}/{name}/$": {"post": OWN} for name in ("withdraw", "comment")},
}
KINDS = {
    "schemes/": "scheme",
    "schemes/reasons/": "segment_reason",
    "schemes/rule-changes/": "rule_change",
    "segments/": "segment",
    "users/team-notes/": "team_note",
    "team-notes/": "team_note",
    "memberships/": "membership",
    "profit-decisions/": "profit_decision",
    "segment-proposals/": "proposal",
}
