import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'
import { missingZipTools } from '../../../support/layer/python-zip.ts'
import { scriptFolder } from '../../../support/script-folder.ts'

// Zips that other programs make are read: as they are written at once, as a stream, and with fields for large zips.

const PYTHON = `
import sys, zipfile
class Stream:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
kind = sys.argv[1]
with open('a.zip', 'wb') as file:
    with zipfile.ZipFile(file if 'whole' in kind else Stream(file), 'w', zipfile.ZIP_DEFLATED) as archive:
        for name in ['a.py', 'b/c.txt', 'b/日本.txt']:
            with archive.open(name, 'w', force_zip64='large' in kind) as entry:
                entry.write(open('in/' + name, 'rb').read())
`

const PROGRAMS: Readonly<Record<string, readonly [program: string, args: readonly string[]]>> = {
  'Info-ZIP': ['sh', ['-c', 'cd in && zip -q -r ../a.zip .']],
  'Info-ZIP with links': ['sh', ['-c', 'cd in && zip -q -r -y ../a.zip .']],
  'Info-ZIP as a stream': ['sh', ['-c', 'cd in && zip -q -r - . | cat > ../a.zip']],
  'Info-ZIP without extra fields': ['sh', ['-c', 'cd in && zip -q -r -X -0 ../a.zip .']],
  Python: ['python3', ['-c', PYTHON, 'whole']],
  'Python as a stream': ['python3', ['-c', PYTHON, 'stream']],
  'Python with fields for large zips': ['python3', ['-c', PYTHON, 'whole large']],
  'Python as a stream with fields for large zips': ['python3', ['-c', PYTHON, 'stream large']],
}

test.for(Object.entries(PROGRAMS))('%s', ([name, [program, args]], { skip }) => {
  requireTools(missingZipTools(), skip)
  const files = { 'a.py': 'print(1)\n'.repeat(500), 'b/c.txt': '', 'b/日本.txt': 'hello' }
  const folder = scriptFolder(
    Object.fromEntries(Object.entries(files).map(([key, text]) => [`in/${key}`, text])),
  )
  const withLinks = name === 'Info-ZIP with links'
  if (withLinks) symlinkSync('a.py', join(folder, 'in/link'))
  try {
    execFileSync(program, args, { cwd: folder, stdio: 'pipe', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  } catch (error) {
    return requireTools(`there is no zip: ${(error as Error).message}`, skip)
  }
  const archive = ZipArchive.open(join(folder, 'a.zip'))
  const found = archive.entries
    .filter(({ kind }) => kind === 'file')
    .map((entry) => [entry.name, archive.content(entry).toString()] as const)
  expect(Object.fromEntries(found)).toEqual(files)
  const links = archive.entries.filter(({ kind }) => kind === 'link')
  expect(links.map((entry) => archive.content(entry).toString())).toEqual(withLinks ? ['a.py'] : [])
  archive.close()
})
