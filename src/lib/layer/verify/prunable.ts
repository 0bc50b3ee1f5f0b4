/** What a layer may do without: compiled again anyway, for developers, for installers. */
const PRUNABLE =
  /(?:^|\/)(?:__pycache__|tests?|testing_data|include|docs?|examples?)\/|\.(?:py[cio]|pxd|pyx|h|hpp|c|cpp|cc|a|lib|md|rst|typed|exe)$|\.dist-info\/|(?:^|\/)\.\.(?:\/|$)/

/** Whether a layer may do without a file, by its path in a folder of packages. */
export function isPrunable(path: string): boolean {
  return PRUNABLE.test(path)
}
