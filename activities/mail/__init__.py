"""E-mail of customers: sending, receiving and the inbox.

Received mail: ``imap.py`` reads a mailbox for ``services/mailboxes.py``, and ``mime/parse.py`` parses each message for
``services/receiving.py``, which asks ``senders.py`` who sent it and ``selectors.py`` for its customer and contacts.
``services/filing.py`` logs it as an activity; without a customer it waits in the inbox (``inbox.py`` in ``forms/``,
``views/`` and ``api/``).

Sent mail: ``recipients.py`` resolves the recipients of the form (``messages.py`` in each layer) and plans the messages,
``services/messages.py`` logs them, ``mime/compose.py`` writes them, and ``outbox.py`` sends each once.
"""
