export { describeWithPeer, testWithPeer } from './vitest-peers.js'
