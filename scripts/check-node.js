// npm puts node_modules/.bin first into the PATH, so that npm scripts run on the Node 24 that the project brings.
// Without install scripts (npm ci --ignore-scripts) it is missing, and the machine's own Node may be too old.
if (Number(process.versions.node.split('.')[0]) < 22) {
  console.error(
    `This is Node ${process.versions.node}; the tests need 22 or newer, and the project brings 24.\n` +
      'It is missing: its install script was skipped. Run: npm rebuild node',
  )
  process.exit(1)
}
