"""Who may open and change what: every address of the program, each of the cast, every method.

An address that is not in the tables fails the test: a new page or endpoint is given its row here first.
"""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.security.world import routes

CAST = ("anonymous", "viewer", "colleague", "owner", "admin")
READ, WORK, OWN, ADMIN = "viewer colleague owner admin", "colleague owner admin", "owner admin", "admin"
ONLY_OWNER = "owner"
NONE = ""
NOBODY = "nobody of the cast"  # such as approving offers: it is there, but for others
OFFER_LISTS = ("types", "lost-reasons", "units", "vat-classes")

#: Pages: (who may GET, who may POST). NONE is a method that the page does not have.
PAGES: dict[str, tuple[str, str]] = {
    "": ("anonymous " + READ, "anonymous " + READ),  # leads to the customer list
    "search/": (READ, NONE),
    "jobs/<uuid:pk>/": (ONLY_OWNER, NONE),
    "jobs/<uuid:pk>/cancel/": (NONE, ONLY_OWNER),
    "jobs/<uuid:pk>/result/": (ONLY_OWNER, NONE),
    "documents/<int:pk>/": (READ, NONE),
    "notifications/": (READ, NONE),
    "notifications/bell/": (READ, NONE),
    "notifications/read/": (NONE, READ),
    "notifications/choices/": (READ, READ),
    "notifications/<int:pk>/": (ONLY_OWNER, NONE),
    "notifications/<int:pk>/read/": (NONE, ONLY_OWNER),
    "users/": (READ, NONE),
    "users/options/": (READ, NONE),
    "users/invite/": (ADMIN, ADMIN),
    "users/<int:pk>/": (READ, NONE),
    "users/<int:pk>/history/": (READ, NONE),
    "users/<int:pk>/change/": (ADMIN, ADMIN),
    "users/<int:pk>/deactivate/": (ADMIN, ADMIN),
    "users/<int:pk>/reactivate/": (ADMIN, ADMIN),
    "users/<int:pk>/invitation/": (ADMIN, ADMIN),
    "users/groups/": (READ, NONE),
    "users/groups/add/": (ADMIN, ADMIN),
    "users/groups/<int:pk>/": (READ, NONE),
    "users/groups/<int:pk>/change/": (ADMIN, ADMIN),
    "users/groups/<int:pk>/delete/": (ADMIN, ADMIN),
    "users/teams/": (READ, NONE),
    "users/teams/add/": (ADMIN, ADMIN),
    "users/teams/<int:pk>/": (READ, NONE),
    "users/teams/<int:pk>/change/": (ADMIN, ADMIN),
    "users/teams/<int:pk>/delete/": (ADMIN, ADMIN),
    "users/profile/": (READ, READ),
    "users/profile/preferences/": (NONE, READ),
    "users/profile/keys/add/": (READ, READ),
    "users/profile/keys/<int:pk>/revoke/": (ONLY_OWNER, ONLY_OWNER),
    "customers/": (READ, NONE),
    "customers/new/": (WORK, WORK),
    "customers/new/candidates/": (WORK, NONE),
    "customers/options/": (READ, NONE),
    "customers/owner/": (NONE, READ),  # changes only those of the selected customers that the user may change
    "customers/hand-over/<int:pk>/": (OWN, OWN),
    "customers/<int:pk>/": (READ, NONE),
    "customers/<int:pk>/details/": (READ, NONE),
    "customers/<int:pk>/documents/": (READ, NONE),
    "customers/<int:pk>/history/": (READ, NONE),
    "customers/<int:pk>/edit/": (OWN, OWN),
    "customers/<int:pk>/passive/": (OWN, OWN),
    "customers/<int:pk>/active/": (ADMIN, ADMIN),
    "customers/<int:pk>/favourite/": (NONE, READ),
    "customers/<int:pk>/addresses/": (OWN, OWN),
    "customers/<int:pk>/numbers/": (OWN, OWN),
    "customers/<int:pk>/owner/": (OWN, OWN),
    "customers/<int:pk>/responsible/add/": (OWN, OWN),
    "customers/<int:pk>/responsible/<int:responsibility>/end/": (OWN, OWN),
    "customers/<int:pk>/documents/add/": (WORK, WORK),
    "customers/<int:pk>/documents/<int:document>/remove/": (WORK, WORK),
    "customers/<int:pk>/contacts/": (READ, NONE),
    "customers/<int:pk>/contacts/new/": (WORK, WORK),
    "customers/<int:pk>/decisions/": (READ, NONE),
    "customers/<int:pk>/classifications/": (READ, NONE),
    "customers/<int:pk>/classifications/edit/": (OWN, OWN),
    "customers/<int:pk>/activities/": (READ, NONE),
    "customers/<int:pk>/timeline/": (READ, NONE),
    "classifications/": (READ, NONE),
    "classifications/branches/new/": (ADMIN, ADMIN),
    "classifications/branches/<int:pk>/edit/": (ADMIN, ADMIN),
    "classifications/branches/<int:pk>/delete/": (ADMIN, ADMIN),
    "classifications/branches/<int:pk>/history/": (READ, NONE),
    "classifications/branches/<int:pk>/new/": (ADMIN, ADMIN),
    "classifications/<int:pk>/edit/": (ADMIN, ADMIN),
    "classifications/<int:pk>/move/": (ADMIN, ADMIN),
    "classifications/<int:pk>/shift/": (NONE, ADMIN),
    "classifications/<int:pk>/merge/": (ADMIN, ADMIN),
    "classifications/<int:pk>/retire/": (ADMIN, ADMIN),
    "classifications/<int:pk>/restore/": (ADMIN, ADMIN),
    "classifications/<int:pk>/delete/": (ADMIN, ADMIN),
    "contacts/": (READ, NONE),
    "contacts/new/": (WORK, WORK),
    "contacts/options/": (READ, NONE),
    "contacts/<int:pk>/": (READ, NONE),
    "contacts/<int:pk>/edit/": (WORK, WORK),
    "contacts/<int:pk>/history/": (READ, NONE),
    "contacts/<int:pk>/consents/new/": (WORK, WORK),
    "contacts/<int:pk>/positions/new/": (WORK, WORK),
    "contacts/<int:pk>/positions/<int:position>/": (WORK, WORK),
    "contacts/<int:pk>/positions/<int:position>/end/": (WORK, WORK),
    "contacts/<int:pk>/classifications/": (READ, NONE),
    "contacts/<int:pk>/classifications/edit/": (WORK, WORK),
    "contacts/<int:pk>/documents/": (READ, NONE),
    "contacts/<int:pk>/documents/add/": (WORK, WORK),
    "contacts/<int:pk>/documents/<int:document>/remove/": (WORK, WORK),
    "contacts/<int:pk>/activities/": (READ, NONE),
    "activities/": (READ, NONE),
    "activities/mine/": (READ, NONE),
    "activities/stale/": (READ, NONE),
    "activities/stale/close/": (NONE, WORK),  # closes only those of the selected ones that the user may close
    "activities/stale/undo/": (NONE, WORK),
    "activities/new/": (WORK, WORK),
    "activities/new/call/": ("anonymous " + READ, "anonymous " + READ),  # leads to the form, which asks
    "activities/new/visit/": ("anonymous " + READ, "anonymous " + READ),
    "activities/new/contacts/": (WORK, NONE),
    "activities/types/": (ADMIN, NONE),
    "activities/types/new/": (ADMIN, ADMIN),
    "activities/types/<int:pk>/": (ADMIN, ADMIN),
    "activities/types/<int:pk>/retire/": (ADMIN, ADMIN),
    "activities/lists/<str:list>/new/": (ADMIN, ADMIN),
    "activities/lists/<str:list>/<int:pk>/": (ADMIN, ADMIN),
    "activities/lists/<str:list>/<int:pk>/retire/": (ADMIN, ADMIN),
    "activities/keywords/new/": (ADMIN, ADMIN),
    "activities/keywords/<int:pk>/": (ADMIN, ADMIN),
    "activities/<int:pk>/": (READ, NONE),
    "activities/<int:pk>/documents/": (READ, NONE),
    "activities/<int:pk>/documents/add/": (WORK, WORK),
    "activities/<int:pk>/documents/<int:document>/remove/": (WORK, WORK),
    "activities/<int:pk>/history/": (READ, NONE),
    "activities/<int:pk>/change/": (OWN, OWN),
    "activities/<int:pk>/reminder/": (READ, READ),
    "activities/reminders/": (READ, READ),
    "activities/<int:pk>/finish/": (OWN, OWN),
    "activities/<int:pk>/series/": (READ, NONE),
    "activities/<int:pk>/repeat/": (OWN, OWN),
    "activities/<int:pk>/series/change/": (OWN, OWN),
    "activities/<int:pk>/series/end/": (OWN, OWN),
    "activities/<int:pk>/skip/": (OWN, OWN),
    "activities/<int:pk>/invitations/": (READ, NONE),
    "activities/<int:pk>/invitations/add/": (OWN, OWN),
    "activities/<int:pk>/invitations/send/": (OWN, OWN),
    "activities/<int:pk>/invitations/<int:invitation>/retry/": (OWN, OWN),
    "activities/<int:pk>/invitations/<int:invitation>/remove/": (OWN, OWN),
    "calendar/feeds/": (READ, NONE),
    "calendar/feeds/add/": (READ, READ),
    "calendar/feeds/<int:pk>/revoke/": (ONLY_OWNER, ONLY_OWNER),
    "calendar/import/": (WORK, WORK),
    "calendar/import/<uuid:token>/": (ONLY_OWNER, ONLY_OWNER),
    "activities/<int:pk>/status/": (NONE, OWN),
    "activities/<int:pk>/reopen/": (OWN, OWN),
    "activities/<int:pk>/follow-up/": (NONE, WORK),
    "activities/<int:pk>/undo/": (NONE, OWN),
    "activities/<int:pk>/heard/": (READ, NONE),
    "activities/<int:pk>/feedback/": (READ, NONE),
    "activities/<int:pk>/feedback/answer/": (WORK, WORK),
    "activities/<int:pk>/feedback/assign/": (WORK, WORK),
    "activities/<int:pk>/feedback/settle/": (WORK, WORK),
    "activities/<int:pk>/feedback/no-answer/": (WORK, WORK),
    "activities/<int:pk>/lead/": (READ, NONE),
    "activities/<int:pk>/lead/take/": (WORK, WORK),
    "activities/<int:pk>/lead/give/": (OWN, OWN),
    "activities/<int:pk>/lead/return/": (OWN, OWN),
    "activities/<int:pk>/lead/close/": (OWN, OWN),
    "activities/<int:pk>/lead/customer/": (OWN, OWN),
    "feedback/": (READ, NONE),
    "feedback/assign/": (NONE, WORK),
    "leads/": (READ, NONE),
    "nps/": (READ, NONE),
    "nps/<int:pk>/retry/": (WORK, WORK),
    "customers/<int:pk>/ask/": (WORK, WORK),
    "contacts/<int:pk>/ask/": (WORK, NONE),
    "customers/<int:pk>/feedback/": (READ, NONE),
    "contacts/<int:pk>/feedback/": (READ, NONE),
    "activities/<int:pk>/message/": (READ, NONE),
    "activities/<int:pk>/message/edit/": (ONLY_OWNER, ONLY_OWNER),  # its writer
    "activities/<int:pk>/message/retry/": (OWN, OWN),
    "mail/compose/": (WORK, WORK),
    "mail/compose/contacts/": (NONE, WORK),
    "mail/compose/customers/": (NONE, WORK),
    "mail/recipients/": (WORK, NONE),
    "mail/settings/": (WORK, WORK),
    "mail/templates/": (WORK, NONE),
    "mail/templates/new/": (WORK, WORK),
    "mail/templates/<int:pk>/": (WORK, NONE),
    "mail/templates/<int:pk>/change/": (ADMIN, ADMIN),  # a shared one
    "mail/templates/<int:pk>/retire/": (ADMIN, ADMIN),
    "mail/inbox/": (READ, NONE),
    "mail/inbox/bulk/": (NONE, WORK),
    "mail/inbox/<int:pk>/": (WORK, NONE),
    **{f"mail/inbox/<int:pk>/{name}/": (WORK, WORK) for name in ("file", "ignore", "restore")},
    "mail/messages/<int:pk>/raw/": (WORK, NONE),
    "mail/capture/": (WORK, WORK),
    "mail/mailboxes/": (WORK, NONE),
    "mail/mailboxes/new/": (WORK, WORK),
    "mail/mailboxes/<int:pk>/": (ONLY_OWNER, ONLY_OWNER),
    **{f"mail/mailboxes/<int:pk>/{name}/": (ONLY_OWNER, ONLY_OWNER) for name in ("test", "pause", "remove")},
    "mail/drop/": (NONE, WORK),
    "mail/rules/": (WORK, NONE),
    "mail/rules/new/": (WORK, WORK),
    "mail/rules/<int:pk>/remove/": (WORK, WORK),
    "calendar/": (READ, NONE),
    "calendar/events/": (READ, NONE),
    "calendar/<int:pk>/": (READ, NONE),
    "calendar/<int:pk>/move/": (NONE, OWN),
    "team-week/": (READ, NONE),
    "hours/": (READ, WORK),
    "hours/copy/": (WORK, WORK),
    "hours/copy/undo/": (NONE, WORK),
    "hours/export/": (READ, NONE),
    "hours/<int:pk>/target/": (ADMIN, ADMIN),
    "offers/": (READ, NONE),
    "start/": (READ, NONE),
    "start/open/": (READ, NONE),
    "start/week/": (READ, NONE),
    "targets/": (READ, NONE),
    "targets/own/": (READ, NONE),
    "targets/people/<int:pk>/": (ADMIN, ADMIN),
    "targets/teams/<int:pk>/": (ADMIN, ADMIN),
    "targets/teams/<int:pk>/panel/": (OWN, NONE),
    "customers/<int:pk>/offers/": (READ, NONE),
    "offers/new/": (WORK, WORK),
    "offers/new/contact/": (READ, NONE),
    "offers/new/texts/": (NONE, READ),
    "offers/owner/": (NONE, WORK),  # gives only those of the selected offers that the user may change
    "offers/approvals/": (NOBODY, NONE),
    "offers/<int:pk>/approvals/": (READ, NONE),
    "offers/<int:pk>/approvals/ask/": (OWN, OWN),
    "offers/<int:pk>/approvals/<int:approval>/approve/": (NOBODY, NOBODY),
    "offers/<int:pk>/approvals/<int:approval>/send-back/": (NOBODY, NOBODY),
    "offers/<int:pk>/": (READ, NONE),
    "offers/<int:pk>/activities/": (READ, NONE),
    "offers/<int:pk>/activities/add/": (NONE, WORK),
    "offers/<int:pk>/activities/link/": (WORK, WORK),
    "offers/<int:pk>/activities/<int:activity>/unlink/": (WORK, WORK),
    "offers/<int:pk>/documents/": (READ, NONE),
    "offers/<int:pk>/documents/add/": (WORK, WORK),
    "offers/<int:pk>/documents/<int:document>/remove/": (WORK, WORK),
    "offers/<int:pk>/history/": (READ, NONE),
    "offers/<int:pk>/versions/": (READ, NONE),
    "offers/<int:pk>/preview/": (READ, NONE),
    "offers/<int:pk>/send/": (OWN, OWN),
    "offers/<int:pk>/mark-sent/": (OWN, OWN),
    "offers/versions/<int:pk>/pdf/": (READ, NONE),
    "offers/links/<int:pk>/revoke/": (OWN, OWN),
    "offers/<int:pk>/edit/": (OWN, OWN),
    "offers/<int:pk>/copy/": (WORK, WORK),
    **{f"offers/<int:pk>/{name}/": (OWN, OWN) for name in ("lose", "reopen", "accept")},
    "activities/<int:pk>/offers/": (READ, NONE),
    "pipeline/": (READ, NONE),
    "pipeline/table/": (READ, NONE),
    "pipeline/forecast/": (READ, NONE),
    "pipeline/offers/<int:pk>/move/": (OWN, NONE),
    "pipeline/leads/<int:pk>/move/": (OWN, NONE),
    "offers/reports/": (READ, NONE),
    "offers/reports/<str:name>/": (READ, NONE),
    "products/": (READ, NONE),
    "products/new/": (ADMIN, ADMIN),
    "products/options/": (READ, NONE),
    "products/<int:pk>/": (READ, NONE),
    "products/<int:pk>/history/": (READ, NONE),
    **{f"products/<int:pk>/{name}/": (ADMIN, ADMIN) for name in ("edit", "retire", "delete")},
    "product-groups/": (READ, NONE),
    "product-groups/new/": (ADMIN, ADMIN),
    "product-groups/<int:pk>/": (ADMIN, ADMIN),
    "product-groups/<int:pk>/history/": (READ, NONE),
    **{f"product-groups/<int:pk>/{name}/": (ADMIN, ADMIN) for name in ("move", "retire", "delete")},
    "offers/settings/": (ADMIN, NONE),
    "offers/settings/seller/": (ADMIN, ADMIN),
    "offers/settings/seller/history/": (ADMIN, NONE),
    "offers/settings/seller/logo/": (READ, NONE),
    "offers/settings/seller/logo/remove/": (ADMIN, ADMIN),
    **{f"offers/settings/{name}/new/": (ADMIN, ADMIN) for name in OFFER_LISTS},
    **{f"offers/settings/{name}/<int:pk>/": (ADMIN, ADMIN) for name in OFFER_LISTS},
    **{f"offers/settings/{name}/<int:pk>/retire/": (ADMIN, ADMIN) for name in OFFER_LISTS},
    **{f"offers/settings/{name}/<int:pk>/history/": (ADMIN, NONE) for name in OFFER_LISTS},
    "offers/lines/new/": (READ, NONE),
    "orders/": (READ, NONE),
    "orders/new/": (WORK, WORK),
    "orders/<int:pk>/": (READ, NONE),
    "orders/<int:pk>/documents/": (READ, NONE),
    "orders/<int:pk>/documents/add/": (WORK, WORK),
    "orders/<int:pk>/documents/<int:document>/remove/": (WORK, WORK),
    "orders/<int:pk>/history/": (READ, NONE),
    "orders/<int:pk>/status/": (NONE, OWN),
    **{f"orders/<int:pk>/{name}/": (OWN, OWN) for name in ("edit", "cancel", "wait", "deliver", "deliver-all")},
    "orders/<int:pk>/deliveries/<int:delivery>/remove/": (OWN, OWN),
    "customers/<int:pk>/billing/": (WORK, WORK),
    "invoicing/": (ADMIN, NONE),
    "invoicing/hand-over/": (ADMIN, ADMIN),
    "invoicing/batches/": (ADMIN, NONE),
    "invoicing/batches/<int:pk>/": (ADMIN, NONE),
    "invoicing/batches/<int:pk>/csv/": (ADMIN, NONE),
    "invoicing/batches/<int:pk>/finvoice/": (ADMIN, NONE),
    "invoicing/batches/<int:pk>/invoices/<int:invoice>/finvoice/": (ADMIN, NONE),
    "invoicing/batches/<int:pk>/take-back/": (ADMIN, ADMIN),
    "imports/": (ADMIN, NONE),
    "imports/new/": (ADMIN, ADMIN),
    "imports/held/": (ADMIN, NONE),
    "imports/mappings/": (ADMIN, NONE),
    "imports/mappings/<int:pk>/": (ADMIN, ADMIN),
    "imports/mappings/<int:pk>/delete/": (ADMIN, ADMIN),
    "imports/<int:pk>/": (ADMIN, NONE),
    "imports/<int:pk>/mapping/": (ADMIN, ADMIN),
    "imports/<int:pk>/check/": (ADMIN, ADMIN),
    "imports/<int:pk>/start/": (ADMIN, ADMIN),
    "imports/<int:pk>/assign/": (NONE, ADMIN),
    "imports/<int:pk>/delete/": (ADMIN, ADMIN),
    "imports/<int:pk>/fates.csv": (ADMIN, NONE),
    "imports/<int:pk>/to-mend.csv": (ADMIN, NONE),
    "api/v1/docs/": (READ, NONE),
}

