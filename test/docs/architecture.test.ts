import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { expect, test } from 'vitest'
import { readDocument, ROOT } from '../support/markdown.ts'

// ARCHITECTURE.md is one page, names every room, and its arrows never run back.

const PAGE = readDocument('ARCHITECTURE.md')
const LIBRARY = join(ROOT, 'src/lib')

/** Which rooms a room may know; each knows itself and the files above the rooms. */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  target: [],
  config: ['target'],
  postgres: ['target'],
  script: ['target', 'postgres'],
  setup: ['target', 'postgres', 'script'],
  server: ['target', 'postgres'],
  aws: [],
  ingress: ['aws'],
  rds: ['aws', 'config', 'ingress', 'target'],
  layer: ['aws'],
  prompt: ['target', 'postgres', 'script'],
  cli: [
    'target',
    'config',
    'postgres',
    'script',
    'setup',
    'server',
    'prompt',
    'aws',
    'ingress',
    'rds',
    'layer',
  ],
}

function foldersOf(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}

/** The room of a file, `''` for one above the rooms. */
function roomOf(path: string): string {
  const [room = '', file] = relative(LIBRARY, path).split(sep)
  return file === undefined ? '' : room
}

/** What each file of the library imports of the library; types, which are gone when it runs, do not count as `values`. */
function imports(): { file: string; imported: string; from: string; to: string; values: boolean }[] {
  return readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const path = join(LIBRARY, name)
      const found = readFileSync(path, 'utf8').matchAll(
        /^(?:import|export) (type )?([^'"]*?)from '(\.[^']+)'|import\('(\.[^']+)'\)/gm,
      )
      return [...found].map(([, type, names = '', fixed, dynamic]) => {
        const imported = join(dirname(path), fixed ?? dynamic ?? '')
        const named = [...names.matchAll(/[{,]\s*(type )?\w/g)]
        const onlyTypes = named.length > 0 && named.every(([, one]) => one !== undefined)
        // What is imported later than at the start does no harm either.
        const values = type === undefined && dynamic === undefined && !onlyTypes
        return {
          file: name,
          imported: relative(LIBRARY, imported),
          from: roomOf(path),
          to: roomOf(imported),
          values,
        }
      })
    })
}

test('the page has at most a hundred lines', () => {
  expect(PAGE.split('\n').length).toBeLessThanOrEqual(100)
})

test.for(['src/lib', 'src/lib/postgres', 'src/lib/layer', 'src/lib/rds', 'src/lib/script', 'src/lib/prompt'])(
  'every folder in %s is on the page',
  (path) => {
    expect(foldersOf(join(ROOT, path)).filter((name) => !PAGE.includes(`  ${name}/`))).toEqual([])
  },
)

test('every file above the rooms is on the page', () => {
  const files = readdirSync(LIBRARY).filter((name) => name.endsWith('.ts'))
  expect(files.filter((name) => !PAGE.includes(name))).toEqual([])
})

test('no arrow runs back', () => {
  const wrong = imports().filter(
    ({ from, to }) => to !== '' && to !== from && MAY_KNOW[from]?.includes(to) !== true,
  )
  expect(wrong).toEqual([])
})

test('no files import each other in a circle', () => {
  const edges = imports().filter(({ values }) => values)
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || done.has(file)) return
    for (const { imported } of edges.filter((edge) => edge.file === file)) visit(imported, [...path, file])
    done.add(file)
  }
  for (const { file } of edges) visit(file, [])
  expect(circles).toEqual([])
})

test('only the command line, and what the rooms are given by default, read the environment', () => {
  const readers = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => readFileSync(join(LIBRARY, name), 'utf8').includes('process.env'))
  expect(readers.filter((name) => !name.startsWith(`cli${sep}`))).toEqual([])
})
