// Far sides with other programs than this machine's: small roots for chroot(8). Only root can enter them.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { findShell } from './local-runner.js'

export interface Userland {
  /** Where its `/` is for this machine. */
  readonly root: string
  /** argv of its sh. */
  readonly shell: readonly string[]
  remove(): void
}

/** GNU's programs that the scripts may call, each by itself, so that one can be left out. */
const gnuPrograms = ['cat', 'chmod', 'chown', 'cp', 'date', 'head', 'ln', 'ls', 'mkdir', 'mktemp', 'mv', 'od', 'readlink', 'rm', 'rmdir', 'sha256sum', 'md5sum', 'base64', 'stat', 'sync', 'tail', 'touch', 'uname', 'wc', 'test', 'printf', 'dirname', 'find', 'sed', 'tar', 'sort', 'df', 'id', 'env', 'sleep', 'cksum', 'tr', 'cut', 'dd']

/** Why these tests cannot run here; undefined: they can. */
export function noUserland(...programs: readonly string[]): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root for chroot'
  const missing = programs.filter((program) => findShell(program) === undefined)
  return missing.length === 0 ? undefined : `needs ${missing.join(' and ')}`
}

export function createUserland(kind: 'gnu' | 'busybox' | 'toybox', without: readonly string[] = []): Userland {
  const root = mkdtempSync(join(tmpdir(), `train-${kind}-`))
  for (const directory of ['bin', 'usr', 'etc', 'tmp', 'work', 'dev', 'proc']) mkdirSync(join(root, directory))
  symlinkSync('../bin', join(root, 'usr/bin'))
  const install = (program: string, name = basename(program)): void => {
    copyWithLibraries(root, program)
    if (name !== basename(realpathSync(program)) && !existsSync(join(root, 'bin', name))) symlinkSync(basename(realpathSync(program)), join(root, 'bin', name))
  }
  if (kind === 'gnu') {
    install('/bin/dash', 'sh')
    for (const program of gnuPrograms) {
      const path = findShell(program)?.[0]
      if (path !== undefined && !without.includes(program)) install(path, program)
    }
  } else {
    const applets = execFileSync(kind, kind === 'busybox' ? ['--list'] : [], { encoding: 'utf8' }).split(/\s+/).filter((name) => name !== '' && !without.includes(name))
    install(findShell(kind)?.[0] ?? kind)
    if (kind === 'toybox') install('/bin/dash', 'sh')
    for (const applet of applets) if (!existsSync(join(root, 'bin', applet))) symlinkSync(kind, join(root, 'bin', applet))
  }
  spawnSync('mknod', [join(root, 'dev/null'), 'c', '1', '3'])
  return { root, shell: ['/usr/sbin/chroot', root, '/bin/sh'], remove: () => { rmSync(root, { recursive: true, force: true }) } }
}

function copyWithLibraries(root: string, program: string): void {
  const real = realpathSync(program)
  const target = join(root, 'bin', basename(real))
  if (existsSync(target)) return
  copyFileSync(real, target)
  const { stdout } = spawnSync('ldd', [real], { encoding: 'utf8' })
  for (const [, library] of stdout.matchAll(/(\/\S+\.so\S*)/g)) {
    if (library === undefined || existsSync(join(root, library))) continue
    mkdirSync(dirname(join(root, library)), { recursive: true })
    copyFileSync(realpathSync(library), join(root, library))
  }
}
