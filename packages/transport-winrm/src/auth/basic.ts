// Logins that are one header in every request.

export function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
}

/** The certificate itself went with the TLS handshake. */
export const certificateHeader = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual'
