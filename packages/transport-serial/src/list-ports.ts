import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The serial devices of this machine, by name; none is opened. On Linux from /sys, since serialport's own list needs udevadm and dies
 * without it; ptys are never listed.
 */
export async function listPorts(options: { readonly sys?: string } = {}): Promise<readonly string[]> {
  const sys = options.sys ?? '/sys/class/tty'
  if (process.platform !== 'linux' && options.sys === undefined) {
    const { SerialPort } = await import('serialport')
    return (await SerialPort.list()).map(({ path }) => path)
  }
  const names = await readdir(sys).catch(() => [])
  const real = await Promise.all(names.map(async (name) => await realpath(join(sys, name, 'device')).then(() => true, () => false)))
  return names.filter((_, index) => real[index]).map((name) => `/dev/${name}`).sort()
}
