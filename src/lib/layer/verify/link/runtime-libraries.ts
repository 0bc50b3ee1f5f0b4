import type { Architecture } from '../../architectures.ts'
import type { OperatingSystem, Runtime } from '../../runtimes.ts'

/**
 * How sure it is that a runtime has a library. `loaded`: Python itself needs it, so it is in memory before anything of a layer is.
 * `present`: in its `/lib64`. `unsure`: in the container image at least; AWS tells of no list for functions that are deployed as a zip.
 */
export type RuntimeLibrary = 'loaded' | 'present' | 'unsure'

/** Libraries of both systems, without the loader: those of glibc, libgcc, libstdc++, zlib, libcrypt. Wheels that need just these work. */
const LOADED = ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libutil.so.1']
const PRESENT = [
  'libresolv.so.2',
  'libanl.so.1',
  'libmvec.so.1',
  'libgcc_s.so.1',
  'libstdc++.so.6',
  'libz.so.1',
  'libcrypt.so.1',
]

/**
 * What one of the two has besides.
 * AL2: the listing of /lib64 in lambgeo/docker-lambda#37 (there is no liblzma); libexpat comes with Python's own build, perhaps.
 * AL2023: `rpm -qa` of the image in amazonlinux/amazon-linux-2023#585 and aws/aws-lambda-base-images#173. GLib and what is around it come
 * with the image's package manager.
 */
const BESIDES: Readonly<Record<OperatingSystem, Readonly<Record<'present' | 'unsure', readonly string[]>>>> =
  {
    AL2: { present: ['libnsl.so.1'], unsure: ['libexpat.so.1'] },
    AL2023: {
      present: [],
      unsure: [
        'libacl.so.1',
        'libarchive.so.13',
        'libassuan.so.0',
        'libattr.so.1',
        'libblkid.so.1',
        'libbz2.so.1',
        'libcurl.so.4',
        'libexpat.so.1',
        'libffi.so.8',
        'libgcrypt.so.20',
        'libgio-2.0.so.0',
        'libglib-2.0.so.0',
        'libgmodule-2.0.so.0',
        'libgmp.so.10',
        'libgobject-2.0.so.0',
        'libgpgme.so.11',
        'libgssapi_krb5.so.2',
        'libgthread-2.0.so.0',
        'libidn2.so.0',
        'libjson-c.so.5',
        'libk5crypto.so.3',
        'libkeyutils.so.1',
        'libkrb5.so.3',
        'libmagic.so.1',
        'libnghttp2.so.14',
        'libnsl.so.1',
        'libselinux.so.1',
      ],
    },
  }

/** The libraries that a runtime has, by the name under which they are needed. */
export function runtimeLibraries(
  { os, python }: Pick<Runtime, 'os' | 'python'>,
  { loader }: Pick<Architecture, 'loader'>,
): ReadonlyMap<string, RuntimeLibrary> {
  const all: [string, RuntimeLibrary][] = [
    [loader, 'loaded'],
    ...LOADED.map((name): [string, RuntimeLibrary] => [name, 'loaded']),
    ...[...PRESENT, ...BESIDES[os].present].map((name): [string, RuntimeLibrary] => [name, 'present']),
    ...BESIDES[os].unsure.map((name): [string, RuntimeLibrary] => [name, 'unsure']),
    [`libpython${python}.so.1.0`, 'unsure'],
  ]
  return new Map(all)
}

/** Where the runtime's libraries are, as its loader's messages call them. */
export const RUNTIME_LIBRARY_FOLDER = '/lib64'

/** The folders of the runtime in which the loader looks before `/opt/lib` (Dockerfile of the base image: LD_LIBRARY_PATH). */
export const RUNTIME_FOLDERS = ['/var/lang/lib', '/lib64', '/usr/lib64', '/lib', '/usr/lib']

/** The folder of a layer that LD_LIBRARY_PATH has. */
export const LAYER_LIBRARY_FOLDER = '/opt/lib'