PK = "(?P<pk>[^/.]+)"
DOCUMENT, POSITION = r"(?P<document>\d{1,18})", r"(?P<position>\d{1,18})"
APPROVAL = r"(?P<approval>\d{1,18})"
DELIVERY = r"(?P<delivery>\d{1,18})"
#: Endpoints below api/v1/: who may use each method. A method that is not named is not there.
API: dict[str, dict[str, str]] = {
    "^users/$": {"get": READ, "post": ADMIN},
    "^users/me/$": {"get": READ},
    f"^users/{PK}/$": {"get": READ, "patch": ADMIN},
    f"^users/{PK}/deactivate/$": {"post": ADMIN},
    f"^users/{PK}/activate/$": {"post": ADMIN},
    "^notifications/$": {"get": READ},
    f"^notifications/{PK}/$": {"get": ONLY_OWNER},
    f"^notifications/{PK}/read/$": {"post": ONLY_OWNER},
    "^notifications/read/$": {"post": READ},
    "^notifications/choices/$": {"get": READ, "patch": READ},
    "^teams/$": {"get": READ},
    f"^teams/{PK}/$": {"get": READ},
    "^groups/$": {"get": READ},
    f"^groups/{PK}/$": {"get": READ},
    "^customers/$": {"get": READ, "post": WORK},
    f"^customers/{PK}/$": {"get": READ, "patch": OWN, "put": OWN},
    "customers/<pk>/classifications/": {"get": READ, "put": OWN},
    f"^customers/{PK}/activate/$": {"post": ADMIN},
    f"^customers/{PK}/passivate/$": {"post": OWN},
    f"^customers/{PK}/set_owner/$": {"post": OWN},
    f"^customers/{PK}/documents/$": {"get": READ, "post": WORK},
    f"^customers/{PK}/documents/{DOCUMENT}/$": {"delete": WORK},
    "^contacts/$": {"get": READ, "post": WORK},
    f"^contacts/{PK}/$": {"get": READ, "patch": WORK},
    "contacts/<pk>/classifications/": {"get": READ, "put": WORK},
    f"^contacts/{PK}/consents/$": {"post": WORK},
    f"^contacts/{PK}/positions/$": {"post": WORK},
    f"^contacts/{PK}/positions/{POSITION}/end/$": {"post": WORK},
    "^classifications/$": {"get": READ, "post": ADMIN},
    f"^classifications/{PK}/$": {"get": READ, "patch": ADMIN, "delete": ADMIN},
    **{f"^classifications/{PK}/{name}/$": {"post": ADMIN} for name in ("merge", "move", "restore", "retire", "shift")},
    "^classification-branches/$": {"get": READ},
    f"^classification-branches/{PK}/$": {"get": READ},
    "^municipalities/$": {"get": READ},
    f"^municipalities/{PK}/$": {"get": READ},
    "^activities/$": {"get": READ, "post": WORK},
    f"^activities/{PK}/$": {"get": READ, "patch": OWN},
    f"^activities/{PK}/status/$": {"post": OWN},
    f"^activities/{PK}/reminder/$": {"get": READ, "post": READ},
    **{
        f"^activities/{PK}/{name}/$": {"post": OWN}
        for name in ("repeat", "change-series", "end-series", "skip", "invite", "invite-again")
    },
    f"^activities/{PK}/invitations/$": {"get": READ},
    f"^activities/{PK}/invitations/(?P<invitation>\\d{{1,18}})/retry/$": {"post": OWN},
    "^calendar-feeds/$": {"get": READ, "post": READ},
    f"^calendar-feeds/{PK}/$": {"delete": ONLY_OWNER},
    "^calendar-import/$": {"post": WORK},
    f"^activities/{PK}/log-again/$": {"post": WORK},
    "^activities/bulk-close/$": {"post": WORK},
    f"^activities/{PK}/move/$": {"post": OWN},
    "^calendar/$": {"get": READ},
    "^hours/$": {"get": READ},
    "^feedback/$": {"get": READ},
    f"^feedback/{PK}/$": {"get": READ},
    **{f"^feedback/{PK}/{name}/$": {"post": WORK} for name in ("answer", "assign", "settle", "no-answer")},
    "^leads/$": {"get": READ},
    f"^leads/{PK}/$": {"get": READ},
    f"^leads/{PK}/take/$": {"post": WORK},
    **{f"^leads/{PK}/{name}/$": {"post": OWN} for name in ("give", "return", "close", "convert")},
    "^nps/$": {"get": READ, "post": WORK},
    f"^nps/{PK}/retry/$": {"post": WORK},
    "^activity-types/$": {"get": READ},
    f"^activity-types/{PK}/$": {"get": READ},
    "^keywords/$": {"get": READ},
    f"^keywords/{PK}/$": {"get": READ},
    "^emails/$": {"get": READ, "post": WORK},
    f"^emails/{PK}/$": {"get": READ},
    f"^emails/{PK}/edit/$": {"post": ONLY_OWNER},  # its writer
    f"^emails/{PK}/retry/$": {"post": OWN},
    "^email-templates/$": {"get": WORK, "post": WORK},
    f"^email-templates/{PK}/$": {"get": WORK, "patch": ADMIN},  # a shared one
    f"^email-templates/{PK}/retire/$": {"post": ADMIN},
    f"^email-templates/{PK}/restore/$": {"post": ADMIN},
    "^emails/capture/$": {"post": WORK},
    "^email-inbox/$": {"get": READ},
    f"^email-inbox/{PK}/$": {"get": WORK},
    **{f"^email-inbox/{PK}/{name}/$": {"post": WORK} for name in ("file", "ignore", "restore")},
    "^mailboxes/$": {"get": READ, "post": WORK},
    f"^mailboxes/{PK}/$": dict.fromkeys(("get", "patch", "delete"), ONLY_OWNER),
    **{f"^mailboxes/{PK}/{name}/$": {"post": ONLY_OWNER} for name in ("test", "pause")},
    "^email-ignore-rules/$": {"get": WORK, "post": WORK},
    f"^email-ignore-rules/{PK}/$": {"delete": WORK},
    "^offers/$": {"get": READ, "post": WORK},
    "^offers/summary/$": {"get": READ},
    "^pipeline/$": {"get": READ},
    "^pipeline/forecast/$": {"get": READ},
    "^offers/reports/(?P<name>[^/.]+)/$": {"get": READ},
    "^offers/waiting/$": {"get": READ},
    f"^offers/{PK}/$": {"get": READ, "patch": OWN},
    f"^offers/{PK}/approvals/$": {"get": READ},
    f"^offers/{PK}/approvals/{APPROVAL}/decide/$": {"post": NOBODY},
    f"^offers/{PK}/ask-approval/$": {"post": OWN},
    f"^offers/{PK}/copy/$": {"post": WORK},
    f"^offers/{PK}/link-activity/$": {"post": WORK},
    **{f"^offers/{PK}/{name}/$": {"post": OWN} for name in ("accept", "lose", "reopen")},
    f"^offers/{PK}/versions/$": {"get": READ},
    **{f"^offers/{PK}/{name}/$": {"post": OWN} for name in ("send", "mark-sent")},
    f"^offer-versions/{PK}/$": {"get": READ},
    f"^offer-versions/{PK}/pdf/$": {"get": READ},
    f"^offer-links/{PK}/$": {"get": READ},
    f"^offer-links/{PK}/revoke/$": {"post": OWN},
    "^offer-types/$": {"get": READ},
    f"^offer-types/{PK}/$": {"get": READ},
    "^lost-reasons/$": {"get": READ},
    f"^lost-reasons/{PK}/$": {"get": READ},
    "^products/$": {"get": READ, "post": ADMIN},
    f"^products/{PK}/$": {"get": READ, "patch": ADMIN, "delete": ADMIN},
    **{f"^products/{PK}/{name}/$": {"post": ADMIN} for name in ("retire", "restore")},
    "^product-groups/$": {"get": READ, "post": ADMIN},
    f"^product-groups/{PK}/$": {"get": READ, "patch": ADMIN, "delete": ADMIN},
    **{f"^product-groups/{PK}/{name}/$": {"post": ADMIN} for name in ("move", "retire", "restore")},
    **{f"^{name}/$": {"get": READ} for name in ("units", "vat-classes")},
    **{f"^{name}/{PK}/$": {"get": READ} for name in ("units", "vat-classes")},
    "^orders/$": {"get": READ, "post": WORK},
    f"^orders/{PK}/$": {"get": READ, "patch": OWN},
    "^orders/to-invoice/$": {"get": ADMIN},
    **{f"^orders/{PK}/{name}/$": {"post": OWN} for name in ("status", "deliver")},
    f"^orders/{PK}/deliveries/$": {"get": READ},
    f"^orders/{PK}/deliveries/{DELIVERY}/$": {"delete": OWN},
    "^invoice-batches/$": {"get": ADMIN, "post": ADMIN},
    f"^invoice-batches/{PK}/$": {"get": ADMIN},
    **{f"^invoice-batches/{PK}/{name}/$": {"get": ADMIN} for name in ("csv", "finvoice")},
    f"^invoice-batches/{PK}/take-back/$": {"post": ADMIN},
    f"^billing-details/{PK}/$": {"get": READ, "patch": WORK},
    "^sales-targets/$": {"get": READ},
    "^sales-targets/progress/$": {"get": READ},
    "^sales-targets/assign/$": {"post": READ},  # the rule is checked for each target
    "^imports/$": {"get": ADMIN, "post": ADMIN},
    f"^imports/{PK}/$": {"get": ADMIN},
    f"^imports/{PK}/rows/$": {"get": ADMIN},
    f"^imports/{PK}/assign/$": {"post": ADMIN},
    "schema/": {"get": READ},
}
METHODS = ("get", "post", "put", "patch", "delete")

