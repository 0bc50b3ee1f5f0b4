/** A whole number with commas between thousands. `toLocaleString` would load all of ICU, which takes 16 ms. */
export function groupedDigits(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}
