/** The words of a layer's name. */
function wordsOf(name: string): string[] {
  return name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
}

/** `psycopg2-py313-arm64` as `Psycopg2Py313Arm64Layer`: letters and digits, as CloudFormation wants it. */
export function pascalName(name: string): string {
  const text = wordsOf(name)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
  return `${/^\d/.test(text) ? 'L' : ''}${text}Layer`
}

/** The same as `psycopg2Py313Arm64Layer`, for a variable. */
export function camelName(name: string): string {
  const text = pascalName(name)
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

/** The same as `psycopg2_py313_arm64`. */
export function snakeName(name: string): string {
  const text = wordsOf(name).join('_').toLowerCase()
  return /^\d|^$/.test(text) ? `layer_${text}` : text
}
