// Makes a machine a node, whatever leads to it: what `knife bootstrap` does, over ssh://, awsssm://, local: or a transport of yours.
//
//   npx tsx examples/bootstrap.ts ssh://root@web1 --node-name web1 --server-url https://chef.example.com/organizations/acme --run-list 'recipe[web]'
//   npx tsx examples/bootstrap.ts local: --installer examples/bootstrap/demo-installer.sh --prefix /tmp/demo
import { defaultRegistry, describeOptions, parseTarget } from '@train-ts/core'
import { bootstrap } from './bootstrap/bootstrap.js'
import { explain } from './bootstrap/failure.js'
import { createReport } from './bootstrap/report.js'
import { parseSettings, usage } from './bootstrap/settings.js'
import type { Settings } from './bootstrap/settings.js'
import './transports.js'

const interruption = new AbortController()
// Once: a second Ctrl-C ends this program at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

try {
  const settings = parseSettings(process.argv.slice(2), process.env)
  process.exitCode = 'help' in settings ? await help(settings.help) : await run(settings)
} catch (error) {
  process.exitCode = explain(error, { verbose: process.argv.includes('--verbose'), interrupted: interruption.signal.aborted })
}

async function run(settings: Settings): Promise<number> {
  const report = createReport({ stream: settings.dryRun ? process.stderr : process.stdout, host: settings.node.nodeName })
  const { exitCode, script } = await bootstrap(settings, report, interruption.signal)
  if (script !== undefined) process.stdout.write(script)
  return exitCode ?? 1
}

async function help(url: string | undefined): Promise<number> {
  process.stdout.write(usage)
  if (url === undefined) return 0
  const { scheme } = parseTarget(url)
  const driver = await defaultRegistry.lookup(scheme)
  process.stdout.write(`\nOptions of ${scheme}, by --option (those marked URL also as ?name=value):\n\n${describeOptions(driver.options)}`)
  return 0
}
