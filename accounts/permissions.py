"""Rules about users. Administration of users is a grant (``accounts.manage_users``)."""

import rules

from core.permissions import granted, is_active_user

rules.add_perm("accounts.view_user", is_active_user)
rules.add_perm("accounts.edit_user", granted("accounts.manage_users"))
