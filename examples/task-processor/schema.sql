-- What the task processor works on. Safe to run again on a database that has it.

CREATE TABLE IF NOT EXISTS public.tasks (
  uuid uuid PRIMARY KEY,
  title text NOT NULL CHECK (title <> ''),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'completed')),
  created_at timestamptz NOT NULL DEFAULT current_timestamp,
  completed_at timestamptz,
  CHECK ((status = 'completed') = (completed_at IS NOT NULL))
);

-- Few are pending at a time, among all that ever were.
CREATE INDEX IF NOT EXISTS tasks_pending_idx ON public.tasks (created_at) WHERE status = 'pending';
