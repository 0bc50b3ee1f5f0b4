// What a Node script does that a developer would write with postgres.js: drop, create, load schema and seed. The peer
// of `cruddur db setup`, without its guard, its messages and its cache.
import { readFileSync } from 'node:fs'
import postgres from 'postgres'

const [url, ...files] = process.argv.slice(2)
const database = new URL(url).pathname.slice(1)
const options = { max: 1, fetch_types: false, onnotice: () => {} }

const beside = postgres(url, { ...options, database: 'postgres' })
await Promise.all([
  beside.unsafe(`DROP DATABASE IF EXISTS "${database}"`),
  beside.unsafe(`CREATE DATABASE "${database}"`),
])
const sql = postgres(url, options)
await sql.unsafe(files.map((file) => readFileSync(file, 'utf8')).join('\n'))
await Promise.all([beside.end(), sql.end()])
