// Output while it comes, and stopping it. npx tsx examples/stream-lines.ts [URL]
import './transports.js'
import { connect, lines } from '@train-ts/core'

const host = await connect(process.argv[2] ?? 'local:')

for await (const line of lines(host.stream('i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.02; done'))) {
  console.log(line.stream, line.text)
  if (line.text === 'tick 3') break // ends the command on the far side, its children included
}

// The events themselves: bytes as they arrive (the order of two streams is not kept), and exactly one exit at the end.
for await (const event of host.stream('echo out; echo err >&2; exit 3')) {
  if (event.type === 'exit') console.log(`exit code ${event.code ?? 'unknown'}`)
  else if (event.type !== 'record') console.log(`${event.type}: ${event.data.byteLength} bytes`)
}

await host.close()
