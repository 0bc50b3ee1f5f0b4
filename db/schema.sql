-- The Cruddur database: people and what they say. Safe to run again on a database that has it.

-- gen_random_uuid() is built in since PostgreSQL 13; before, the extension pgcrypto has it.
DO $$
BEGIN
  IF current_setting('server_version_num')::int < 130000 THEN
    CREATE EXTENSION IF NOT EXISTS pgcrypto;
  END IF;
END
$$;

CREATE TABLE IF NOT EXISTS public.users (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  display_name text NOT NULL CHECK (display_name <> ''),
  email text NOT NULL CHECK (position('@' IN email) > 1),
  handle text NOT NULL UNIQUE CHECK (handle <> ''),
  -- Cognito delivers a confirmation at least once: the second delivery must not make a second person.
  cognito_user_id text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT current_timestamp
);

-- Nor may a handle or an address differ from another one only in case.
CREATE UNIQUE INDEX IF NOT EXISTS users_handle_lower_key ON public.users (lower(handle));
CREATE UNIQUE INDEX IF NOT EXISTS users_email_lower_key ON public.users (lower(email));

CREATE TABLE IF NOT EXISTS public.activities (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_uuid uuid NOT NULL REFERENCES public.users (uuid) ON DELETE CASCADE,
  message text NOT NULL CHECK (message <> ''),
  replies_count integer NOT NULL DEFAULT 0 CHECK (replies_count >= 0),
  reposts_count integer NOT NULL DEFAULT 0 CHECK (reposts_count >= 0),
  likes_count integer NOT NULL DEFAULT 0 CHECK (likes_count >= 0),
  reply_to_activity_uuid uuid REFERENCES public.activities (uuid) ON DELETE SET NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT current_timestamp,
  CHECK (expires_at > created_at),
  CHECK (reply_to_activity_uuid <> uuid)
);

-- Foreign keys are not indexed by themselves: the home feed and the deletes above need these.
CREATE INDEX IF NOT EXISTS activities_user_uuid_idx ON public.activities (user_uuid);
CREATE INDEX IF NOT EXISTS activities_reply_to_idx ON public.activities (reply_to_activity_uuid);
CREATE INDEX IF NOT EXISTS activities_expires_at_idx ON public.activities (expires_at);
