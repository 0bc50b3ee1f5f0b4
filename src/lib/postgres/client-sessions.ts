/**
 * Tells sessions of clients, `a` in pg_stat_activity, from the server's own processes. Who may not see what others do
 * (neither the same role nor a member of pg_read_all_stats) gets no `backend_type` of theirs, but whose they are.
 */
export const IS_CLIENT =
  "(a.backend_type = 'client backend' OR a.backend_type IS NULL AND a.usesysid IS NOT NULL)"
