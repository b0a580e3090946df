import { expect, test } from 'vitest'
import { connectWith, type TransportDriver } from '../src/index.js'

test('a working directory that is missing: the generator of the driver is ended, so that it gives back what it holds', async () => {
  let ended = false
  const driver: TransportDriver = {
    name: 'train-transport-holding',
    specVersion: 1,
    schemes: ['holding'],
    options: {},
    open: async () => ({
      capabilities: { shell: 'posix', exitCode: true },
      async *exec({ command }) {
        try {
          const token = /echo ([0-9a-f]+)-cwd/.exec(command)?.[1] ?? ''
          yield { type: 'stdout', data: Buffer.from(`${token}-cwd\n`) }
          yield { type: 'exit', code: 125, signal: null }
        } finally {
          ended = true
        }
      },
      close: async () => undefined,
    }),
  }
  await using host = await connectWith(driver, {})
  await expect(host.run('true', { cwd: '/missing' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', details: { reason: 'cwd' } })
  expect(ended).toBe(true)
})
