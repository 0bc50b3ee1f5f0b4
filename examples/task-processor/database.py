"""The database of CONNECTION_URL. Both example functions have this file, as each folder is deployed by itself."""

from __future__ import annotations

import os
import re

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import parse_dsn


class DatabaseFailure(Exception):
    """What went wrong, without values: the text of an error ends in the log, and with Cognito before the user."""


def connect(seconds: int) -> Connection:
    """Connects as CONNECTION_URL says, TLS included, and gives up after so many seconds if the URL names no time-out."""
    url = os.environ.get("CONNECTION_URL")
    if not url:
        raise DatabaseFailure("The environment variable CONNECTION_URL is not set.")
    try:
        options = {"connect_timeout": str(seconds), **parse_dsn(url)}
    except psycopg2.Error:
        # The reason quotes the URL, and the password in it.
        raise DatabaseFailure("CONNECTION_URL is no connection URL that libpq understands.") from None
    try:
        return psycopg2.connect(**options)
    except psycopg2.Error as error:
        raise DatabaseFailure(f"Cannot connect: {_reason(error)}") from None


def describe(error: psycopg2.Error) -> str:
    """What failed, and where. The server's own text quotes rows: `Key (email)=(…) already exists.`"""
    if error.pgcode is None:
        # The connection broke; libpq names the server in its text.
        return type(error).__name__
    diagnostics = error.diag
    place = diagnostics.constraint_name or diagnostics.column_name or diagnostics.table_name
    return f"{type(error).__name__} {error.pgcode}" + (f" ({place})" if place else "")


def _reason(error: psycopg2.Error) -> str:
    """libpq's words for why, `timeout expired`, without the names of server, user and database before and in them."""
    # A line for each address and for each way that was tried; the last way is the one that counts.
    lines = [line.rpartition("failed: ")[2] for line in str(error).splitlines() if "failed: " in line]
    reason = lines[-1] if lines else str(error).partition("\n")[0]
    return re.sub(r'"[^"]*"', '"…"', reason).strip() or type(error).__name__
