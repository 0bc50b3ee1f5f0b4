import { readFile } from 'node:fs/promises'

/** An account of the operating system, as `/etc/passwd` has it. */
export interface SystemUser {
  name: string
  uid: number
  gid: number
}

/** Reads the lines of a passwd file (passwd(5)); lines that are none are left out. */
export function parsePasswd(text: string): SystemUser[] {
  const users: SystemUser[] = []
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (!name || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) continue
    users.push({ name, uid: Number(uid), gid: Number(gid) })
  }
  return users
}

/** The accounts of this machine's `/etc/passwd`; none where there is no such file. */
export async function systemUsers(path = '/etc/passwd'): Promise<SystemUser[]> {
  return parsePasswd(await readFile(path, 'utf8').catch(() => ''))
}
