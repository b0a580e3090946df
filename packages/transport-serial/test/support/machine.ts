// A whole machine: Debian's kernel and busybox in qemu, its console on ttyS0 behind a pty. The kernel is kept in the temporary directory.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const rootPassword = 'qemu-console-1'

/** The kernel's image, downloaded once; undefined where Debian's archive cannot be reached. */
export function kernel(): string | undefined {
  const cache = join(tmpdir(), 'train-ts-qemu')
  const image = join(cache, 'vmlinuz')
  if (existsSync(image)) return image
  const place = mkdtempSync(join(tmpdir(), 'train-ts-kernel-'))
  try {
    const depends = execFileSync('apt-cache', ['depends', 'linux-image-cloud-amd64']).toString()
    execFileSync('apt-get', ['download', /linux-image-\S+/.exec(depends.split('Depends:')[1] ?? '')?.[0] ?? 'none'], { cwd: place, stdio: 'ignore' })
    const archive = readdirSync(place).find((name) => name.endsWith('.deb')) ?? 'none'
    execFileSync('dpkg', ['-x', archive, 'files'], { cwd: place })
    const boot = join(place, 'files', 'boot')
    mkdirSync(cache, { recursive: true })
    copyFileSync(join(boot, readdirSync(boot).find((name) => name.startsWith('vmlinuz')) ?? 'none'), image)
    return image
  } catch {
    return undefined
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** An initramfs of busybox alone: getty and login on ttyS0, root with a password. */
function initramfs(directory: string, busybox: string): string {
  const root = join(directory, 'root')
  for (const name of ['bin', 'sbin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'usr/bin', 'usr/sbin']) mkdirSync(join(root, name), { recursive: true })
  copyFileSync(busybox, join(root, 'bin', 'busybox'))
  chmodSync(join(root, 'tmp'), 0o1777)
  const file = (name: string, text: string, mode = 0o644) => { writeFileSync(join(root, name), text, { mode }) }
  file('init', '#!/bin/busybox sh\n/bin/busybox --install -s\nmount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t devtmpfs dev /dev\nmkdir -p /dev/pts\nmount -t devpts pts /dev/pts\nexec /sbin/init\n', 0o755)
  file('etc/inittab', 'ttyS0::respawn:/sbin/getty -L ttyS0 115200 vt100\n')
  file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n')
  file('etc/group', 'root:x:0:\n')
  file('etc/os-release', 'ID=busybox-machine\nVERSION_ID=1\n')
  file('etc/shadow', `root:${execFileSync('openssl', ['passwd', '-6', rootPassword]).toString().trim()}:19000:0:99999:7:::\n`, 0o600)
  const image = join(directory, 'initrd.gz')
  execFileSync('sh', ['-c', 'cd "$1" && find . | cpio -o -H newc 2>/dev/null | gzip -1 >"$2"', 'sh', root, image])
  return image
}

export interface Machine extends AsyncDisposable {
  /** The pty of its console. */
  readonly device: string
}

export async function boot(image: string, busybox: string): Promise<Machine> {
  const directory = mkdtempSync(join(tmpdir(), 'train-ts-machine-'))
  const qemu = spawn('qemu-system-x86_64', [
    '-accel', 'tcg', '-m', '256', '-nographic', '-nodefaults', '-no-reboot', '-kernel', image, '-initrd', initramfs(directory, busybox),
    '-append', 'console=ttyS0,115200 panic=-1', '-chardev', 'pty,id=s0', '-serial', 'chardev:s0',
  ], { stdio: ['ignore', 'pipe', 'pipe'] })
  const end = (): void => { qemu.kill('SIGKILL') }
  process.once('exit', end)
  let said = ''
  const device = await new Promise<string>((resolve, reject) => {
    const look = (data: Buffer): void => {
      said += String(data)
      const found = /\/dev\/pts\/\d+/.exec(said)
      if (found !== null) resolve(found[0])
    }
    qemu.stdout.on('data', look)
    qemu.stderr.on('data', look)
    qemu.on('exit', () => { reject(new Error(`qemu has ended: ${said}`)) })
  })
  return {
    device,
    [Symbol.asyncDispose]: async () => {
      process.off('exit', end)
      qemu.removeAllListeners('exit')
      end()
      if (qemu.exitCode === null && qemu.signalCode === null) await once(qemu, 'exit')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
