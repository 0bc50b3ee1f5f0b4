import type { ErrorKind } from '../../errors.ts'

/** One thing that builds say when they fail. `$1` in the sentences is what the pattern found. */
interface KnownFailure {
  words: RegExp
  code: string
  reason: string
  remedy: string
  kind?: ErrorKind
  inBuildImage?: true
}

const COMPILER =
  'Use an image that has one: the build image of AWS SAM is taken where it can be had, or name one with --image.'
const DERIVED =
  'Name an image with --image that has it: FROM the build image of AWS SAM (public.ecr.aws/sam/build-python3.X), then RUN'

/** Amazon Linux' packages with the headers of libraries, by the header that is missed. */
export const HEADER_PACKAGES: readonly (readonly [header: RegExp, packageName: string])[] = [
  [/^libpq-fe\.h|^pg_config/, 'libpq-devel'],
  [/^openssl\//, 'openssl-devel'],
  [/^ffi\.h/, 'libffi-devel'],
  [/^libxml\/|^xmlversion/, 'libxml2-devel'],
  [/^libxslt\//, 'libxslt-devel'],
  [/^mysql/, 'mariadb-connector-c-devel'],
  [/^sql(?:ext)?\.h/, 'unixODBC-devel'],
  [/^jpeglib\.h/, 'libjpeg-turbo-devel'],
  [/^zlib\.h/, 'zlib-devel'],
  [/^ldap|^lber\.h/, 'openldap-devel'],
  [/^sasl/, 'cyrus-sasl-devel'],
  [/^gssapi|^krb5/, 'krb5-devel'],
  [/^bzlib\.h/, 'bzip2-devel'],
  [/^lzma\.h/, 'xz-devel'],
  [/^curl\//, 'libcurl-devel'],
  [/^yaml\.h/, 'libyaml-devel'],
]

/** What pip, setuptools, CMake, meson, maturin, compilers and linkers say; the cause before what follows from it. */
export const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    words:
      /Read-only file system: '(?:\.\/)?\/?(requirements[^']*|build|[^']*egg-info[^']*)'|could not create '([^']*)': Read-only file system/,
    code: 'BUILD_SOURCE_READ_ONLY',
    reason: 'the project in the folder of the requirements cannot be built there, as containers only read it',
    remedy: 'Build it by itself (pip wheel --no-deps -w wheels .), and name the wheel.',
  },
  {
    words: /THESE PACKAGES DO NOT MATCH THE HASHES|Expected sha256/,
    code: 'HASH_MISMATCH',
    reason: 'a package has not the hash that the requirements name',
    remedy: 'Find out why it differs before you change the hash.',
  },
  {
    words: /CERTIFICATE_VERIFY_FAILED/,
    code: 'INDEX_UNREACHABLE',
    reason: 'the certificate of the package index is not trusted',
    remedy: 'Name the roots of your network: PIP_CERT=file.pem.',
    kind: 'unreachable',
  },
  {
    words:
      /Temporary failure in name resolution|Name or service not known|Failed to establish a new connection|Network is unreachable|ProxyError|ConnectTimeoutError|ReadTimeoutError/,
    code: 'INDEX_UNREACHABLE',
    reason: 'the package index does not answer from within the container',
    remedy: 'Check the network of containers, HTTPS_PROXY and PIP_INDEX_URL.',
    kind: 'unreachable',
  },
  {
    words: /pg_config executable not found|pg_config is required/i,
    code: 'BUILD_LIBRARY_MISSING',
    reason: 'pg_config was not found, so libpq is not there to compile against',
    remedy: `Take psycopg2-binary instead, which has wheels. ${DERIVED} dnf install -y libpq-devel.`,
    inBuildImage: true,
  },
  {
    words:
      /(mysql_config|mariadb_config|xml2-config|xslt-config|curl-config|krb5-config)(?: executable)?(?:: command)? not found|(?:No such file or directory: )'(mysql_config|xslt-config|curl-config)'/,
    code: 'BUILD_LIBRARY_MISSING',
    reason: '$1 was not found, so its library is not there to compile against',
    remedy: `${DERIVED} dnf install -y with its -devel package.`,
    inBuildImage: true,
  },
  {
    words:
      /can't find Rust compiler|Rust(?: toolchain)? not found|cargo, the Rust package manager, is not installed|can't find `?rustc|'(?:cargo|rustc)': No such file|No such file or directory: '(?:cargo|rustc)'/i,
    code: 'BUILD_RUST_MISSING',
    reason: 'it is written in Rust, and the image has no Rust compiler',
    remedy: `Take a version that has a wheel. ${DERIVED} dnf install -y rust cargo.`,
  },
  {
    words: /(?:fatal )?error: (Python\.h): No such file/,
    code: 'BUILD_COMPILER_MISSING',
    reason: 'the image has no headers of Python',
    remedy: COMPILER,
    inBuildImage: true,
  },
  {
    words: /(?:fatal )?error: '?([\w./+-]+\.h(?:pp)?)'?(?:: No such file or directory| file not found)/,
    code: 'BUILD_HEADER_MISSING',
    reason: 'the header $1 is not in the image',
    remedy: `${DERIVED} dnf install -y $package.`,
  },
  {
    words: /cannot find -l([\w+.-]+)/,
    code: 'BUILD_LIBRARY_MISSING',
    reason: 'the library lib$1 is not in the image',
    remedy: `${DERIVED} dnf install -y with its -devel package.`,
  },
  {
    words:
      /'?((?:[\w-]+-linux-gnu-)?(?:gcc|g\+\+|cc|c\+\+|clang|gfortran)(?:-\d+)?)'? failed: No such file or directory|(?:unable to execute|No such file or directory:) '?((?:[\w-]+-linux-gnu-)?(?:gcc|g\+\+|cc|clang)(?:-\d+)?)'?|\b(gcc|g\+\+|cc|clang|make): (?:command )?not found|Unknown compiler\(s\)|No CMAKE_C(?:XX)?_COMPILER could be found/,
    code: 'BUILD_COMPILER_MISSING',
    reason: 'it has to be compiled, and the image has no compiler',
    remedy: COMPILER,
    inBuildImage: true,
  },
  {
    words:
      /No matching distribution found for (\S+)|Could not find a version that satisfies the requirement (\S+)/,
    code: 'PACKAGE_NOT_FOUND',
    reason: 'the package index has no $1 for this Python and this architecture',
    remedy: 'Check its name and version, and PIP_INDEX_URL.',
  },
  {
    words: /(\S+) requires a different Python|Package '(\S+)' requires a different Python/,
    code: 'PACKAGE_NOT_FOUND',
    reason: '$1 is not for this Python',
    remedy: 'Take another version of it, or another --python.',
  },
  {
    words: /ResolutionImpossible/,
    code: 'REQUIREMENTS_CONFLICT',
    reason: 'the requirements contradict each other',
    remedy: 'Loosen one of them.',
  },
  {
    words: /No space left on device/,
    code: 'BUILD_DISK_FULL',
    reason: 'there is no room left',
    remedy: 'Make room: docker system df shows what the engine keeps.',
  },
  {
    words: /No module named pip|No module named 'pip'/,
    code: 'IMAGE_UNUSABLE',
    reason: 'the image has no pip',
    remedy: 'Name another image.',
  },
]
