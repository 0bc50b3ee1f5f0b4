import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** pip's configuration files: for all, for this user, and the one that PIP_CONFIG_FILE names. */
export type ConfigurationLevel = 'global' | 'user' | 'named'

export interface PipConfiguration {
  level: ConfigurationLevel
  text: string
}

/** What is read. */
export interface PipPlaces {
  environment: Readonly<Record<string, string | undefined>>
  home: string | undefined
  /** The files for all users; by default where systems have them. */
  systemFiles?: readonly string[] | undefined
}

const SYSTEM_FILES = ['/etc/xdg/pip/pip.conf', '/etc/pip.conf', '/Library/Application Support/pip/pip.conf']

/**
 * Reads the configuration of the host's pip (pip documentation, "Configuration", "Location"), the weakest first.
 */
export async function readPipConfiguration(places: PipPlaces): Promise<PipConfiguration[]> {
  const { environment, home, systemFiles = SYSTEM_FILES } = places
  const named = environment['PIP_CONFIG_FILE']
  // pip itself takes this for "none at all".
  if (named === '/dev/null' || named === 'nul') return []
  const configHome = environment['XDG_CONFIG_HOME'] || (home && join(home, '.config'))
  const levels: readonly [ConfigurationLevel, readonly (string | undefined)[]][] = [
    ['global', systemFiles],
    [
      'user',
      [
        home && join(home, '.pip', 'pip.conf'),
        configHome && join(configHome, 'pip', 'pip.conf'),
        home && join(home, 'Library', 'Application Support', 'pip', 'pip.conf'),
        environment['APPDATA'] && join(environment['APPDATA'], 'pip', 'pip.ini'),
      ],
    ],
    ['named', [named]],
  ]
  const found: PipConfiguration[] = []
  for (const [level, paths] of levels) {
    let text = ''
    for (const path of paths) if (path) text += `${await readFile(path, 'utf8').catch(() => '')}\n`
    if (text.trim() !== '') found.push({ level, text: joinSections(text) })
  }
  return found
}

/** Python's reader refuses a section that is there twice, as when the files of a level are put together. */
function joinSections(text: string): string {
  const sections = new Map<string, Map<string, string[]>>()
  for (const { section, key, lines } of entries(text)) {
    const keys = sections.get(section) ?? new Map<string, string[]>()
    sections.set(section, keys.set(key, lines))
  }
  return [...sections]
    .map(([name, keys]) => `[${name}]\n${[...keys.values()].flat().join('\n')}\n`)
    .join('\n')
}

interface Entry {
  section: string
  key: string
  /** As they stand in the file. */
  lines: string[]
}

/** The settings in a file: `key = value`, and lines that begin with space belong to the one before. */
function entries(text: string): Entry[] {
  const found: Entry[] = []
  let section = 'global'
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue
    const header = /^\[([^\]]*)\]/.exec(line)
    if (header) section = header[1] ?? section
    else if (/^\s/.test(line)) found.at(-1)?.lines.push(line)
    else found.push({ section, key: keyOf(line), lines: [line] })
  }
  return found
}

function keyOf(line: string): string {
  return (line.split(/[=:]/, 1)[0] ?? '').trim().toLowerCase().replaceAll('_', '-')
}

/** The words of a setting's value, wherever in the file it is set. */
export function settingWords(text: string, keys: ReadonlySet<string>): string[] {
  return entries(text)
    .filter(({ key }) => keys.has(key))
    .flatMap(({ lines }) =>
      lines
        .join('\n')
        .replace(/^[^=:]*[=:]/, '')
        .split(/\s+/),
    )
    .filter(Boolean)
}
