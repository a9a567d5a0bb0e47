import { once, service, tcp } from '#sensor/service.ts'
import { options } from './options.ts'

const code = once(() => import('./serve.ts'))

/** An X server that listens to the network and lets everybody on: a screen to look at, and keys to press. */
export default service({
  name: 'x11',
  title: 'X server open to the network',
  replaces: [],
  listen: [tcp(6000)],
  options,
  limits: { idle: 600, lifetime: 3600, inbox: 512 << 10, total: 32 << 20 },
  async load(all) {
    const { loadPrograms } = await code()
    if (all) await loadPrograms()
  },
  session: async (conn, cx) => (await code()).session(conn, cx),
})
