// Wrong answers, made on purpose.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { NtlmSession } from '../src/ntlm/seal.js'
import type { Misbehaviour } from './knobs.js'
import { faultReply } from './replies.js'

export interface Situation {
  readonly response: ServerResponse
  readonly socket: Duplex
  readonly seal: (text: string) => { readonly type: string; readonly body: Buffer }
  readonly session: NtlmSession | undefined
  readonly answer: () => Promise<string>
  readonly messageId: string
}

const clear = 'application/soap+xml;charset=UTF-8'
const bomb = `<?xml version="1.0"?><!DOCTYPE s:Envelope [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, index) => `<!ENTITY ${'bcdefghij'.charAt(index)} "${`&${'abcdefghi'.charAt(index)};`.repeat(10)}">`).join('')}]><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&j;</s:Body></s:Envelope>`

export async function misbehave(how: Exclude<Misbehaviour, { readonly fault: number }>, situation: Situation): Promise<void> {
  const { response, socket, seal } = situation
  const send = ({ type, body }: { readonly type: string; readonly body: Buffer }, length = body.length): void => void response.writeHead(200, { 'Content-Type': type, 'Content-Length': length }).end(body)
  if (typeof how === 'object') return void response.writeHead(how.status, { 'Content-Length': 0 }).end()
  switch (how) {
    case 'clear-reply':
      return send({ type: clear, body: Buffer.from(await situation.answer(), 'utf8') })
    case 'tampered': {
      const reply = seal(await situation.answer())
      const at = reply.body.length - 60
      reply.body[at] = (reply.body[at] ?? 0) ^ 1
      return send(reply)
    }
    case 'out-of-sequence':
      situation.session?.sign(Buffer.alloc(0))
      return send(seal(await situation.answer()))
    case 'truncated': {
      const reply = seal(await situation.answer())
      response.writeHead(200, { 'Content-Type': reply.type, 'Content-Length': reply.body.length })
      response.write(reply.body.subarray(0, reply.body.length - 20), () => socket.destroy())
      return
    }
    case 'wrong-length': {
      const reply = seal(await situation.answer())
      return send({ ...reply, body: Buffer.from(reply.body.toString('latin1').replace(/Length=\d+/, (text) => `Length=${Number(text.slice(7)) + 1}`), 'latin1') })
    }
    case 'wrong-relation':
      return send(seal((await situation.answer()).replace(situation.messageId, 'uuid:00000000-0000-0000-0000-000000000000')))
    case 'xml-bomb':
      return send(seal(bomb))
    case 'huge':
      response.writeHead(200, { 'Content-Type': clear })
      for (let megabyte = 0; megabyte < 100 && !response.destroyed; megabyte++) {
        if (!response.write(Buffer.alloc(1_048_576, 0x20))) await new Promise<void>((resolve) => response.once('drain', resolve).once('close', resolve))
      }
      return void response.end()
    case 'no-answer':
      return
    case 'close-before':
      return void socket.destroy()
    case 'close-after':
      await situation.answer()
      return void socket.destroy()
    case 'forgotten':
      return void response.writeHead(401, { 'WWW-Authenticate': 'Negotiate', 'Content-Length': 0 }).end()
    case 'downgrade':
      return send(seal(faultReply(situation.messageId, 0, 'downgrade is for Login')))
  }
}
