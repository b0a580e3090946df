// The vocabularies of WS-Management, and the addresses that its messages name.

export const ns = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  microsoft: 'http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd',
  shell: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell',
  transfer: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  fault: 'http://schemas.microsoft.com/wbem/wsman/1/wsmanfault',
  config: 'http://schemas.microsoft.com/wbem/wsman/1/config',
  identity: 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd',
  xml: 'http://www.w3.org/XML/1998/namespace',
} as const

export const action = {
  create: `${ns.transfer}/Create`,
  delete: `${ns.transfer}/Delete`,
  get: `${ns.transfer}/Get`,
  command: `${ns.shell}/Command`,
  send: `${ns.shell}/Send`,
  receive: `${ns.shell}/Receive`,
  signal: `${ns.shell}/Signal`,
} as const

export const resource = { cmd: `${ns.shell}/cmd`, config: ns.config } as const

export const anonymous = `${ns.addressing}/role/anonymous`
export const signal = { terminate: `${ns.shell}/signal/terminate`, controlC: `${ns.shell}/signal/ctrl_c` } as const
