// The first screen of the README. npx tsx examples/first.ts [URL]
import './transports.js'
import { connect } from '@train-ts/core'

const host = await connect(process.argv[2] ?? 'local:')         // or ssh://root@web1, awsssm://i-0123456789abcdef0

const os = await host.platform()                                // { name: 'debian', release: '12.11', arch: 'x86_64', … }
const disk = await host.run('df -h / | tail -n 1')              // your text, for the far shell
const echo = await host.run(['echo', "it's", '$HOME & more'])   // a list: each word is quoted for you
if (echo.exitCode !== 0) console.error(echo.stderr)             // a non-zero exit code is data, not an exception

await host.upload(Buffer.from('hello\n'), '/tmp/hello.txt', { mode: 0o600 })
const text = await host.file('/tmp/hello.txt').text()
await host.close()
console.log(os.title, disk.stdout, echo.stdout, text)
