"""SQS calls this with messages `{"task_uuid": "…"}`: each moves a task of `public.tasks` from pending to completed."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2.extensions import connection as Connection

from database import connect, describe

# The row is locked: SQS may deliver a message twice at the same time, and the second then waits for the first.
FIND = "SELECT status FROM public.tasks WHERE uuid = %s FOR UPDATE"
COMPLETE = "UPDATE public.tasks SET status = 'completed', completed_at = current_timestamp WHERE uuid = %s"

# Seconds.
CONNECT_TIMEOUT = 5


class MessageError(Exception):
    """The message cannot be worked off."""


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """
    Answers which messages failed; SQS delivers those again, and after some times moves them to the dead-letter queue.
    Without a database all would fail alike: that is raised, and the whole batch comes again.
    """
    failures = []
    with closing(connect(CONNECT_TIMEOUT)) as connection:
        for record in event["Records"]:
            message = record["messageId"]
            try:
                completed = complete(connection, task_of(record["body"]))
                print(f"Message {message}: {'completed' if completed else 'had been completed before'}.")
            except MessageError as error:
                failures.append({"itemIdentifier": message})
                print(f"Message {message} failed: {error}")
            except psycopg2.Error as error:
                failures.append({"itemIdentifier": message})
                print(f"Message {message} failed: {describe(error)}")
    return {"batchItemFailures": failures}


def task_of(body: str) -> str:
    """The task's UUID. What a message says is not repeated in errors: anybody may have written it."""
    try:
        return str(UUID(json.loads(body)["task_uuid"]))
    # RecursionError: a message of brackets only must not stop those beside it for ever.
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise MessageError('The message is not of the form {"task_uuid": "…"}.') from None


def complete(connection: Connection, task: str) -> bool:
    """Whether it was completed now. A transaction of its own: what fails with one message leaves the others done."""
    with connection, connection.cursor() as cursor:
        cursor.execute(FIND, (task,))
        row = cursor.fetchone()
        if row is None:
            raise MessageError("There is no such task.")
        if row[0] == "completed":
            return False
        # The work itself belongs here: when it fails, the task stays pending.
        cursor.execute(COMPLETE, (task,))
        return True
