import { Transform } from 'node:stream'

/** A kernel that talks on its console: a line of its own after each so many bytes, in the middle of a line or not, as printk does. */
export function chatter(every: number | undefined): Transform {
  let count = 0
  let total = 0
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      total += data.length
      this.push(data)
      if (every !== undefined && total >= every) {
        total = 0
        count++
        this.push(`\r\n[ ${String(1000 + count)}.123456] usb 1-1: new high-speed USB device number ${String(count)} using xhci_hcd\r\n`)
      }
      done()
    },
  })
}
