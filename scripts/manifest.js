import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = 'oclif.manifest.json'

/** Writes the manifest of the built commands; in the order of their names, not in that of the file system, which differs. */
export function writeManifest() {
  execFileSync(process.execPath, [join('node_modules', 'oclif', 'bin', 'run.js'), 'manifest'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const manifest = JSON.parse(readFileSync(FILE, 'utf8'))
  const commands = Object.entries(manifest.commands).toSorted(([one], [other]) => (one < other ? -1 : 1))
  writeFileSync(
    FILE,
    `${JSON.stringify({ ...manifest, commands: Object.fromEntries(commands) }, undefined, 2)}\n`,
  )
}
