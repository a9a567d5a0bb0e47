import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sit } from '../../terminal/testing.ts'

test('passwd does not show what is typed, and takes it', async () => {
  const person = await sit()
  try {
    assert.match(await person.press('passwd\r'), /New password: $/)
    assert.doesNotMatch(await person.press('s3cret9\r'), /s3cret9/)
    assert.match(await person.press('s3cret9\r'), /password updated successfully/)
    assert.ok(person.seen.some(({ details }) => JSON.stringify(details)?.includes('"password":"s3cret9"')))
    // The terminal shows what is typed again.
    assert.match(await person.press('echo visible'), /visible/)
  } finally {
    await person.close()
  }
})

test('whoever sits at a terminal is seen by w, who, last and ps', async () => {
  const person = await sit()
  try {
    assert.match(await person.press('w\r'), / 1 user, [\s\S]*root {5}pts\/0 {4}198\.51\.100\.7 .* w\r\n/)
    assert.match(await person.press('who\r'), /root {5}pts\/0 {8}\d{4}-\d\d-\d\d \d\d:\d\d \(198\.51\.100\.7\)/)
    assert.match(await person.press('last -n 1\r'), /root {5}pts\/0 {8}198\.51\.100\.7 .* still logged in/)
    const shown = await person.press('ps\r')
    assert.match(shown, /PID TTY {10}TIME CMD\r\n +\d+ pts\/0 {4}00:00:00 bash\r\n +\d+ pts\/0 {4}00:00:00 ps\r\n/)
    assert.match(await person.press('ps -o stat,args\r'), /Ss +-bash\r\n(R\+) +ps -o stat,args/)
    assert.match(await person.press('logname; tty\r'), /root\r\n\/dev\/pts\/0/)
  } finally {
    await person.close()
  }
})

test('ps cuts its lines at the terminal’s edge', async () => {
  const person = await sit({ columns: 60 })
  try {
    const rows = (await person.press('ps aux\r')).split('\r\n').filter(row => /^\S+ +\d+ /.test(row))
    assert.ok(rows.length > 40)
    assert.ok(rows.every(row => row.length <= 60))
  } finally {
    await person.close()
  }
})

test('top fills the screen until q', async () => {
  const person = await sit({ rows: 20 })
  try {
    const screen = await person.press('top\r')
    assert.match(screen, /\x1b\[H/)
    assert.match(screen, /PID USER {6}PR/)
    assert.ok(screen.includes('Tasks:\x1b(B\x1b[m\x1b[39;49m\x1b[1m '), 'numbers stand out')
    assert.match(screen, /buff\/cache\x1b\(B\x1b\[m\x1b\[39;49m\x1b\(B\x1b\[m /)
    // What is typed behind its key is the shell's.
    const after = await person.press('qecho ba""ck\r')
    assert.match(after, /\x1b\[\?25h/)
    assert.match(after, /\rback\r\n/)
  } finally {
    await person.close()
  }
})

test('htop shows what runs, moves what is chosen, and leaves by q or F10', async () => {
  const bare = (screen: string) => screen.replace(/\x1b(?:\[[?0-9;]*[A-Za-z]|\(B|[=>])/g, '')
  /** The line on cyan, which is not one of the words below or the column that is sorted by. */
  const chosen = (screen: string) => /\x1b\[46m +(\d+) \S+ /.exec(screen)?.[1]
  const person = await sit({ rows: 20, columns: 100 })
  try {
    const first = await person.press('htop\r')
    const lines = bare(first).split('\r\n')
    const has = (pattern: RegExp) =>
      assert.ok(
        lines.some(line => pattern.test(line)),
        `${pattern}: ${lines.join('\n')}`,
      )
    has(/^ {4}PID USER {7}PRI {2}NI {2}VIRT {3}RES {3}SHR S {2}CPU%.*MEM% {3}TIME\+ {2}Command$/s)
    has(/^ {6}1 root {8}20 {3}0 .* S {3}0\.0 {2}\d\.\d +\d+:\d\d\.\d\d \/sbin\/init/)
    has(/^ {2}Mem\[\|+ *[\d.]+[KMG]\/[\d.]+G\] Tasks: \d+, \d+ thr, \d+ kthr; 1 running$/)
    assert.match(bare(first), /F1Help {2}F2Setup .*F10Quit$/)
    assert.ok(lines.every(line => line.split('\r')[0]!.length <= 102))
    const second = await person.press('\x1b[B')
    assert.notEqual(chosen(second), chosen(first))
    assert.match(await person.press('\x1b[21~'), /\x1b\[\?1049l/)
    assert.match(await person.press('htop --version\r'), /htop 3\.2\.2\r\n/)
    assert.match(await person.press('htop -x\r'), /htop: invalid option -- 'x'\r\n/)
    await person.press('htop\r')
    await person.press('q')
    assert.match(await person.press('echo back\r'), /back\r\n/)
  } finally {
    await person.close()
  }
})
