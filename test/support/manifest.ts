import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A flag as `oclif.manifest.json` describes it. */
export interface ManifestFlag {
  type: 'boolean' | 'option'
  char?: string
  allowNo?: boolean
  multiple?: boolean
}

/** A command as `oclif.manifest.json` describes it. */
export interface ManifestCommand {
  /** `db:sessions:kill` */
  id: string
  /** As it is typed: `['db', 'sessions', 'kill']` */
  words: string[]
  flags: Record<string, ManifestFlag>
  args: Record<string, { options?: string[] }>
  strict: boolean
}

/** All commands, as the manifest of the build lists them: a new one is among them by itself. */
export function readManifest(): ManifestCommand[] {
  const { commands } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8'),
  ) as { commands: Record<string, Omit<ManifestCommand, 'id' | 'words'>> }
  return Object.entries(commands).map(([id, { flags, args, strict }]) => ({
    id,
    words: id.split(':'),
    flags,
    args,
    strict,
  }))
}
