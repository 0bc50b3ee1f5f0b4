import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findUv, LAYER_CACHE, requireZipAndPip } from '../layer-tools.js'
import { compare, timeProcess } from '../measure.js'
import { formatMs, ratioGoal, resultOf, timesTable } from '../report.js'
import { CRUDDUR, ROOT, versionOf } from '../tools.js'

const REQUIREMENTS = join(ROOT, 'bench/layer/requirements.txt')
const TARGET = ['--python', '3.12', '--arch', 'x86_64']
/** What pip must be told so that it takes wheels for the runtime, and not for this machine. */
const PIP_TARGET = [
  '--only-binary=:all:',
  '--implementation=cp',
  '--python-version=3.12',
  ...[34, 28, 27, 26, 24, 17].map((minor) => `--platform=manylinux_2_${minor}_x86_64`),
  '--platform=manylinux2014_x86_64',
]
const BUILD = 'cruddur layer build, wheels in the cache'
const WITHOUT = 'the same with --no-verify'
const UNCHANGED = 'cruddur layer build, nothing changed'
const PIP = 'pip install --target, zip -r'
const UV = 'uv pip install --target, zip -r'
const VERSION = 'cruddur --version'
const VERIFY_ZIP = 'cruddur layer verify, the zip'
const VERIFY_FOLDER = 'cruddur layer verify, its folder'
/** How often those run that take half a minute. */
const SLOW_RUNS = 2

/** A layer of six packages, all downloads in caches: built, not built again, verified. Needs the network the first time. */
export async function layer({ folder, rounds, onRun }) {
  requireZipAndPip()
  const uv = findUv()
  const place = join(folder, 'layer')
  mkdirSync(place, { recursive: true })
  const ways = waysToBuild(place, uv)
  const built = await compare(ways, {
    rounds,
    warmUp: true,
    prepare: () => clear(place),
    check: checked,
    onRun,
  })
  await clear(place)
  await cruddur(place, ...BUILD_WORDS)
  execFileSync('unzip', ['-qo', join(place, 'six.zip'), '-d', join(place, 'unzipped')])
  const small = await compare(waysToLook(place), { rounds, warmUp: true, onRun })
  const note = [
    'psycopg2-binary, pillow, pydantic, pyarrow, numpy and pandas for Python 3.12 on x86_64; whole processes, downloads in caches.',
    uv === undefined ? 'uv is missing: pip could not install it.' : `${versionOf(uv)}.`,
  ].join(' ')
  return [
    timesTable(built, {
      title: 'A layer of six packages',
      note,
      against: PIP,
      goals: [ratioGoal(`at least 10× faster than ${PIP}`, built, BUILD, PIP, 0.1)],
    }),
    timesTable(small, {
      title: 'The same layer again, and verified',
      against: VERSION,
      difference: true,
      goals: [
        { name: UNCHANGED, limit: 150 },
        { name: VERIFY_ZIP, limit: 1200 },
        { name: VERIFY_FOLDER, limit: 500 },
      ].map(({ name, limit }) => {
        const over = resultOf(small, name).median - resultOf(small, VERSION).median
        return {
          text: `${name}: within ${limit} ms of work above the start`,
          measured: `+${formatMs(over)}`,
          met: over <= limit,
        }
      }),
    }),
  ]
}

/** Wheels come from the cache of the bench; nothing else of an earlier build counts. */
function cruddur(place, ...words) {
  const [node, script] = CRUDDUR
  const env = `XDG_CACHE_HOME=${join(LAYER_CACHE, 'wheels')}`
  return timeProcess('env', [env, node, script, 'layer', ...words], { cwd: place, capture: true })
}

const BUILD_WORDS = [
  'build',
  '-r',
  REQUIREMENTS,
  ...TARGET,
  '--name',
  'six',
  '--out',
  '.',
  '--resolver',
  'cruddur',
]

/** @returns {import('../measure.js').Way[]} */
function waysToBuild(place, uv) {
  const zipped = (command, args) =>
    timeProcess('sh', ['-c', '"$@" && cd peer && zip -qr ../peer.zip python', 'sh', command, ...args], {
      cwd: place,
    })
  const target = ['--target', 'peer/python', '-r', REQUIREMENTS]
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PIP_TARGET, ...target]
  const uvWords = [
    'pip',
    'install',
    '--quiet',
    '--python-version=3.12',
    '--python-platform=x86_64-manylinux_2_34',
  ]
  return [
    { name: BUILD, run: () => cruddur(place, ...BUILD_WORDS) },
    { name: WITHOUT, run: () => cruddur(place, ...BUILD_WORDS, '--no-verify') },
    { name: PIP, run: () => zipped('python3', pip), runs: SLOW_RUNS },
    ...(uv === undefined
      ? []
      : [
          {
            name: UV,
            run: () => zipped(uv, [...uvWords, '--only-binary=:all:', ...target]),
            runs: SLOW_RUNS,
          },
        ]),
  ]
}

function waysToLook(place) {
  const [node, script] = CRUDDUR
  return [
    { name: VERSION, run: () => timeProcess(node, [script, '--version']) },
    { name: UNCHANGED, run: () => cruddur(place, ...BUILD_WORDS) },
    { name: VERIFY_ZIP, run: () => cruddur(place, 'verify', 'six.zip') },
    { name: VERIFY_FOLDER, run: () => cruddur(place, 'verify', 'unzipped', ...TARGET) },
  ]
}

/** What an earlier run made is gone; but for the file that says which wheels it were, as in a project where something else changed. */
async function clear(place) {
  for (const left of ['peer', 'peer.zip', 'six.zip'])
    rmSync(join(place, left), { recursive: true, force: true })
}

function checked({ stdout }, name) {
  if (name.startsWith('cruddur') || name === WITHOUT) {
    if (!stdout.includes('Built ')) throw new Error(`${name} said: ${stdout}`)
  }
}
