/** A package whose import name or compiled part people meet in errors. */
export interface KnownPackage {
  /** Its name on the index, normalised. */
  name: string
  /** What is imported: a folder of packages. */
  imports: string
  /** The compiled module without which the import fails, by the path without the tag and `.so`; one of them is enough. */
  compiled: readonly [string, ...string[]]
}

/**
 * Packages with compiled parts that layers are mostly built for, and what the import of each needs at once: read out of the wheels of the
 * package index, and out of the errors that users report when one is missing.
 */
export const KNOWN_PACKAGES: readonly KnownPackage[] = [
  { name: 'psycopg2-binary', imports: 'psycopg2', compiled: ['psycopg2/_psycopg'] },
  { name: 'psycopg-binary', imports: 'psycopg_binary', compiled: ['psycopg_binary/_psycopg'] },
  { name: 'asyncpg', imports: 'asyncpg', compiled: ['asyncpg/protocol/protocol'] },
  {
    name: 'numpy',
    imports: 'numpy',
    compiled: ['numpy/_core/_multiarray_umath', 'numpy/core/_multiarray_umath'],
  },
  { name: 'pandas', imports: 'pandas', compiled: ['pandas/_libs/lib'] },
  { name: 'pillow', imports: 'PIL', compiled: ['PIL/_imaging'] },
  { name: 'pydantic-core', imports: 'pydantic_core', compiled: ['pydantic_core/_pydantic_core'] },
  { name: 'cryptography', imports: 'cryptography', compiled: ['cryptography/hazmat/bindings/_rust'] },
  { name: 'bcrypt', imports: 'bcrypt', compiled: ['bcrypt/_bcrypt'] },
  { name: 'lxml', imports: 'lxml', compiled: ['lxml/etree'] },
  { name: 'pyarrow', imports: 'pyarrow', compiled: ['pyarrow/lib'] },
  { name: 'orjson', imports: 'orjson', compiled: ['orjson/orjson'] },
  { name: 'grpcio', imports: 'grpc', compiled: ['grpc/_cython/cygrpc'] },
  { name: 'cffi', imports: 'cffi', compiled: ['_cffi_backend'] },
  { name: 'pyodbc', imports: 'pyodbc', compiled: ['pyodbc'] },
  { name: 'rpds-py', imports: 'rpds', compiled: ['rpds/rpds'] },
  { name: 'pymupdf', imports: 'pymupdf', compiled: ['pymupdf/_extra', 'pymupdf/_mupdf'] },
  { name: 'scipy', imports: 'scipy', compiled: ['scipy/_lib/_ccallback_c'] },
  { name: 'scikit-learn', imports: 'sklearn', compiled: ['sklearn/__check_build/_check_build'] },
]
