import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** A fenced block of code. */
export interface CodeBlock {
  language: string
  lines: string[]
}

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

const FENCED = /^```(\w*)\n([\s\S]*?)^```$/gm

export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(FENCED)].map(([, language = '', text = '']) => ({
    language,
    lines: text.trimEnd().split('\n'),
  }))
}

/** The texts in backquotes outside of blocks; in a table, `\|` stands for a bar. */
export function codeSpans(markdown: string): string[] {
  const spans = markdown.replace(FENCED, '').matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)
  return [...spans].map(([, text = '']) => text.replaceAll('\\|', '|'))
}

/** The rows of all tables, as cells; headings and rules are among them. */
export function tableRows(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

/** Splits a command line as a shell does, as far as documents go: blanks and quotes. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  )
}

/** The `cruddur` command lines in a line of shell, each as its words without `cruddur`. */
export function cruddurCommands(line: string): string[][] {
  return line
    .replace(/^\$ /, '')
    .replace(/\s#\s.*$/, '')
    .split(/\s(?:\||&&)\s/)
    .map((part) => shellWords(part.trim()))
    .map((words) => (words[0] === 'npx' ? words.slice(1) : words))
    .filter(([program, ...rest]) => program === 'cruddur' && rest.length > 0)
    .map((words) => words.slice(1))
}

/** All command lines of a document: in blocks of shell, and in text and tables, there also without `cruddur`. */
export function documentedCommands(markdown: string): string[][] {
  const shell = codeBlocks(markdown)
    .filter(({ language }) => language === 'sh' || language === 'console')
    .flatMap(({ language, lines }) =>
      language === 'console' ? lines.filter((line) => line.startsWith('$ ')) : lines,
    )
  const spans = codeSpans(markdown).map((span) => (/^db\s/.test(span) ? `cruddur ${span}` : span))
  return [...shell, ...spans].flatMap(cruddurCommands)
}
