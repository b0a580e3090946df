// Many machines, a few at once; one that fails does not stop the others. npx tsx examples/many-hosts.ts URL...
import './transports.js'
import { connect, fleet, isTransportError } from '@train-ts/core'

const urls = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['local:', 'mock:', 'local:', 'ssh://127.0.0.1:1']
const atOnce = 2

const waiting = [...urls]
async function worker(): Promise<void> {
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    try {
      await using host = await connect(url, { connectTimeout: 10_000, commandTimeout: 30_000 })
      const { exitCode, stdout } = await host.run('uname -sm')
      console.log(`${host.target}: exit code ${exitCode ?? 'unknown'} ${stdout.trim()}`)
    } catch (error) {
      if (!isTransportError(error)) throw error
      console.log(`${error.target ?? 'a target'}: ${error.code}: ${error.summary}`)
    }
  }
}
await Promise.all(Array.from({ length: atOnce }, () => worker()))

// One command on all of them, without a loop of your own: outcomes come as they end.
await using machines = fleet(urls, { concurrency: atOnce, connectTimeout: 10_000 })
for await (const outcome of machines.run('uname -r')) {
  console.log(`${outcome.target}: ${'error' in outcome ? outcome.error.code : outcome.result.stdout.trim()}`)
}
