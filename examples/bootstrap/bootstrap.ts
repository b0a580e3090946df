// The program itself, over whatever transport the URL names: connect, detect, render, upload, run, verify, clean up.
import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { connect, lines, TransportError } from '@train-ts/core'
import type { Connection, ExecEvent } from '@train-ts/core'
import type { Report } from './report.js'
import type { NodeSettings, Settings } from './settings.js'
import type { Template } from './template.js'
import { noTemplate, templateFor } from './templates.js'

const newDelimiter = (): string => `END_${randomBytes(9).toString('hex')}`

export interface Outcome {
  /** Of the script; null: it was ended by a signal, or nobody can say. */
  readonly exitCode: number | null
  /** The script as `--dry-run` shows it, without the key. */
  readonly script?: string
}

export async function bootstrap(settings: Settings, report: Report, signal: AbortSignal): Promise<Outcome> {
  const { url, node, connectOptions } = settings
  await using host = await report.step('connect', async () => {
    const connection = await connect(url, { ...connectOptions, signal, onNotice: ({ message }) => report.note(message) })
    return [connection.target, connection]
  })
  const template = await report.step('detect', async () => {
    const { shell } = host.capabilities
    if (shell === 'powershell' || shell === 'cmd') throw noTemplate(`Windows, whose shell is ${shell},`)
    const platform = await host.platform({ signal })
    return [`${platform.name} ${platform.release ?? ''} (${platform.arch ?? 'unknown'})`, templateFor(platform)]
  })
  refuseToStoreKey(host, settings)
  const script = template.render(node, newDelimiter)
  if (settings.dryRun) return { exitCode: 0, script: node.validationKey === undefined ? script : script.replaceAll(node.validationKey.trimEnd(), '***') }

  // Its name is known before it is there, so that whatever happens it can be removed.
  const directory = `${settings.temporaryDirectory}/bootstrap-${randomBytes(8).toString('hex')}`
  try {
    const path = await upload(host, template, script, directory, report, signal)
    const exitCode = await report.step('run', async () => {
      const code = await runScript(host, template.run(path), report, signal)
      return [`exit code ${code ?? 'unknown'}`, code]
    })
    if (exitCode === 0) await report.step('verify', async () => [await verify(host, template, node, signal), undefined])
    return { exitCode }
  } finally {
    await cleanUp(host, directory, report)
  }
}

/** A transport that keeps what it carries (Run Command has a history) would keep the key. */
function refuseToStoreKey({ capabilities }: Connection, { node, keyMayBeStored }: Settings): void {
  if (node.validationKey === undefined || capabilities.privateInput || keyMayBeStored) return
  throw new TransportError('UNSUPPORTED', 'This transport stores what it carries, and the script would hold the validation key.', {
    hint: 'Bootstrap over ssh://, or awsssm:// with ?mode=session; --key-may-be-stored allows it all the same.',
    details: { reason: 'privateInput' },
  })
}

async function upload(host: Connection, template: Template, script: string, directory: string, report: Report, signal: AbortSignal): Promise<string> {
  const path = `${directory}/${template.fileName}`
  return report.step('upload', async () => {
    const made = await host.run(['mkdir', '-m', '700', directory], { signal })
    if (made.exitCode !== 0) throw new TransportError('FILE_ERROR', `${directory} could not be made: ${made.stderr.trim()}`, { hint: 'Name another place: --temporary-directory.' })
    const { bytes, sha256 } = await host.upload(Buffer.from(script), path, { mode: 0o600, signal })
    return [`${template.fileName}, ${bytes} bytes, sha256 ${sha256?.slice(0, 8) ?? 'unknown'}…`, path]
  })
}

/** Output as it comes, line by line; the exit code comes last. */
async function runScript(host: Connection, command: readonly string[], report: Report, signal: AbortSignal): Promise<number | null> {
  let exitCode: number | null = null
  async function* events(): AsyncGenerator<ExecEvent> {
    for await (const event of host.stream(command, { signal })) {
      if (event.type === 'exit') exitCode = event.code
      yield event
    }
  }
  for await (const line of lines(events())) report.output(line)
  return exitCode
}

/** The configuration is there, and nobody else can read it; the client, where we know its name, runs. */
async function verify(host: Connection, template: Template, node: NodeSettings, signal: AbortSignal): Promise<string> {
  const paths = ['client.rb', 'first-boot.json'].map((name) => posix.join(template.configDirectory(node), name))
  const found = await host.files(paths, { signal })
  for (const [index, file] of found.entries()) {
    const path = paths[index] ?? ''
    if ('error' in file) throw new TransportError(file.error, `${path} is not there.`, { details: { path } })
    if ((file.mode & 0o077) !== 0) throw new TransportError('FILE_ERROR', `${path} can be read by others.`, { details: { path } })
  }
  const command = template.verify(node)
  if (command === undefined) return `${paths.length} files of ${template.configDirectory(node)}, private`
  const { exitCode, stdout } = await host.run(command, { signal })
  if (exitCode !== 0) throw new TransportError('COMMAND_FAILED', `${command.join(' ')} does not run after the installation.`, { hint: 'The output above says what was installed.' })
  return stdout.trim().split('\n', 1)[0] ?? ''
}

/** Also after a failure and after Ctrl-C, so with a deadline of its own. Never hides why the rest failed. */
async function cleanUp(host: Connection, directory: string, report: Report): Promise<void> {
  try {
    await report.step('clean up', async () => {
      const { exitCode, stderr } = await host.run(['rm', '-rf', directory], { signal: AbortSignal.timeout(15_000) })
      if (exitCode !== 0) throw new TransportError('FILE_ERROR', stderr.trim())
      return [`${directory} removed`, undefined]
    })
  } catch {
    report.note(`${directory} may still be on ${host.target}; it is readable by its owner alone.`)
  }
}
