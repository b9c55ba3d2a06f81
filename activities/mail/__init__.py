"""E-mail of customers: sending, receiving and the inbox.

Received mail: ``transport/imap.py`` reads a mailbox for ``services/mailboxes.py``, and ``mime/parse.py`` parses each
message for ``services/receiving.py``, which asks ``selectors/filing.py`` for its customer and contacts and
``rules.py`` whether to ignore it. ``services/filing.py`` logs it as an activity; without a customer it waits in the
inbox (``selectors/``, ``services/``, ``forms/``, ``views/`` and ``api/inbox.py``).

Sent mail: ``recipients.py`` resolves the recipients of the form (``messages.py`` in each layer), ``routing.py`` plans
the messages, ``services/messages.py`` logs them, ``mime/compose.py`` writes them, and ``outbox.py`` sends each once
through ``transport/delivery.py``.
"""
