import { existsSync, realpathSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mount } from '../docker/container-arguments.ts'
import {
  type ConfigurationLevel,
  type PipConfiguration,
  type PipPlaces,
  readPipConfiguration,
  settingWords,
} from './pip-configuration.ts'
import { trustedRoots } from './trusted-roots.ts'

export interface PipSettingsOptions extends PipPlaces {
  /** The folder of this machine that copies of files are put into, and where it is in the container. */
  folder: string
  target: string
  system: NodeJS.Platform
}

/** How pip in a container is told what the one on this machine knows: indexes, proxies, whom to trust. */
export interface PipSettings {
  environment: Record<string, string>
  mounts: Mount[]
  /** The network that it needs; `undefined` when any will do. */
  network: 'host' | undefined
  /** Passwords in them, which no message may hold. */
  secrets: string[]
}

/** pip's variables about where packages come from and how they are reached. Others are about this machine's folders. */
const PASSED =
  /^PIP_(?:INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|TRUSTED_HOST|PROXY|TIMEOUT|DEFAULT_TIMEOUT|RETRIES|PRE|PREFER_BINARY|USE_FEATURE|USE_DEPRECATED|KEYRING_PROVIDER|CLIENT_CERT|UPLOADED_PRIOR_TO)$/

/** Proxies, under both spellings that programs look for. */
const PROXY = /^(?:HTTPS?|ALL|NO|FTP)_PROXY$/i

/** Settings whose words may be files or folders of this machine that pip reads. */
const PATHS = new Set(['find-links', 'index-url', 'extra-index-url', 'client-cert', 'constraint'])

/** Where a container looks for the configuration of a level, below its folder of settings (XDG Base Directory Specification). */
const PLACES: Readonly<Record<ConfigurationLevel, { file: string; variable: string; value: string }>> = {
  global: { file: 'site/pip/pip.conf', variable: 'XDG_CONFIG_DIRS', value: 'site' },
  user: { file: 'user/pip/pip.conf', variable: 'XDG_CONFIG_HOME', value: 'user' },
  named: { file: 'pip.conf', variable: 'PIP_CONFIG_FILE', value: 'pip.conf' },
}

/** This machine, in URLs: in a container it is the container. */
const LOOPBACK = /(\/\/(?:[^/@\s]*@)?)(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/\s]|$)/gi

/** Folders of an image, over which nothing of this machine may be put. */
const OF_THE_IMAGE =
  /^\/(?:bin|boot|dev|etc|lib\w*|proc|root|run|sbin|sys|tmp|usr|var|work)?(?:\/(?:bin|lib\w*|lang|runtime|task))?$/

/**
 * Collects the settings of this machine's pip for one in a container, and writes copies of the files into a folder of the
 * container's: the originals may be for this user's eyes only.
 */
export async function collectPipSettings(options: PipSettingsOptions): Promise<PipSettings> {
  const { environment, home, folder, target, system } = options
  const files = await readPipConfiguration(options)
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        Boolean(entry[1]) && (PASSED.test(entry[0]) || PROXY.test(entry[0])),
    ),
  )
  const texts = [...Object.values(given), ...files.map(({ text }) => text)]
  const isLocal = texts.some((text) => text.search(LOOPBACK) !== -1)
  // On Linux the host's network is ours; elsewhere the engine is in a virtual machine, which knows us by a name.
  const reachable = (text: string) =>
    system === 'linux' ? text : text.replaceAll(LOOPBACK, '$1host.docker.internal')
  const settings: PipSettings = {
    environment: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, reachable(value)])),
    mounts: localFiles(given, files).map((path) => ({ source: path, target: path })),
    network: isLocal && system === 'linux' ? 'host' : undefined,
    secrets: texts.flatMap(passwordsIn),
  }
  for (const { level, text } of files) {
    const { file, variable, value } = PLACES[level]
    await writeBelow(folder, file, reachable(text))
    settings.environment[variable] = `${target}/${value}`
  }
  const configured = settingWords(files.map(({ text }) => text).join('\n'), new Set(['cert'])).at(-1)
  const roots = await trustedRoots(environment, configured)
  if (roots) {
    await writeBelow(folder, 'roots.pem', roots)
    for (const name of ['PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'])
      settings.environment[name] = `${target}/roots.pem`
  }
  const netrc = environment['NETRC'] || (home && join(home, '.netrc'))
  const logins = netrc && (await readFile(netrc).catch(() => undefined))
  if (logins) {
    await writeBelow(folder, 'netrc', logins)
    settings.environment['NETRC'] = `${target}/netrc`
  }
  return settings
}

async function writeBelow(folder: string, file: string, content: string | Buffer): Promise<void> {
  const path = join(folder, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content, { mode: 0o600 })
}

/** Files and folders of this machine that the settings name; they are at the same place in the container. */
function localFiles(given: Readonly<Record<string, string>>, files: readonly PipConfiguration[]): string[] {
  const variables = ['PIP_FIND_LINKS', 'PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_CLIENT_CERT']
  const words = [
    ...variables.flatMap((name) => given[name]?.split(/\s+/) ?? []),
    ...files.flatMap(({ text }) => settingWords(text, PATHS)),
  ]
  const paths = words.flatMap((word) => {
    const path = word.startsWith('file:') ? pathOf(word) : word
    return path !== undefined && isAbsolute(path) && existsSync(path) && isOurs(path) ? [path] : []
  })
  const known = [...new Set(paths)]
  // One within another is there already, and the engine could not put it there.
  return known.filter((path) => !known.some((other) => other !== path && path.startsWith(`${other}/`)))
}

function isOurs(path: string): boolean {
  return !OF_THE_IMAGE.test(path) && !OF_THE_IMAGE.test(realpathSync(path))
}

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}

/** Passwords in the URLs of a text, as they stand there and decoded. */
function passwordsIn(text: string): string[] {
  return [...text.matchAll(/:\/\/([^\s/@]*)@/g)].flatMap(([, login = '']) => {
    const colon = login.indexOf(':')
    const secret = colon === -1 ? login : login.slice(colon + 1)
    return [secret, decoded(secret)].filter(Boolean)
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
