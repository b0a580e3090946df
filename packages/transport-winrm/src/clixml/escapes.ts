// `_xHHHH_` in CLIXML: a UTF-16 unit, whatever it is. One pass, so that an escaped underscore never starts another escape.

export function unescapeClixml(text: string): string {
  return text.replace(/_x([0-9a-f]{4})_/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

/** PowerShell writes U+FFFE and U+FFFF as references, which XML forbids. */
export function mendReferences(xml: string): string {
  return xml.replace(/&#xFFF([EF]);/gi, (_, digit: string) => `_xFFF${digit}_`)
}
