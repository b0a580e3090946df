// Commands: text and lists, exit codes, stdin, environment. npx tsx examples/run.ts [URL]
import './transports.js'
import { assertSuccess, connect } from '@train-ts/core'

const host = await connect(process.argv[2] ?? 'local:')

// Text goes to the far shell as it stands: pipes, globs and variables work.
const processes = await host.run('ps -e | wc -l')
console.log(`${processes.stdout.trim()} processes, ${Math.round(processes.durationMs)} ms`)

// A list is a program with its arguments, and so is a template's value: nothing in them is expanded, whatever the far shell is.
const name = `O'Neill; rm -rf "$HOME"`
console.log((await host.run(['printf', '%s\n', name])).stdout.trim())
console.log((await host.$`printf '%s\n' ${name}`).stdout.trim())

// A non-zero exit code is an answer. assertSuccess makes it an error where you want one.
const grep = await host.run(['grep', '-c', 'no-such-user', '/etc/passwd'])
console.log(`grep: exit code ${grep.exitCode ?? 'unknown'}`)
const { stdout } = assertSuccess(await host.run('tr a-z A-Z', { stdin: 'from stdin\n', env: { LC_ALL: 'C' }, cwd: '/' }))
console.log(stdout.trim())

// Bytes, where output is not text.
const { stdout: bytes } = await host.run('head -c 4 /dev/zero', { encoding: 'bytes' })
console.log(bytes)

await host.close()
