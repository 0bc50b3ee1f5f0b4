/**
 * What a layer cannot do without, however little it looks like code: metadata, by which `importlib.metadata` finds packages and their entry
 * points; licences and parts lists, which must go along with the code; libraries that wheels bring with them (auditwheel's `.libs`,
 * delvewheel's and others'); `.pth` files, which Lambda's Python obeys.
 */
const MUST_STAY = [/(?:^|\/)[^/]+\.(?:dist|egg)-info(?:\/|$)/, /(?:^|\/)[^/]+\.libs\//, /\.pth$/]

/** Whether a file must not be left out of a layer, whatever else is pruned. */
export function mustStay(path: string): boolean {
  return MUST_STAY.some((pattern) => pattern.test(path))
}
