// What the operating system says about a device, as errors that say what to do.
import { readFile, stat } from 'node:fs/promises'
import { TransportError } from '@train-ts/core'

export async function openError(device: string, error: unknown): Promise<TransportError<'CONNECT_FAILED'>> {
  const said = error instanceof Error ? error.message : String(error)
  const fail = (message: string, hint: string, reason: string) => new TransportError('CONNECT_FAILED', message, { hint, details: { reason }, cause: error, retryable: reason !== 'permission' })
  if (/no such file|not found|ENOENT|No such device/i.test(said)) return fail(`There is no device ${device}.`, 'Look for it with listPorts(), and check that the adapter is plugged in.', 'no-device')
  if (/cannot lock|EBUSY|busy|EAGAIN|temporarily unavailable/i.test(said)) return fail(`The device ${device} is in use.`, 'Another program (a getty, screen, ModemManager) has it; `fuser -v` names it.', 'busy')
  if (/permission denied|access denied|EACCES|EPERM/i.test(said)) return fail(`This user may not open ${device}.`, await permissionHint(device), 'permission')
  if (/not a tty|inappropriate ioctl|ENOTTY/i.test(said)) return fail(`${device} is no serial device.`, 'Check its name.', 'no-device')
  return fail(`The device ${device} could not be opened: ${said}`, 'Check its name and its settings.', 'open')
}

/** Which group has the device. */
async function permissionHint(device: string): Promise<string> {
  try {
    const { gid } = await stat(device)
    const groups = await readFile('/etc/group', 'utf8')
    const name = groups.split('\n').map((line) => line.split(':')).find((fields) => fields[2] === String(gid))?.[0] ?? String(gid)
    return `It belongs to the group ${name}: \`sudo usermod -aG ${name} "$USER"\`, then log in again.`
  } catch {
    return 'Ask for access to it, or run as a user who has it.'
  }
}