#: Open to everyone: signs of life, sign-in (its own tests), what is not there.
OPEN = {
    "healthz",
    "readyz",
    "account/email/",
    "nps/<str:secret>/",
    "offer/<str:secret>/",
    "offer/<str:secret>/pdf/",
    "calendar/feed/<str:secret>.ics",
    r"^api/(?P<path>.*)$",
}
QUERY = {
    "offers/new/": "?type=service_order",
    "activities/new/": "?type=call",
    "activities/<int:pk>/status/": "?status=done",
    "orders/<int:pk>/status/": "?status=invoiced",
    "pipeline/offers/<int:pk>/move/": "?to=lost",
    "pipeline/leads/<int:pk>/move/": "?to=lost",
}
MULTIPART = {"^imports/$", "^calendar-import/$", "^emails/capture/$"}
#: What these answer to those who may not is 404: the row is not theirs to see.
INVISIBLE = (
    "invoicing/batches/<",
    "^invoice-batches/(",
    "mail/inbox/<",
    "mail/messages/",
    "mail/mailboxes/<",
    "^email-inbox/(",
    "^mailboxes/(",
    "jobs/",
    "notifications/<",
    "^notifications/(",
    "users/profile/keys/<",
    "calendar/feeds/<",
    "calendar/import/<",
    "^calendar-feeds/(",
    "imports/<",
    "imports/mappings/<",
    "^imports/(",
)


