// The library at work: sets up a database, then reads the home feed as JSON that Postgres makes.
// Run it with a URL of a database that may be made anew: node examples/home-feed.js postgres://…/name
import { createPool, parseConnectionUrl, setupDatabase } from 'cruddur'

const [url] = process.argv.slice(2)
const directory = new URL('..', import.meta.url).pathname

await setupDatabase({
  target: parseConnectionUrl(url),
  directory,
  schema: ['db/schema.sql'],
  seed: ['db/seed.sql'],
  project: directory,
})

const pool = createPool(url, { max: 2 })
try {
  const feed = await pool.queryArrayJson(
    `SELECT activities.message, users.handle, activities.expires_at
     FROM public.activities JOIN public.users ON users.uuid = activities.user_uuid
     WHERE activities.expires_at > $1
     ORDER BY activities.created_at DESC`,
    [new Date()],
  )
  console.log(feed)

  const person = await pool.transaction((transaction) =>
    transaction.queryObjectJson(
      `INSERT INTO public.users (display_name, email, handle, cognito_user_id)
       VALUES ($1, $2, $3, $4) RETURNING handle`,
      ['Grace Hopper', 'grace@cruddur.example', 'grace', 'example-grace'],
    ),
  )
  console.log(person)
} finally {
  await pool.end()
}
