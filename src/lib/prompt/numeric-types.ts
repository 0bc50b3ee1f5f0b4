/**
 * Types whose values psql puts on the right (`column_type_alignment`), by their identifiers in `pg_type.dat`:
 * int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8.
 */
const NUMERIC_TYPES = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069])

/** Whether values of the type stand on the right of their column. */
export function isNumericType(typeId: number): boolean {
  return NUMERIC_TYPES.has(typeId)
}
