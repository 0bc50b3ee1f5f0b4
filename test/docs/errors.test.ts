import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDocument, ROOT, tableRows } from '../support/markdown.ts'

// docs/errors.md lists the codes of all errors, and no others.

/** Words of the sources that look like codes: of psql, OpenSSL, PostgreSQL, the driver, Node, ELF and the environment. */
const OTHER_NAMES = new Set([
  'ALL_PROXY',
  'ARM_64',
  'AWS_DEFAULT_REGION',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_PROFILE',
  'AWS_REGION',
  'CERT_SIGNATURE_FAILURE',
  'CODESPACE_NAME',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECTION_URL',
  'CURL_CA_BUNDLE',
  'DB_SG_ID',
  'DB_SG_RULE_ID',
  'DEFAULT_CIPHERS',
  'DOCKER_CONTEXT',
  'DOCKER_HOST',
  'EAI_AGAIN',
  'ERR_SSL',
  'GITPOD_ENVIRONMENT_ID',
  'GITPOD_IP',
  'GITPOD_WORKSPACE_ID',
  'GLIBC_PRIVATE',
  'HTTPS_PROXY',
  'LAST_ERROR_MESSAGE',
  'LAST_ERROR_SQLSTATE',
  'NODE_EXTRA_CA_CERTS',
  'NO_PROXY',
  'OCLIF_COLUMNS',
  'ON_ERROR_ROLLBACK',
  'ON_ERROR_STOP',
  'PG_VERSION',
  'PIP_CERT',
  'PIP_CLIENT_CERT',
  'PIP_CONFIG_FILE',
  'PIP_EXTRA_INDEX_URL',
  'PIP_FIND_LINKS',
  'PIP_INDEX_URL',
  'PIP_NO_INDEX',
  'PROD_CONNECTION_URL',
  'PROD_CONNECTION_URL_PENDING',
  'REQUESTS_CA_BUNDLE',
  'ROW_COUNT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'SERVER_VERSION_NAME',
  'SERVER_VERSION_NUM',
  'SQL_ASCII',
  'SSL_CERT_FILE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UV_DEFAULT_INDEX',
  'UV_EXTRA_INDEX_URL',
  'UV_FIND_LINKS',
  'UV_INDEX',
  'UV_INDEX_URL',
  'UV_NO_INDEX',
  'X86_64',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_DIRS',
  'XDG_CONFIG_HOME',
  'XDG_STATE_HOME',
])

function sources(): string {
  return readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

/** Every text in quotes that could be a code: of several words, or given as `code`. The system's own errors are none. */
function candidates(): Set<string> {
  const text = sources()
  const several = [...text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g)]
  const given = [...text.matchAll(/\bcode: '([A-Z][A-Z0-9_]*)'/g)]
  const codes = [...several, ...given].map(([, code = '']) => code)
  return new Set(codes.filter((code) => !Object.hasOwn(constants.errno, code)))
}

/** The tables' rows that have a code: its name, meaning, remedy, exit code. */
const ROWS = tableRows(readDocument('docs/errors.md')).filter(([first = '']) => /^`[A-Z0-9_]+`$/.test(first))
const LISTED = ROWS.map(([first = '']) => first.replaceAll('`', ''))

test('each code of the sources is in the table, and each of the table in the sources', () => {
  const used = [...candidates()].filter((code) => !OTHER_NAMES.has(code))
  expect(LISTED.toSorted()).toEqual(used.toSorted())
})

test('the names that are no codes are still in the sources', () => {
  const found = candidates()
  expect([...OTHER_NAMES].filter((name) => !found.has(name))).toEqual([])
})

test('each row says what the code means, what to do, and an exit code that there is', () => {
  const incomplete = ROWS.filter(
    ([, meaning = '', remedy = '', exit = '']) =>
      meaning === '' || remedy === '' || !/^(?:[123]|130)(?:, or [123] .+)?$/.test(exit),
  )
  expect(incomplete).toEqual([])
})
