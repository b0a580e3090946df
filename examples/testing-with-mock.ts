// Testing a program of yours without a machine: mock: answers instead. npx tsx examples/testing-with-mock.ts
import assert from 'node:assert/strict'
import { connect } from '@train-ts/core'
import type { Connection } from '@train-ts/core'

/** The program under test: it takes a connection, so a test can hand it a mocked one. */
async function restartIfDown(host: Connection, service: string): Promise<string> {
  const { exitCode } = await host.run(['systemctl', 'is-active', '--quiet', service])
  if (exitCode === 0) return 'was up'
  const restarted = await host.run(['systemctl', 'restart', service], { sudo: true })
  return restarted.exitCode === 0 ? 'restarted' : `failed: ${restarted.stderr.trim()}`
}

const asked: string[] = []
await using host = await connect('mock:', {
  capabilities: { runAs: true }, // sudo is asked for, not carried out
  commands: ({ command }: { readonly command: string }) => {
    asked.push(command)
    if (command.includes('is-active')) return { exitCode: 3 }
    return ''
  },
})

assert.equal(await restartIfDown(host, 'nginx'), 'restarted')
assert.equal(asked.length, 2)
console.log('The program restarts what is down.')
