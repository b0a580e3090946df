export { winrm, winrm as default } from './driver.js'
export type { WinrmOptions, WinrmShell, WinrmTransport } from './options.js'
