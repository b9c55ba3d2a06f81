"""Editing in place: one field of a record is changed where it is shown, on its page or in a list.

An app declares what is editable among its registrations, by the form pages that change it otherwise::

    INLINE = (Editing(place="customer", model=Customer, url_name="customers:inline", fields=(Editable(…),)),)

The form page gives rows, permission, form and service; nothing is written here.
"""
