/** File beginnings that are no script, and what to do instead. */
export const FOREIGN_FORMATS: readonly { magic: Buffer; what: string; hint: string }[] = [
  {
    magic: Buffer.from('PGDMP'),
    what: 'a pg_dump archive in custom format',
    hint: 'Make a script of it first: pg_restore --file=dump.sql FILE',
  },
  {
    magic: Buffer.from([0xff, 0xfe]),
    what: 'text in UTF-16',
    hint: 'Save it as UTF-8 (PowerShell: Out-File -Encoding utf8).',
  },
  { magic: Buffer.from([0xfe, 0xff]), what: 'text in UTF-16', hint: 'Save it as UTF-8.' },
  { magic: Buffer.from('PK\u0003\u0004', 'latin1'), what: 'a zip archive', hint: 'Unpack it first.' },
  {
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    what: 'compressed with zstd',
    hint: 'Unpack it first: zstd -d FILE (gzip is read directly).',
  },
  {
    magic: Buffer.from('BZh'),
    what: 'compressed with bzip2',
    hint: 'Unpack it first: bunzip2 FILE (gzip is read directly).',
  },
]
