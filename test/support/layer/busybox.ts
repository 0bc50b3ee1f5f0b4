import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { missingDocker } from './images.ts'

const run = promisify(execFile)

/**
 * Sees to it that the engine has an image `busybox`: in one the AWS emulator unpacks functions and layers. Where there is none it is made of Debian's
 * package. Does nothing where there is no engine.
 */
export async function busyboxImage(): Promise<void> {
  if (missingDocker() !== undefined || (await isThere())) return
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-busybox-'))
  try {
    await download(folder)
    const [deb = ''] = await readdir(folder)
    const root = join(folder, 'root')
    await mkdir(root)
    await run('dpkg-deb', ['--extract', join(folder, deb), root])
    // The emulator lets it sleep while it copies.
    await symlink('busybox', join(root, 'bin/sleep'))
    await importImage(root)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function isThere(): Promise<boolean> {
  return run('docker', ['image', 'inspect', 'busybox']).then(
    () => true,
    () => false,
  )
}

async function download(folder: string): Promise<void> {
  // As root, apt would drop its rights, and those do not reach into the folder.
  const args = ['-qq', '-o', 'APT::Sandbox::User=root', 'download', 'busybox-static']
  await run('apt-get', args, { cwd: folder }).catch(async () => {
    // A fresh machine has no lists of packages.
    await run('apt-get', ['-qq', 'update'])
    await run('apt-get', args, { cwd: folder })
  })
}

function importImage(root: string): Promise<void> {
  const tar = spawn('tar', ['-C', root, '-cf', '-', 'bin'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const args = ['import', '--change', 'ENV PATH=/bin', '--change', 'LABEL cruddur.stand-in=busybox', '-']
  const docker = spawn('docker', [...args, 'busybox:latest'], { stdio: [tar.stdout, 'ignore', 'inherit'] })
  tar.stdout.destroy()
  return new Promise((resolve, reject) => {
    tar.once('error', reject)
    docker.once('error', reject)
    docker.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`docker import ended with ${code}.`)),
    )
  })
}
