/** The key words that PostgreSQL marks as reserved ("SQL Key Words"; `pg_get_keywords()`, catcode R), of all supported majors. */
const KEY_WORDS =
  `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_catalog
  current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else end except
  false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime localtimestamp
  not null offset on only or order placing primary references returning select session_user some symmetric system_user table
  then to trailing true union unique user using variadic when where window with`.split(/\s+/)

/** In lower case: what AWS refuses as the name of the master user, and of a database, when an instance is created. */
export const RESERVED_WORDS: Readonly<Record<'user' | 'database', ReadonlySet<string>>> = {
  user: new Set([
    ...KEY_WORDS,
    // Roles that every RDS instance has, and what PostgreSQL takes for no name of a role.
    'admin',
    'none',
    'public',
    'rds_ad',
    'rds_iam',
    'rds_password',
    'rds_replication',
    'rds_superuser',
    'rdsadmin',
    'rdsproxyadmin',
    'rdsrepladmin',
    'rdstopmgr',
  ]),
  database: new Set([...KEY_WORDS, 'rdsadmin', 'template0', 'template1']),
}
