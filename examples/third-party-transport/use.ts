// How a program uses it: npx tsx examples/third-party-transport/use.ts
import { connect, registerTransport } from '@train-ts/core'
import nice from './transport.js'

registerTransport(nice)
await using host = await connect('nice://10')
const { stdout } = await host.run('nice')
console.log(`priority ${stdout.trim()}, on ${(await host.platform()).name}`)
