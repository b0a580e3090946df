// serial:// through serialport on the console of a machine that boots: kernel messages, busybox's getty, login and ash.
import { connectWith } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import driver from '@train-ts/transport-serial'
import { expect, test } from 'vitest'
import { boot, kernel, rootPassword } from './support/machine.js'

const busybox = peer('busybox')

describeWithPeer([peer('qemu'), peer('cpio'), busybox], 'a machine that boots', () => {
  test('is waited for, logged in to, and runs commands and takes files', async ({ skip }) => {
    const image = kernel()
    if (image === undefined) return skip('no kernel: Debian archive cannot be reached')
    await using machine = await boot(image, busybox.path ?? 'busybox')
    await using host = await connectWith(driver, {
      device: machine.device, baud: 115_200, user: 'root', password: rootPassword as never, agent: 'push' as never, patience: 60_000, connectTimeout: 120_000,
    })
    expect(await host.run('uname -s; echo e >&2; exit 3')).toMatchObject({ stdout: 'Linux\n', stderr: 'e\n', exitCode: 3 })
    const content = Buffer.from(Array.from({ length: 8192 }, (_, index) => (index * 31 + (index >> 8)) & 255))
    await host.upload(content, '/tmp/uploaded', { mode: 0o600 })
    expect(Buffer.from(await host.file('/tmp/uploaded').bytes())).toEqual(content)
    expect((await host.file('/tmp/uploaded').stat()).mode & 0o777).toBe(0o600)
    await expect(host.run('sleep 1000', { timeout: 500 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect((await host.run('pgrep -x sleep || echo none')).stdout).toBe('none\n')
    // A message of the kernel in the middle of output is no output.
    expect((await host.run("seq 1 50; echo '<0>train-ts says hello' >/dev/kmsg; seq 51 100")).stdout).toBe(Array.from({ length: 100 }, (_, index) => `${String(index + 1)}\n`).join(''))
  }, 180_000)
})
