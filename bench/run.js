// Reruns every speed figure side by side with the peers: npm run bench [-- SUITE… --only SUITE --rounds N --quick].
if (process.features.typescript === undefined || process.features.typescript === false) {
  console.error(
    `This is Node ${process.versions.node}; the bench runs on the Node 24 of the project: npm run bench`,
  )
  process.exit(1)
}
await import('./bench.js')
