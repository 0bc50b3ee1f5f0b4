import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import { throwIfAborted } from '../../errors.ts'
import type { Architecture } from '../architectures.ts'
import { loaderObjection } from '../elf/alignment.ts'
import { readElf } from '../elf/read-elf.ts'
import { runTool } from '../resolve/run-tool.ts'
import type { ZipFile } from '../zip/write-zip.ts'
import { recordHash, type RecordRow } from '../wheel/record.ts'
import { contentSize } from './file-size.ts'
import type { StripProgram } from './strip-program.ts'

export interface StripOptions {
  arch: Architecture
  program: StripProgram
  environment: Readonly<Record<string, string | undefined>>
  signal?: AbortSignal | undefined
  /** Is told the bytes that were looked at. */
  onBytes?: ((done: number) => void) | undefined
}

export interface Stripped {
  /** The files, those that became smaller in their stripped form. */
  files: ZipFile[]
  /** Bytes that were saved. */
  saved: number
  /** Files that were left as they are, because the loader would not have taken them stripped. */
  refused: string[]
  /** What RECORD is to say of those that were stripped, by their name in the layer. */
  changed: Map<string, Pick<RecordRow, 'hash' | 'size'>>
}

/** Files that are in work at once: their content is in memory, and one process of strip takes them all. */
const BATCH = 24

/** Bytes of an ELF file that tell the machine (System V ABI, "ELF Header": `e_machine`). */
const MACHINE_AT = 18

const deflate = promisify(deflateRaw) as (content: Buffer, options: { level: number }) => Promise<Buffer>

/**
 * Takes symbols that nobody needs at run time out of libraries. What strip makes of a file that patchelf has changed often cannot be
 * loaded any more, as wheels' bundled libraries are; so each file is looked at afterwards, and left as it was when the loader would refuse it.
 * @throws {InterruptedError}
 */
export async function stripFiles(files: readonly ZipFile[], options: StripOptions): Promise<Stripped> {
  const libraries = files.filter((file) => isLibrary(file, options.arch))
  const results = new Map<ZipFile, ZipFile>()
  const changed: Stripped['changed'] = new Map()
  const refused: string[] = []
  let done = 0
  for (let at = 0; at < libraries.length; at += BATCH) {
    throwIfAborted(options.signal)
    const batch = libraries.slice(at, at + BATCH)
    const judged = await stripBatch(batch, options)
    await Promise.all(
      judged.map(async ({ file, after }) => {
        if (after === 'refused') refused.push(file.name)
        if (after === undefined || after === 'refused') return
        changed.set(file.name, { hash: recordHash(after), size: String(after.length) })
        results.set(file, await packed(file, after))
      }),
    )
    done += batch.reduce((sum, file) => sum + contentSize(file), 0)
    options.onBytes?.(done)
  }
  const saved = [...results].reduce((sum, [file, small]) => sum + contentSize(file) - contentSize(small), 0)
  return { files: files.map((file) => results.get(file) ?? file), saved, refused, changed }
}

function isLibrary(file: ZipFile, arch: Architecture): boolean {
  if (!('entry' in file) || file.entry.size < 64) return false
  const head = file.archive.beginning(file.entry, MACHINE_AT + 2)
  return head.readUInt32BE(0) === 0x7f_45_4c_46 && head.readUInt16LE(MACHINE_AT) === arch.elfMachine
}

async function stripBatch(
  batch: readonly ZipFile[],
  { program, environment, signal }: StripOptions,
): Promise<{ file: ZipFile; after: Buffer | 'refused' | undefined }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-strip-'))
  try {
    const work = batch.map((file, index) => ({ file, path: join(folder, `${index}.so`) }))
    const before = await Promise.all(
      work.map(async ({ file, path }) => {
        const content = 'entry' in file ? await file.archive.contentLater(file.entry) : Buffer.alloc(0)
        await writeFile(path, content)
        return content
      }),
    )
    // One that it cannot read does not keep it from the others; it stays as it was, and is judged as such.
    await runTool(program.path, ['--strip-unneeded', ...work.map(({ path }) => path)], {
      environment,
      signal,
    })
    return await Promise.all(
      work.map(async ({ file, path }, index) => ({
        file,
        after: outcome(before[index] ?? Buffer.alloc(0), await readFile(path)),
      })),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function outcome(before: Buffer, after: Buffer): Buffer | 'refused' | undefined {
  if (after.length >= before.length) return undefined
  return loadsAlike(before, after) ? after : 'refused'
}

/** Deflated here and not when the zip is written: that would wait for each file. */
async function packed({ name, permissions }: ZipFile, content: Buffer): Promise<ZipFile> {
  return {
    name,
    permissions,
    packed: await deflate(content, { level: 6 }),
    size: content.length,
    crc32: crc32(content),
  }
}

/** Whether the loader takes a stripped file, and sees the same in it as before. */
function loadsAlike(before: Buffer, after: Buffer): boolean {
  try {
    const [one, other] = [readElf(before), readElf(after)]
    if (!one || !other || other.loadSegments.some((segment) => loaderObjection(segment) !== undefined))
      return false
    const seen = ({ needed, soname, rpath, runpath, versionNeeds, versionDefinitions }: typeof one) =>
      JSON.stringify({ needed, soname, rpath, runpath, versionNeeds, versionDefinitions })
    return seen(one) === seen(other)
  } catch {
    return false
  }
}
