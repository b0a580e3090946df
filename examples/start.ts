// `npm start`: bootstraps a node over AWS Systems Manager, without an AWS account: the API and the node's agent are an emulator that
// really runs the commands. Everything that is installed goes below a temporary directory, which is removed at the end.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import '@train-ts/transport-awsssm/register'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import { bootstrap } from './bootstrap/bootstrap.js'
import { explain } from './bootstrap/failure.js'
import { createReport, seconds } from './bootstrap/report.js'
import { parseSettings, UsageError } from './bootstrap/settings.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
const url = 'awsssm://i-0123456789abcdef0/?execution_timeout=600'
const installer = fileURLToPath(new URL('bootstrap/demo-installer.sh', import.meta.url))

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

const say = (text = ''): void => void process.stdout.write(`${text}\n`)
const prefix = await mkdtemp(join(tmpdir(), 'train-ts-'))
const emulator = await startEmulator()
try {
  const settings = parseSettings([url, '--node-name', 'web-1', '--run-list', 'recipe[base],recipe[web]', '--installer', installer, '--prefix', prefix], {})
  if ('help' in settings) throw new UsageError('not asked for')
  say(`Bootstrapping ${url} (emulated: no account needed)`)
  say()
  const since = performance.now()
  let told = 0
  const aside = (): string => {
    const calls = emulator.calls.length - told
    told += calls
    return `${calls} API call${calls === 1 ? '' : 's'}`
  }
  const report = createReport({ stream: process.stdout, host: settings.node.nodeName, aside })
  const { exitCode } = await bootstrap({ ...settings, connectOptions: emulator.options }, report, interruption.signal)
  const converged = await readFile(join(prefix, 'var/lib/demo/converged'), 'utf8').catch(() => 'nothing')
  const commands = emulator.calls.filter(({ operation }) => operation === 'SendCommand').length
  say()
  say(`Done in ${seconds(since)}: ${commands} commands, ${emulator.calls.length} API calls. The node wrote: ${converged.trim().split('\n').join(', ')}`)
  say('The same over ssh, on a machine of yours; only the URL changes, and --dry-run changes nothing:')
  say('  npx tsx examples/bootstrap.ts ssh://you@host --sudo --dry-run')
  process.exitCode = exitCode ?? 1
} catch (error) {
  process.exitCode = explain(error, { verbose: true, interrupted: interruption.signal.aborted })
} finally {
  await emulator.close()
  await rm(prefix, { recursive: true, force: true })
}
