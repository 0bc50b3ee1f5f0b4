import type { ScriptFile } from '../../src/lib/script/source.ts'

/** All that a script holds, read from its beginning. */
export async function readAll(file: ScriptFile): Promise<Buffer> {
  const reader = file.read()
  const chunks: Buffer[] = []
  try {
    for (let chunk = await reader.next(); chunk; chunk = await reader.next()) chunks.push(Buffer.from(chunk))
  } finally {
    await reader.close()
  }
  return Buffer.concat(chunks)
}

/** The same as text. */
export async function readText(file: ScriptFile): Promise<string> {
  return (await readAll(file)).toString()
}
