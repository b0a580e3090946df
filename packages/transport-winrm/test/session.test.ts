import { describe, expect, test } from 'vitest'
import { connectTo, machine } from './support/connect.js'

describe.each([
  ['NTLM, sealed', {}, {}],
  ['SPNEGO around NTLM, sealed', {}, { winrmTransport: 'spnego' }],
  ['NTLM in TLS, strict channel binding', { tls: true, channelBinding: 'strict' }, {}],
  ['NTLM in TLS, sealed as well', { tls: true, channelBinding: 'strict' }, { messageEncryption: 'always' }],
  ['Basic in TLS', { tls: true }, { winrmTransport: 'ssl' }],
  ['Basic in clear, asked for by name', { allowUnencrypted: true }, { winrmTransport: 'plaintext' }],
] as const)('%s', (_, knobs, options) => {
  test('output, exit code, stdin', async () => {
    const host = await connectTo(await machine(knobs), options)
    const result = await host.run('echo out; echo err >&2; exit 7')
    expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 7 })
    expect((await host.run('cat', { stdin: 'hällo' })).stdout).toBe('hällo')
  })
})

describe('a session', () => {
  test('one shell serves many commands, over few connections', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    for (let index = 0; index < 5; index++) expect((await host.run(`exit ${index}`)).exitCode).toBe(index)
    expect(emulator.log.filter((operation) => operation === 'Create')).toHaveLength(1)
    expect(emulator.connections).toBeLessThanOrEqual(4)
    await host.close()
    expect(emulator.shells).toBe(0)
    expect(emulator.log.filter((operation) => operation === 'Delete')).toHaveLength(1)
  })

  test('every command is followed by a Signal that frees what the service holds', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    await host.run('true')
    await host.run('true')
    await host.close()
    expect(emulator.log.filter((operation) => operation === 'Signal')).toHaveLength(2)
  })

  test('commands at once have shells of their own', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    const results = await Promise.all([1, 2, 3].map((code) => host.run(`exit ${code}`)))
    expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 2, 3])
  })

  test('a long poll that ends without news goes on', async () => {
    const emulator = await machine({ maxTimeout: 50 })
    const host = await connectTo(emulator)
    const result = await host.run('sleep 0.3; echo late')
    expect(result.stdout).toBe('late\n')
    expect(emulator.log.filter((operation) => operation === 'Receive').length).toBeGreaterThan(3)
  })

  test('megabytes of output, in messages that fit', async () => {
    const host = await connectTo(await machine({ maxEnvelopeKilobytes: 150 }))
    const result = await host.run('yes 0123456789abcde | head -c 3000000')
    expect(result.stdout.length).toBe(3_000_000)
  })

  test('stdin in messages that fit, to the last byte', async () => {
    const emulator = await machine({ maxEnvelopeKilobytes: 150 })
    const host = await connectTo(emulator)
    const result = await host.run('cksum; wc -c', { stdin: Buffer.alloc(1_000_000, 'abc') })
    expect(result.stdout.split(/\s+/)[1]).toBe('1000000')
    expect(emulator.log.filter((operation) => operation === 'Send').length).toBeLessThanOrEqual(12)
  })

  test('the largest message is asked of the service; who may not ask stays small', async () => {
    const sends = async (administrator: boolean): Promise<number> => {
      const emulator = await machine({ administrator, maxEnvelopeKilobytes: 2000 })
      await (await connectTo(emulator)).run('cat >/dev/null', { stdin: Buffer.alloc(1_000_000) })
      return emulator.log.filter((operation) => operation === 'Send').length
    }
    expect(await sends(true)).toBeLessThan(await sends(false))
  })

  test('variables and directory travel beside the command', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    const result = await host.run('echo "$A"; pwd', { env: { A: `a'"b & <c>` }, cwd: '/usr' })
    expect(result.stdout).toBe(`a'"b & <c>\n/usr\n`)
    expect((await host.run('echo "[$A]"')).stdout).toBe('[]\n')
    await host.close()
    expect(emulator.shells).toBe(0)
  })

  test('input is live: each line is answered before the next is sent', async () => {
    const host = await connectTo(await machine())
    let next = (): void => undefined
    const asked = async function* () {
      for (const word of ['one', 'two']) {
        yield Buffer.from(`${word}\n`)
        await new Promise<void>((resolve) => (next = resolve))
      }
    }
    const heard: string[] = []
    for await (const event of host.stream('while read -r line; do echo "got $line"; done', { stdin: asked() })) {
      if (event.type !== 'stdout') continue
      heard.push(Buffer.from(event.data).toString())
      next()
    }
    expect(heard.join('')).toBe('got one\ngot two\n')
  })

  test('an abort ends the whole tree before it is told', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    const controller = new AbortController()
    let pids: string[] = []
    const running = (async () => {
      for await (const event of host.stream('setsid sleep 1000 & echo $! $$; sleep 1000', { signal: controller.signal })) {
        if (event.type !== 'stdout') continue
        pids = Buffer.from(event.data).toString().trim().split(' ')
        controller.abort()
      }
    })()
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
    const left = await host.run(pids.map((pid) => `grep -q . /proc/${pid}/cmdline 2>/dev/null && echo ${pid}`).join('; '))
    expect(left.stdout).toBe('')
    expect(emulator.log).toContain('Delete')
  })

  test('loginCommand is Remote Desktop, without a password', async () => {
    const host = await connectTo(await machine(), { rdpPort: 3390 })
    expect(host.loginCommand().join(' ')).toContain('127.0.0.1:3390')
  })
})
