/** A script with a table and so many INSERTs of about 100 bytes. */
export function insertScript(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, index) =>
      `INSERT INTO rows VALUES (${index}, 'some text to make the row a little longer ${index}');\n`,
  )
  return `CREATE TABLE rows (id int PRIMARY KEY, note text);\n${lines.join('')}`
}

/** A script with a table and COPY data of so many rows of about 50 bytes. */
export function copyScript(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, index) => `${index}\tsome text to make the row longer ${index}\n`,
  )
  return `CREATE TABLE rows (id int, note text);\nCOPY rows FROM stdin;\n${lines.join('')}\\.\nSELECT 1;\n`
}
