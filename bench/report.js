import { cpus } from 'node:os'
import { findPsql, versionOf } from './tools.js'

/**
 * @typedef {object} Goal
 * @property {string} text what is wanted
 * @property {string} measured
 * @property {boolean} met
 *
 * @typedef {object} Table
 * @property {string} title
 * @property {string} [note] how it was measured
 * @property {string[]} headings
 * @property {string[][]} rows
 * @property {Goal[]} goals
 */

/** Milliseconds for people: 43.1 ms, 475 ms, 108.6 s. */
export function formatMs(ms) {
  if (Math.abs(ms) >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms.toFixed(Math.abs(ms) < 100 ? 1 : 0)} ms`
}

/** How a time compares with another one: 0.93×, 1.20×, 34× faster. */
export function formatRatio(ms, reference) {
  return ms * 2 > reference ? `${(ms / reference).toFixed(2)}×` : `${(reference / ms).toFixed(1)}× faster`
}

/** The result of a way. */
export function resultOf(results, name) {
  const found = results.find((result) => result.name === name)
  if (!found) throw new Error(`nothing was measured for ${name}`)
  return found
}

/**
 * The table of a comparison.
 * @param {import('./measure.js').Result[]} results
 * @param {object} about
 * @param {string} about.title
 * @param {string} [about.note]
 * @param {string} about.against the way that the others are compared with
 * @param {boolean} [about.difference] compare by the difference, not by the ratio
 * @param {Record<string, (result: import('./measure.js').Result) => string>} [about.extra] further columns
 * @param {Goal[]} [about.goals]
 * @returns {Table}
 */
export function timesTable(results, { title, note, against, difference = false, extra = {}, goals = [] }) {
  const reference = resultOf(results, against).median
  const compared = ({ median }) =>
    difference ? `+${formatMs(median - reference)}` : formatRatio(median, reference)
  const rows = results.map((result) => [
    result.name,
    formatMs(result.median),
    formatMs(result.min),
    formatMs(result.max),
    result.name === against ? '' : compared(result),
    ...Object.values(extra).map((column) => column(result)),
    String(result.runs),
  ])
  const headings = ['', 'median', 'least', 'most', `against ${against}`, ...Object.keys(extra), 'runs']
  return { title, note, headings, rows, goals }
}

/** Wants a way to take no more than so many times as long as another. */
export function ratioGoal(text, results, name, against, limit) {
  const [ours, theirs] = [resultOf(results, name).median, resultOf(results, against).median]
  return { text, measured: formatRatio(ours, theirs), met: ours <= theirs * limit }
}

function tableLine(cells) {
  return `| ${cells.join(' | ')} |`
}

/** A table in Markdown, what was wanted below it. */
export function renderTable({ title, note, headings, rows, goals }) {
  const rule = headings.map((_, column) => (column === 0 ? '---' : '---:'))
  return [
    `### ${title}`,
    ...(note === undefined ? [] : ['', note]),
    '',
    ...[headings, rule, ...rows].map(tableLine),
    ...(goals.length > 0 ? [''] : []),
    ...goals.map(({ text, measured, met }) => `- ${met ? '✔' : '✖'} wanted: ${text}; measured: ${measured}`),
    '',
  ].join('\n')
}

/** What the figures were taken with. */
export function renderHead(server) {
  const { bare, onPath } = findPsql()
  const [processor] = cpus()
  return [
    '# Speed',
    '',
    `Medians of interleaved runs, whole processes, by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}.`,
    '',
    `- ${cpus().length} CPUs (${processor?.model.trim()}), ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `- server: ${server}, on this machine, by TCP to 127.0.0.1 without TLS`,
    `- bare psql: \`${bare}\`, ${versionOf(bare)}; psql of the PATH: \`${onPath}\`, ${versionOf(onPath)}`,
    '',
  ].join('\n')
}
