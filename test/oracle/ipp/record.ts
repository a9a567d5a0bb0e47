/** Records Debian's cupsd: `sh bin/skep-node test/oracle/ipp/record.ts`. Needs root, which cupsd's children give up. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDialogues } from '../kit/record.ts'
import { printer, script } from './script.ts'

const port = 21_631

/** Debian's own cupsd.conf, but for the port, who may come, and the web interface. */
const configuration = () =>
  fs
    .readFileSync('/usr/share/cups/cupsd.conf.default', 'latin1')
    .replace(/^Listen .*$/gm, '')
    .replace(/^(?:WebInterface|Browsing|BrowseLocalProtocols|IdleExitTimeout).*$/gm, '')
    .replace(/(<Location \/>\n)/, '$1  Allow all\n')
    .concat(`\nListen 127.0.0.1:${port}\nWebInterface No\nBrowsing No\nServerAlias *\n`)

const since = Math.floor(printer.pausedAt / 1000)
const queue = `<DefaultPrinter ${printer.name}>
PrinterId 1
UUID ${printer.uuid}
Info ${printer.info}
Location ${printer.location}
MakeModel Local Raw Printer
DeviceURI ${printer.device}
State Stopped
StateMessage Paused
StateTime ${since}
ConfigTime ${since}
Type 4
Accepting Yes
Shared Yes
JobSheets none none
QuotaPeriod 0
PageLimit 0
KLimit 0
OpPolicy default
ErrorPolicy retry-job
</DefaultPrinter>
`

await recordDialogues(
  script,
  port,
  () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ipp-oracle-'))
    for (const folder of ['root', 'spool', 'spool/tmp', 'cache', 'state', 'log']) fs.mkdirSync(path.join(home, folder))
    fs.writeFileSync(path.join(home, 'root/printers.conf'), queue)
    fs.writeFileSync(path.join(home, 'cupsd.conf'), configuration())
    const places = {
      ServerRoot: 'root',
      RequestRoot: 'spool',
      TempDir: 'spool/tmp',
      CacheDir: 'cache',
      StateDir: 'state',
      AccessLog: 'log/access',
      ErrorLog: 'log/error',
      PageLog: 'log/page',
    }
    const rows = Object.entries(places).map(([name, place]) => `${name} ${home}/${place}\n`)
    fs.writeFileSync(
      path.join(home, 'files.conf'),
      `User lp\nGroup lp\nSystemGroup root\nFileDevice Yes\n${rows.join('')}`,
    )
    fs.chmodSync(home, 0o711)
    return {
      command: '/usr/sbin/cupsd',
      args: ['-f', '-c', `${home}/cupsd.conf`, '-s', `${home}/files.conf`],
      clean: () => fs.rmSync(home, { recursive: true, force: true }),
    }
  },
  new URL('fixtures/debian-12.json', import.meta.url),
  120,
)
