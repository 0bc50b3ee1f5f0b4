import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collectPipSettings, type PipSettings } from '../../../../src/lib/layer/build/pip-settings.ts'
import { withProject } from '../../../support/cli.ts'

const ROOTS = '-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n'

/** What a machine with these files in its home, which is `$HOME` in texts, hands to pip in a container. */
function collect(
  files: Record<string, string>,
  environment: Record<string, string>,
  look: (settings: PipSettings, read: (file: string) => string, home: string) => void,
  system: NodeJS.Platform = 'linux',
): Promise<void> {
  return withProject({}, async (project) => {
    const home = project.path
    const filled = (text: string) => text.replaceAll('$HOME', home)
    for (const [name, text] of Object.entries(files)) project.write(name, filled(text))
    const folder = join(home, 'settings')
    mkdirSync(folder)
    const settings = await collectPipSettings({
      environment: Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [name, filled(value)]),
      ),
      home,
      folder,
      target: '/work/settings',
      system,
      systemFiles: [join(home, 'etc-pip.conf')],
    })
    look(settings, (file) => readFileSync(join(folder, file), 'utf8'), home)
  })
}

test('indexes and proxies go along, what is about folders of this machine does not', () =>
  collect(
    {},
    {
      PIP_INDEX_URL: 'https://me:p%40ss@index.example/simple',
      PIP_TARGET: '/somewhere',
      PIP_CACHE_DIR: '/cache',
      PIP_REQUIRE_VIRTUALENV: '1',
      https_proxy: 'http://proxy.example:3128',
      NO_PROXY: 'localhost',
      AWS_SECRET_ACCESS_KEY: 'no business of pip',
    },
    ({ environment, secrets, network }) => {
      expect(environment).toMatchObject({
        PIP_INDEX_URL: 'https://me:p%40ss@index.example/simple',
        https_proxy: 'http://proxy.example:3128',
        NO_PROXY: 'localhost',
      })
      for (const name of ['PIP_TARGET', 'PIP_CACHE_DIR', 'PIP_REQUIRE_VIRTUALENV', 'AWS_SECRET_ACCESS_KEY'])
        expect(environment).not.toHaveProperty(name)
      expect(secrets).toEqual(expect.arrayContaining(['p%40ss', 'p@ss']))
      expect(network).toBeUndefined()
    },
  ))

test('its files are copied, for the eyes of who runs in the container only', () =>
  collect(
    {
      '.pip/pip.conf': '[global]\ntimeout = 7\n[install]\nno-deps = true\n',
      '.config/pip/pip.conf': '[global]\nindex-url =\n  https://me:hidden@a.example\n',
      'named.conf': '[global]\nretries: 9\n',
      '.netrc': 'machine a.example login me password x\n',
    },
    { PIP_CONFIG_FILE: '$HOME/named.conf' },
    ({ environment, secrets }, read, home) => {
      expect(environment).toMatchObject({
        XDG_CONFIG_HOME: '/work/settings/user',
        PIP_CONFIG_FILE: '/work/settings/pip.conf',
        NETRC: '/work/settings/netrc',
      })
      expect(read('user/pip/pip.conf')).toBe(
        '[global]\ntimeout = 7\nindex-url =\n  https://me:hidden@a.example\n\n[install]\nno-deps = true\n',
      )
      expect(read('pip.conf')).toContain('retries: 9')
      expect(read('netrc')).toContain('a.example')
      expect(statSync(join(home, 'settings/netrc')).mode & 0o777).toBe(0o600)
      expect(secrets).toContain('hidden')
    },
  ))

test('PIP_CONFIG_FILE=/dev/null means no file at all', () =>
  collect(
    { '.config/pip/pip.conf': '[global]\ntimeout = 7\n' },
    { PIP_CONFIG_FILE: '/dev/null' },
    ({ environment }) => {
      expect(environment).not.toHaveProperty('XDG_CONFIG_HOME')
    },
  ))

test('whom this machine trusts, by the variable that is meant most', () =>
  collect(
    { 'ours.pem': ROOTS, 'other.pem': ROOTS.replace('ours', 'other') },
    { PIP_CERT: '$HOME/ours.pem', SSL_CERT_FILE: '$HOME/other.pem' },
    ({ environment }, read) => {
      expect(environment).toMatchObject({
        PIP_CERT: '/work/settings/roots.pem',
        SSL_CERT_FILE: '/work/settings/roots.pem',
      })
      expect(read('roots.pem')).toBe(ROOTS)
    },
  ))

test("pip's own configuration may name them as well", () =>
  collect(
    {
      'ours.pem': ROOTS,
      'etc-pip.conf': '[global]\ncert = /nowhere.pem\n',
      '.config/pip/pip.conf': '[global]\ncert = $HOME/ours.pem\n',
    },
    { REQUESTS_CA_BUNDLE: '$HOME/not-there.pem' },
    (_, read) => expect(read('roots.pem')).toBe(ROOTS),
  ))

test('folders of packages are at the same place in the container, but never over what is in the image', () =>
  collect(
    {
      'wheels/x.whl': '',
      'index/simple/x': '',
      '.config/pip/pip.conf': '[global]\nextra-index-url = file://$HOME/index\n',
    },
    { PIP_FIND_LINKS: '$HOME/wheels /usr /var/lang $HOME/none https://a.example' },
    ({ mounts }, _, home) =>
      expect(mounts.map(({ source, target }) => [source, target])).toEqual([
        [`${home}/wheels`, `${home}/wheels`],
        [`${home}/index`, `${home}/index`],
      ]),
  ))

test('an index on this machine is reached from the container', async () => {
  const local = { PIP_INDEX_URL: 'http://me:x@127.0.0.1:3141/root', HTTPS_PROXY: 'http://localhost:3128' }
  await collect({}, local, ({ environment, network }) => {
    expect(network).toBe('host')
    expect(environment['PIP_INDEX_URL']).toBe(local.PIP_INDEX_URL)
  })
  await collect(
    {},
    local,
    ({ environment, network }) => {
      expect(network).toBeUndefined()
      expect(environment).toMatchObject({
        PIP_INDEX_URL: 'http://me:x@host.docker.internal:3141/root',
        HTTPS_PROXY: 'http://host.docker.internal:3128',
      })
    },
    'darwin',
  )
})
