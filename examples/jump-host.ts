// Through a jump host. npx tsx examples/jump-host.ts ssh://you@bastion ssh://root@10.0.0.7
import './transports.js'
import { connect } from '@train-ts/core'

const [outer, inner] = process.argv.slice(2)
if (outer === undefined || inner === undefined) throw new Error('Give two URLs: the jump host, and the host behind it.')

// Each hop has credentials of its own and its own line in known_hosts. What is opened first is closed last.
await using bastion = await connect(outer)
await using host = await connect(inner, { via: bastion })
console.log((await host.run('echo "$SSH_CONNECTION"')).stdout.trim())

// Or by URL alone: the jump host is then opened, and closed, with the connection through it.
await using again = await connect(inner, { via: outer })
console.log((await again.run('echo hello from behind')).stdout.trim())
