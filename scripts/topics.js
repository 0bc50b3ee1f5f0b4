// One bundle per topic instead of one per command: each file that is loaded costs a start about half a millisecond, and
// the commands of a topic share most of their code anyhow. What only few of them need, they import when they need it.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

const COMMANDS = 'src/commands'
/** The start of the program. Its own file runs it, so no other may hold it. */
const START = 'src/cli.ts'
/** Begins the id of a module that no file holds. */
const VIRTUAL = '\0topic:'

/** The commands of each topic by its name, as paths below src/commands without their ending, e.g. `db/sessions/kill`. */
const commandsOf = new Map()
for (const path of readdirSync(COMMANDS, { recursive: true }).toSorted()) {
  if (!path.endsWith('.ts')) continue
  const command = path.slice(0, -'.ts'.length).replaceAll(sep, '/')
  const topic = command.split('/')[0]
  commandsOf.set(topic, [...(commandsOf.get(topic) ?? []), command])
}

/** The entries of the bundle: the start, each topic, each hook; file in dist/cli (without its ending) to module. */
export const entries = {
  cli: START,
  ...Object.fromEntries([...commandsOf.keys()].map((topic) => [`topics/${topic}`, `${VIRTUAL}${topic}`])),
  ...Object.fromEntries(
    readdirSync('src/hooks').map((file) => [`hooks/${file.replace(/\.ts$/, '')}`, `src/hooks/${file}`]),
  ),
}

/** A plugin that makes a module of each topic: it exports each command by its path. */
export const topics = {
  name: 'topics',
  resolveId: (id) => (id.startsWith(VIRTUAL) ? id : undefined),
  load: (id) =>
    id.startsWith(VIRTUAL)
      ? commandsOf
          .get(id.slice(VIRTUAL.length))
          .map(
            (command) =>
              `export { default as "${command}" } from ${JSON.stringify(join(process.cwd(), COMMANDS, `${command}.ts`))}`,
          )
          .join('\n')
      : undefined,
}

/** All that a module imports statically, itself included. */
function reachable(entry, context, found = new Set()) {
  const module = context.getModuleInfo(entry)
  if (!module || module.isExternal || found.has(entry)) return found
  found.add(entry)
  for (const id of module.importedIds) reachable(id, context, found)
  return found
}

/**
 * Groups modules so that a command loads few files: one for what every start needs, one for what topics share, one for
 * each topic's own, one for the embedded server. What else is imported only when it is needed stays apart.
 */
export function chunkGroups() {
  const start = join(process.cwd(), START)
  let graph
  const readGraph = (context) =>
    (graph ??= {
      start: reachable(start, context),
      topics: [...commandsOf.keys()].map((topic) => [topic, reachable(`${VIRTUAL}${topic}`, context)]),
    })
  const topicsWith = (id, context) =>
    readGraph(context)
      .topics.filter(([, modules]) => modules.has(id))
      .map(([topic]) => topic)
  const groups = [
    {
      debugName: 'start',
      name: (id, context) => (id !== start && readGraph(context).start.has(id) ? 'start' : null),
    },
    { debugName: 'shared', name: (id, context) => (topicsWith(id, context).length > 1 ? 'shared' : null) },
    { debugName: 'topics', name: (id, context) => topicsWith(id, context)[0] ?? null },
    { name: 'server', test: /[\\/]src[\\/]lib[\\/]server[\\/]/ },
  ]
  // A group also takes what its modules import, unless one before it has it.
  for (const [index, group] of groups.entries()) group.priority = groups.length - index
  return groups
}

/** Writes the file of each command where oclif looks for it; all it does is to point to the bundle of its topic. */
export function writeCommandFiles(folder) {
  for (const [topic, commands] of commandsOf)
    for (const command of commands) {
      const file = join(folder, 'commands', `${command}.js`)
      const bundle = relative(dirname(file), join(folder, 'topics', `${topic}.js`)).replaceAll(sep, '/')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `export { "${command}" as default } from ${JSON.stringify(bundle)}\n`)
    }
}
