// What we put on the wire, as Wireshark sees it.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { promisify } from 'node:util'
import { connectWith } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { testWithPeer } from '@train-ts/testkit/vitest'
import { expect } from 'vitest'
import winrm from '../../src/index.js'
import { startPosixMachine } from '../support/posix-machine.js'

const run = promisify(execFile)

testWithPeer([peer('tshark'), peer('text2pcap')], 'tshark dissects our login and our sealed request as NTLMSSP', async () => {
  const packets: string[] = []
  const note = (direction: 'I' | 'O', data: Uint8Array): void => {
    // A packet of IPv4 has room for less than 64 KiB.
    for (let at = 0; at < data.length; at += 32_000) packets.push(hexDump(direction, data.subarray(at, at + 32_000)))
  }
  await using emulator = await startPosixMachine()
  const tapped: typeof winrm = {
    ...winrm,
    open: (options, context) =>
      winrm.open(options, { ...context, dial: async (host, port, call) => tap(await context.dial(host, port, call), note) }),
  }
  // The login and the first sealed request and reply: one connection.
  const host = await connectWith(tapped, { host: '127.0.0.1', port: emulator.port, ...emulator.options, connectionRetries: 1 })
  await host.close()
  const directory = await mkdtemp(join(tmpdir(), 'train-tshark-'))
  try {
    await writeFile(join(directory, 'dump'), packets.join('\n'))
    await run('text2pcap', ['-q', '-D', '-T', '40000,5985', '-4', '127.0.0.1,127.0.0.2', join(directory, 'dump'), join(directory, 'pcap')])
    const { stdout } = await run('tshark', ['-r', join(directory, 'pcap'), '-V'], { maxBuffer: 1e8, env: { ...process.env, HOME: directory } })
    expect(stdout).toContain('NTLM Message Type: NTLMSSP_NEGOTIATE')
    expect(stdout).toContain('NTLM Message Type: NTLMSSP_CHALLENGE')
    expect(stdout).toContain('NTLM Message Type: NTLMSSP_AUTH')
    expect(stdout).toMatch(/NTLMSSP Verifier/)
    expect(stdout).not.toContain('Malformed Packet')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

function tap(stream: Duplex, note: (direction: 'I' | 'O', data: Uint8Array) => void): Duplex {
  stream.on('data', (data: Buffer) => note('I', data))
  const write = stream.write.bind(stream)
  stream.write = ((data: Buffer, ...rest: never[]) => {
    note('O', data)
    return write(data, ...rest)
  }) as typeof stream.write
  return stream
}

/** As text2pcap reads it. */
function hexDump(direction: 'I' | 'O', data: Uint8Array): string {
  const rows: string[] = []
  for (let at = 0; at < data.length; at += 16) rows.push(`${at.toString(16).padStart(6, '0')} ${Array.from(data.subarray(at, at + 16), (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`)
  return `${direction}\n${rows.join('\n')}\n`
}
