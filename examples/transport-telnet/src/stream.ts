import { Duplex } from 'node:stream'
import { encodeTelnet, TelnetDecoder } from './codec.js'

/** The terminal behind a telnet socket. Destroying it destroys the socket. */
export function telnetStream(socket: Duplex): Duplex {
  const decoder = new TelnetDecoder()
  const stream = new Duplex({
    read: () => { socket.resume() },
    write: (data: Buffer, _encoding, done) => { socket.write(encodeTelnet(data), (error) => { done(error ?? null) }) },
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (bytes: Buffer) => {
    const { data, reply } = decoder.push(bytes)
    if (reply.length > 0) socket.write(reply)
    if (data.length > 0 && !stream.push(data)) socket.pause()
  })
  socket.on('error', (error) => { stream.destroy(error) })
  socket.on('end', () => { stream.push(null) })
  socket.on('close', () => { stream.destroy() })
  return stream
}
