import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '@train-ts/core'
import { connect, secret } from '@train-ts/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peer } from '../src/peers.js'
import { describeWithPeer } from '../src/vitest-peers.js'

// Real sudo, su and doas, over local: as an ordinary user.
const password = 'Corr3ct-h0rse%u!'
const users = { password: 'traints-pw', nopasswd: 'traints-np', none: 'traints-no', tty: 'traints-tty', other: 'traints-other' } as const
const rules = '/etc/sudoers.d/train-ts-test'
const sudoers = `
Defaults:${users.tty} requiretty
Defaults:${users.password} timestamp_timeout=0, lecture=always, passwd_tries=3
${users.password} ALL=(ALL) ALL
${users.nopasswd} ALL=(ALL) NOPASSWD: ALL
${users.tty} ALL=(ALL) NOPASSWD: ALL
`

describeWithPeer([peer('root'), peer('sudo'), peer('su'), peer('setsid')], 'another user, by sudo and su', () => {
  let directory: string
  const open: Connection[] = []

  /** local: as an ordinary user, who has a login's environment. */
  async function as(user: string, options: object = {}): Promise<Connection> {
    const program = join(directory, user)
    writeFileSync(program, `#!/bin/sh\ncd /tmp; exec setpriv --reuid=${user} --regid=${user} --init-groups env HOME=/tmp USER=${user} LOGNAME=${user} LC_ALL=C.UTF-8 /bin/sh "$@"\n`)
    chmodSync(program, 0o755)
    const host = await connect('local:', { program, ...options })
    open.push(host)
    return host
  }

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'train-sudo-'))
    chmodSync(directory, 0o755)
    for (const user of Object.values(users)) spawnSync('useradd', ['--no-create-home', user])
    execFileSync('chpasswd', { input: Object.values(users).map((user) => `${user}:${password}\n`).join('') })
    writeFileSync(rules, sudoers, { mode: 0o440 })
    execFileSync('visudo', ['-c', '-f', rules])
  })
  afterAll(async () => {
    for (const host of open) await host.close()
    rmSync(rules, { force: true })
    for (const user of Object.values(users)) spawnSync('userdel', ['-f', user])
    rmSync(directory, { recursive: true, force: true })
  })

  test('the whole command runs as root: pipes, redirections, directory, umask, environment', async () => {
    const host = await as(users.password)
    const file = join(directory, 'by-root')
    const sudo = { password }
    const result = await host.run(`id -u | cat; id -u >&2; cat > ${file}; pwd; umask; echo "$A"; exit 42`, { sudo, stdin: 'from stdin\0\u00ff', cwd: '/usr/lib', umask: 0o77, env: { A: "it's $HOME!" } })
    expect(result).toMatchObject({ exitCode: 42, stdout: "0\n/usr/lib\n0077\nit's $HOME!\n", stderr: '0\n' })
    expect(readFileSync(file, 'utf8')).toBe('from stdin\0\u00ff')
  })

  test('no rule asks for a password: none is sent, and stdin is the command\'s alone', async () => {
    const host = await as(users.nopasswd, { sudo: true, sudo_password: password })
    expect(await host.run('cat; id -u', { stdin: 'x' })).toMatchObject({ stdout: 'x0\n', stderr: '' })
    expect((await host.run('id -u', { sudo: false })).stdout).not.toBe('0\n')
    expect((await host.run('id -un', { sudo: { user: users.other } })).stdout).toBe(`${users.other}\n`)
  })

  test.each([
    ['a wrong password', users.password, { password: 'wrong' }, 'AUTH_FAILED', 'bad_sudo_password'],
    ['no password', users.password, true, 'AUTH_FAILED', 'sudo_password_required'],
    ['not in sudoers', users.none, { password }, 'PERMISSION_DENIED', 'not_in_sudoers'],
    ['requiretty', users.tty, true, 'PERMISSION_DENIED', 'sudo_no_tty'],
    ['an unknown user', users.nopasswd, { user: 'traints-nosuch' }, 'PERMISSION_DENIED', 'sudo_unknown_user'],
    ['no such program', users.nopasswd, { command: '/nonexistent/sudo' }, 'PERMISSION_DENIED', 'sudo_command_not_found'],
    ['su with a wrong password', users.password, { method: 'su', user: users.other, password: 'wrong' }, 'AUTH_FAILED', 'bad_su_user_password'],
    ['su to an unknown user', users.password, { method: 'su', user: 'traints-nosuch', password }, 'PERMISSION_DENIED', 'su_unknown_user'],
  ] as const)('%s is said by a code and Train\'s reason, and the command has not run', async (_title, user, sudo, code, reason) => {
    const host = await as(user)
    const file = join('/tmp', `train-ts-ran-${String(process.pid)}`)
    await expect(host.run(`: > ${file}`, { sudo })).rejects.toMatchObject({ code, details: { reason } })
    expect(readdirSync('/tmp')).not.toContain(file.slice('/tmp/'.length))
    expect((await host.run('echo usable')).stdout).toBe('usable\n')
  })

  test('su reads the password of the user to become, and leaves stdin whole', async () => {
    const host = await as(users.password)
    const stdin = Buffer.from(Array.from({ length: 100_000 }, (_value, index) => index & 255))
    const result = await host.run('id -un >&2; cat', { sudo: { method: 'su', user: users.other, password }, stdin, encoding: 'bytes' })
    expect(Buffer.from(result.stderr).toString()).toBe(`${users.other}\n`)
    expect(Buffer.compare(result.stdout, stdin)).toBe(0)
  })

  test('another program in sudo\'s place', async () => {
    const wrapper = join(directory, 'my-sudo')
    writeFileSync(wrapper, '#!/bin/sh\necho "through the wrapper" >> "$(dirname "$0")/log"\nexec sudo "$@"\n', { mode: 0o755 })
    writeFileSync(join(directory, 'log'), '', { mode: 0o666 })
    chmodSync(join(directory, 'log'), 0o666)
    const host = await as(users.nopasswd)
    expect((await host.run('id -u', { sudo: { command: wrapper } })).stdout).toBe('0\n')
    expect(readFileSync(join(directory, 'log'), 'utf8')).toBe('through the wrapper\n')
  })

  test('files and uploads go as that user too', async () => {
    const host = await as(users.password, { sudo: true, sudo_password: password })
    const path = join('/root', `train-ts-${String(process.pid)}`)
    await host.upload(Buffer.from('mine'), path, { mode: 0o600 })
    expect(await host.file(path).stat()).toMatchObject({ owner: 'root', mode: 0o600, size: 4 })
    expect(await host.file(path).text()).toBe('mine')
    await expect(host.file(path).text({ sudo: false })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await host.file('/usr/bin/id').stat({ sudo: false })
    rmSync(path)
  })

  test('a stopped command of root ends with its children', async () => {
    const host = await as(users.password)
    let pids = ''
    for await (const event of host.stream('trap "" TERM; (setsid sleep 300 & echo $!); sleep 300 & echo $! $$; wait', { sudo: { password } })) {
      if (event.type === 'stdout') pids += Buffer.from(event.data).toString()
      if (pids.split('\n').length > 2) break
    }
    const left = pids.trim().split(/\s/).filter((pid) => isRunning(Number(pid)))
    expect(left).toEqual([])
  })

  test('the password and a secret of the environment are in no argument and no environment of the far side', async () => {
    const host = await as(users.password)
    const value = secret('s3cr3t-v4lue')
    const seen = await host.run('cat /proc/[0-9]*/cmdline | tr "\\0" " "; for p in $PPID; do cat /proc/$p/environ; done | tr "\\0" " "; [ "$TOKEN" = "s3cr3t-v4""lue" ] && echo given', { sudo: { password }, env: { TOKEN: value } })
    expect(seen.stdout).toContain('given')
    expect(seen.stdout).not.toContain(password)
    expect(seen.stdout).not.toContain(Buffer.from(password).toString('base64').slice(0, 16))
    expect(seen.stdout).not.toContain('s3cr3t-v4lue')
    await expect(host.run('true', { sudo: { password: `${password}wrong` } })).rejects.toSatisfy((error) => !JSON.stringify(error).includes(password))
  })
})

/** Not gone, and not a zombie that a lazy parent has not asked for. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))
  } catch {
    return false
  }
}
