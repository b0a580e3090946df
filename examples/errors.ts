// One error class, with a code to branch on and a hint for people. npx tsx examples/errors.ts
import { assertSuccess, connect, isTransportError } from '@train-ts/core'

async function show(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isTransportError(error)) throw error
    console.log(`${what}: ${error.code}${error.retryable ? ' (may work later)' : ''}: ${error.summary}`)
    if (error.hint !== undefined) console.log(`  ${error.hint}`)
  }
}

await using host = await connect('local:')
await show('typing mistake', () => connect('local:', { connectTimout: 5_000 }))
await show('no scheme', () => connect('web1:2222'))
await show('missing file', () => host.file('/no/such/file').text())
await show('slow command', () => host.run('echo begun; sleep 60', { timeout: 300 }))

try {
  assertSuccess(await host.run('echo "disk full" >&2; exit 28'))
} catch (error) {
  if (!isTransportError(error, 'COMMAND_FAILED')) throw error
  console.log(`exit code ${error.result?.exitCode ?? 'unknown'}, stderr: ${String(error.result?.stderr).trim()}`)
}
