// Nothing waits for ever, and what is stopped is ended on the far side too. npx tsx examples/timeouts-and-cancel.ts [URL]
import './transports.js'
import { connect, isTransportError } from '@train-ts/core'

// connectTimeout is for reaching and logging in, commandTimeout for each command that gives none itself; milliseconds.
await using host = await connect(process.argv[2] ?? 'local:', { connectTimeout: 10_000, commandTimeout: 60_000 })
console.log((await host.run('echo hello')).stdout.trim())

try {
  await host.run('echo begun; sleep 600 & wait', { timeout: 2_000 })
} catch (error) {
  if (!isTransportError(error, 'TIMEOUT')) throw error
  // What had arrived is not lost; `killed` says whether the far side is known to have ended.
  console.log(error.code, error.details, JSON.stringify(error.result?.stdout))
}

const controller = new AbortController()
setTimeout(() => controller.abort(new Error('the user pressed Escape')), 500)
try {
  await host.run('sleep 600', { signal: controller.signal })
} catch (error) {
  if (!isTransportError(error, 'ABORTED')) throw error
  console.log(error.name, String(error.cause), error.details)
}

console.log((await host.run('echo the connection still works')).stdout.trim())
