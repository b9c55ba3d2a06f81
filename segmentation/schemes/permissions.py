"""Permission rules of schemes: everyone sees them; administrators and key account managers change them."""

import rules

from core.permissions import granted, is_active_user

rules.add_perm("schemes.view_scheme", is_active_user)
rules.add_perm("schemes.edit_scheme", granted("schemes.manage_schemes"))
