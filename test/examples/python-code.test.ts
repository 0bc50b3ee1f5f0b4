import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { requireTools } from '../conformance/harness/tools.ts'
import { exampleFolder } from '../support/layer/example-layer.ts'

const EXAMPLES = ['post-confirmation', 'task-processor'] as const

/** Parses files as the oldest runtime's Python does, and names what they import. */
const PARSE = `
import ast, json, sys
imported = set()
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        tree = ast.parse(file.read(), name, feature_version=(3, 9))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
print(json.dumps(sorted(imported - sys.stdlib_module_names)))
`

function missingPython(): string | undefined {
  try {
    execFileSync('python3', ['-c', 'import sys; sys.stdlib_module_names'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'there is no python3 of at least 3.10'
  }
}

test.for(EXAMPLES)(
  '%s is Python for every runtime, and needs nothing but psycopg2',
  async (name, { skip }) => {
    requireTools(missingPython(), skip)
    const files = ['app.py', 'database.py'].map((file) => join(exampleFolder(name), file))
    const { stdout } = await promisify(execFile)('python3', ['-c', PARSE, ...files])
    expect(JSON.parse(stdout)).toEqual(['database', 'psycopg2'])
    const requirements = readFileSync(join(exampleFolder(name), 'requirements.txt'), 'utf8')
    expect(requirements).toMatch(/^psycopg2-binary==[\d.]+\n$/)
  },
)

test.for(['database.py', 'requirements.txt'])(
  '%s is the same in both, as each folder is deployed alone',
  (file) => {
    const [first, second] = EXAMPLES.map((name) => readFileSync(join(exampleFolder(name), file), 'utf8'))
    expect(first).toBe(second)
  },
)
