import type { Process, Program } from '../../../system.ts'
import { getopt, shortOptions } from '../../getopt.ts'
import { absolute, statOf } from '../../paths.ts'

const config = '/etc/nginx/nginx.conf'
const usage = `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /usr/share/nginx/)
  -e filename   : set error log file (default: stderr)
  -c filename   : set configuration file (default: ${config})
  -g directives : set global directives out of configuration file

`
const signals = new Set(['stop', 'quit', 'reopen', 'reload'])

/** nginx(8), asked from a shell while its daemon runs. */
export const nginx: Program = async process => {
  const say = (text: string) => process.stderr.write(text)
  const parsed = getopt(process.argv, shortOptions('?hvVtTqs:p:e:c:g:'))
  if (typeof parsed === 'string') {
    await say(`nginx: invalid option: "${/'(.)'$/.exec(parsed)?.[1] ?? process.argv[1]}"\n`)
    return 1
  }
  const { web } = process.host.persona.software
  if (['v', 'V', 'h', '?'].some(letter => parsed.has(letter))) {
    await say(`nginx version: nginx/${web.version}\n`)
    if (parsed.has('h') || parsed.has('?')) await say(usage)
    return 0
  }
  const signal = parsed.value('s')
  if (signal !== undefined && !signals.has(signal)) {
    await say(`nginx: invalid option: "-s ${signal}"\n`)
    return 1
  }
  const file = absolute(process, parsed.value('c') ?? config)
  const tests = parsed.has('t') || parsed.has('T')
  const failed = async (why: string) => {
    await say(`nginx: [emerg] ${why}\n${tests ? `nginx: configuration file ${file} test failed\n` : ''}`)
    return 1
  }
  if (process.who.uid !== 0)
    await say(
      'nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (13: Permission denied)\n',
    )
  if (!statOf(process, file)) return failed(`open() "${file}" failed (2: No such file or directory)`)
  if (tests && !parsed.has('q')) await say(`nginx: the configuration file ${file} syntax is ok\n`)
  if (process.who.uid !== 0) return failed('open() "/run/nginx.pid" failed (13: Permission denied)')
  if (tests) {
    if (parsed.has('T')) await dump(process, file)
    if (!parsed.has('q')) await say(`nginx: configuration file ${file} test is successful\n`)
    return 0
  }
  if (signal !== undefined) return 0
  // The ports are the daemon's that runs.
  for (let turn = 0; turn < 5; turn++) {
    if (turn > 0) await process.sleep(0.5)
    for (const place of ['0.0.0.0:80', '[::]:80'])
      await say(`nginx: [emerg] bind() to ${place} failed (98: Address already in use)\n`)
  }
  await say('nginx: [emerg] still could not bind()\n')
  return 1
}

const dump = async (process: Process, file: string): Promise<void> => {
  const text = process.fs.readFile(file, process.who, { max: 1 << 20 })
  await process.stdout.write(`# configuration file ${file}:\n${text.toString('latin1')}\n`)
}
