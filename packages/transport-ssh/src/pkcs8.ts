// Keys in PKCS#8 ("BEGIN PRIVATE KEY"), which OpenSSL, Terraform and cloud tools write and ssh2 does not read, in forms that it does.
import { createPrivateKey } from 'node:crypto'
import { uint32, wireString } from './wire.js'

/** undefined: it is not PKCS#8. Throws what node:crypto throws for a broken key or a wrong passphrase. */
export function fromPkcs8(text: string, passphrase: string | undefined): string | undefined {
  if (!/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(text)) return undefined
  const key = createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) })
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
  if (key.asymmetricKeyType !== 'ed25519') return undefined
  const { x, d } = key.export({ format: 'jwk' })
  return openSshEd25519(Buffer.from(x ?? '', 'base64url'), Buffer.from(d ?? '', 'base64url'))
}

/** PROTOCOL.key of OpenSSH: one key, no cipher. */
function openSshEd25519(publicKey: Buffer, seed: Buffer): string {
  const type = wireString('ssh-ed25519')
  const check = uint32(0x7472_6169)
  const fields = Buffer.concat([check, check, type, wireString(publicKey), wireString(Buffer.concat([seed, publicKey])), wireString('')])
  const padding = Buffer.from(Array.from({ length: (8 - (fields.length % 8)) % 8 }, (_, index) => index + 1))
  const head = [Buffer.from('openssh-key-v1\0'), wireString('none'), wireString('none'), wireString(''), uint32(1)]
  const whole = Buffer.concat([...head, wireString(Buffer.concat([type, wireString(publicKey)])), wireString(Buffer.concat([fields, padding]))])
  const lines = whole.toString('base64').replace(/.{70}/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