def test_every_address_is_in_a_table():
    known = OPEN | PAGES.keys() | {f"api/v1/{route}" for route in API}
    found = {route for route, _view in routes() if not route.startswith("account/") or route == "account/email/"}
    assert found - known == set(), "give these their rows"
    assert known - found == set(), "these are not there any more"


def methods_of(view):
    """Return the methods that a page or an endpoint has code for."""
    of = getattr(view, "cls", None) or getattr(view, "view_class", None)
    handled = getattr(view, "actions", None) or {name for name in METHODS if hasattr(of, name)}
    return set(METHODS).intersection(handled, of.http_method_names) if of else set(METHODS)


def test_endpoints_have_the_methods_of_the_table_and_no_others():
    """So only these are asked for below: no code runs for another method."""
    endpoints = {route.removeprefix("api/v1/"): view for route, view in routes() if route.startswith("api/v1/")}
    found = {route: methods_of(endpoints[route]) for route in API}
    assert found == {route: set(methods) for route, methods in API.items()}


def expected(who: str, may_read: str, name: str, *, api: bool, invisible: bool) -> set[int]:
    """Return the statuses that ``name`` may get: done or refused for its content, or how it is turned away."""
    if name in who.split():
        return {200, 201, 204, 302, 400, 409, 422}
    if name == "anonymous":
        return {401} if api else {302}
    if not who and name in may_read.split():
        return {405}
    if invisible:
        return {404} if who else {404, 405}
    return {403} if who else {403, 405}


