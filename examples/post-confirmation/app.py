"""Cognito calls this when somebody has confirmed a sign-up: the user gets a row in `public.users` (db/schema.sql)."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection

from database import DatabaseFailure, connect, describe

# Columns, and the attributes of the user pool that they are filled from.
COLUMNS = {
    "display_name": "name",
    "email": "email",
    "handle": "preferred_username",
    "cognito_user_id": "sub",
}

# Cognito waits five seconds and then calls again, so a second call may find the row of the first.
# Only that conflict is passed over: a handle or an address that somebody else has is an error.
INSERT = """
INSERT INTO public.users (display_name, email, handle, cognito_user_id)
VALUES (%(display_name)s, %(email)s, %(handle)s, %(cognito_user_id)s)
ON CONFLICT (cognito_user_id) DO NOTHING
"""

# Seconds; leaves time for the rest before Cognito calls again.
CONNECT_TIMEOUT = 3


class EventError(Exception):
    """The event lacks something."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Cognito wants its event back. What is raised here the client sees, as a sign-up that failed."""
    # A forgotten password that was reset is confirmed as well, and is nobody new.
    if event.get("triggerSource") != "PostConfirmation_ConfirmSignUp":
        return event
    user = user_of(event)
    # Sign-ups are rare: a connection that is kept would mostly be one too many for the server.
    with closing(connect(CONNECT_TIMEOUT)) as connection:
        stored = store(connection, user)
    print("The user was stored." if stored else "The user had been stored before.")
    return event


def user_of(event: dict[str, Any]) -> dict[str, str]:
    """The row. Raises EventError with the name of what is missing, never with values."""
    attributes = event.get("request", {}).get("userAttributes", {})
    missing = [name for name in COLUMNS.values() if not attributes.get(name)]
    if missing:
        raise EventError(f"The user has no {', '.join(missing)}: the user pool must require these attributes.")
    return {column: attributes[name] for column, name in COLUMNS.items()}


def store(connection: Connection, user: dict[str, str]) -> bool:
    """Whether there is a row more. The transaction is committed, or rolled back with an error."""
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(INSERT, user)
            return cursor.rowcount == 1
    except psycopg2.Error as error:
        # Raised anew, and without the cause: its text has the address in it.
        raise DatabaseFailure(f"The user was not stored: {describe(error)}") from None
