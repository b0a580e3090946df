// A stranger's transport: nice://10 is this machine, at a lower priority. All that it takes from train-ts is types.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TransportDriver } from '@train-ts/core'

const nice: TransportDriver<{ level: string }> = {
  name: 'train-transport-nice', specVersion: 1, schemes: ['nice'],
  options: { level: { type: 'string', from: 'host', required: true, describe: 'How much to give way, 1 to 19.' } },
  open: async ({ level }) => {
    const closed = new AbortController()
    return {
      capabilities: { shell: 'posix', exitCode: true, binary: true, concurrency: 8 },
      async* exec({ command, signal }) {
        const path = join(tmpdir(), randomUUID())
        await using output = await open(path, 'wx+', 0o600) // A file: what a command leaves in the background does not hold it.
        await rm(path)
        const child = spawn('nice', ['-n', level, 'sh', '-c', command], { stdio: ['ignore', output.fd, output.fd], signal: AbortSignal.any([signal, closed.signal]) })
        const [code, name] = await once(child, 'exit') as [number | null, string | null] // by Node's documentation
        for await (const data of output.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>) yield { type: 'stdout', data } // it has no encoding
        yield { type: 'exit', code, signal: name?.slice('SIG'.length) ?? null }
      },
      close: async () => closed.abort(new Error('The session is closed.')),
    }
  },
}

export default nice