def is_endpoint(url):
    return url.startswith("/api/") and not url.startswith("/api/v1/docs/")


def ask(world, name, route, method, url):
    """Send an empty request; what it changes is taken back."""
    api = is_endpoint(url)
    client = world.caller(name, api=api)
    content = {} if method == "get" or route in MULTIPART or not api else {"content_type": "application/json"}
    body = {"data": "{}"} if content else {}
    with transaction.atomic():
        response = getattr(client, method)(url, **body, **content)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return response


def wrong(world, name, route, method, url, who, may_read):
    """Return what is wrong with one answer, or nothing."""
    response = ask(world, name, route, method, url)
    status, api = response.status_code, is_endpoint(url)
    allowed = expected(who, may_read, name, api=api, invisible=route.startswith(INVISIBLE))
    is_sent_away = status == 302 and response.headers["Location"].startswith("/account/login/")
    if status in allowed and is_sent_away == (name == "anonymous" and name not in who.split() and not api):
        return []
    return [f"{name}: {method.upper()} {url} answered {status}, not {sorted(allowed)}"]


@pytest.mark.parametrize("name", CAST)
def test_pages_let_in_whom_the_table_says(name, world):
    """A method that a page has no code for is not asked for."""
    failures, views = [], dict(routes())
    for route, (readers, writers) in PAGES.items():
        url, handled = world.address(route) + QUERY.get(route, ""), methods_of(views[route])
        if readers != NONE or "get" in handled:
            failures += wrong(world, name, route, "get", url, readers, writers)
        if writers != NONE or "post" in handled:
            failures += wrong(world, name, route, "post", url, writers, readers)
        if "delete" in handled and name == "admin" and "anonymous" not in readers:
            failures += wrong(world, name, route, "delete", url, NONE, f"{readers} {writers}")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("route", ["customers/", "customers/options/", "customers/<int:pk>/history/"])
def test_a_method_that_a_page_does_not_have_is_refused(name, method, route, world):
    readers, writers = PAGES[route]
    assert not wrong(world, name, route, method, world.address(route), NONE, f"{readers} {writers}")


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("route", ["^classification-branches/$", f"^activity-types/{PK}/$", "schema/"])
def test_a_method_that_an_endpoint_does_not_have_is_refused(name, method, route, world):
    assert method not in API[route]
    assert not wrong(world, name, route, method, world.address(f"api/v1/{route}"), NONE, READ)


@pytest.mark.parametrize("name", CAST)
def test_endpoints_let_in_whom_the_table_says(name, world):
    failures = []
    for route, methods in API.items():
        url = world.address(f"api/v1/{route}")
        for method, who in methods.items():
            failures += wrong(world, name, route, method, url, who, READ)
    assert not failures, "\n".join(failures)
