export { parsePeers, peer } from './peers.js'
export type { Peer, PeerEntry, PeerOptions } from './peers.js'
