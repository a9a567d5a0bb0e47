import * as v from 'valibot'
import { passwordRule, type User } from '../accounts.ts'
import type { House } from '../house.ts'
import { type Answer, header, json, nothing, type Request } from '../message.ts'
import { later, Problem } from '../problem.ts'
import { question, type Route, route } from '../route.ts'
import { cookie } from '../sessions.ts'
import { me } from '../shapes.ts'

const short = v.pipe(v.string(), v.maxLength(256))

/** Who you are, in and out. */
export function accountRoutes({ accounts, sessions, throttle, settings, cookieName, log }: House): Route[] {
  const describe = ({ name, role }: User) => ({ user: name, role, sensor: settings.sensor })
  const welcome = (user: User): Answer =>
    json(describe(user), { 'set-cookie': cookie.set(cookieName, sessions.begin(user), sessions.maxAgeSeconds) })
  const endSession = (request: Request) => {
    const id = cookie.read(cookieName, header(request, 'cookie'))
    if (id !== undefined) sessions.end(id)
  }
  /** The user whose password this is; one answer for every way of being wrong. */
  async function prove(request: Request, name: string, password: string): Promise<User> {
    const wait = throttle.admit(request.address, name)
    if (wait > 0) throw later(429, 'Too many failed attempts; try again later', wait / 1000)
    const user = await accounts.verify(name, password)
    if (!user) {
      log('login-failed', { address: request.address, user: name })
      throw new Problem(401, 'User name or password is wrong')
    }
    throttle.succeeded(request.address, name)
    return user
  }

  return [
    question({
      path: '/me',
      summary: 'Who is logged in',
      query: {},
      answer: me,
      ask: ({ user }) => describe(user!),
    }),
    route({
      method: 'POST',
      path: '/login',
      access: 'open',
      summary: 'Log in: sets the session cookie',
      query: {},
      filtered: false,
      body: v.strictObject({ user: short, password: short }),
      answer: { type: 'application/json', schema: me },
      async handle({ request, body }) {
        const user = await prove(request, body.user, body.password)
        endSession(request)
        log('login', { address: request.address, user: user.name })
        return welcome(user)
      },
    }),
    route({
      method: 'POST',
      path: '/logout',
      access: 'viewer',
      summary: 'End this session',
      query: {},
      filtered: false,
      handle({ request }) {
        endSession(request)
        return nothing({ 'set-cookie': cookie.clear(cookieName), 'clear-site-data': '"cache"' })
      },
    }),
    route({
      method: 'POST',
      path: '/password',
      access: 'viewer',
      summary: "Change one's own password: ends every other session of that user",
      query: {},
      filtered: false,
      body: v.strictObject({ current: short, next: passwordRule }),
      answer: { type: 'application/json', schema: me },
      async handle({ request, body, user }) {
        await prove(request, user!.name, body.current)
        await accounts.setPassword(user!.name, body.next)
        log('password-changed', { address: request.address, user: user!.name })
        endSession(request)
        return welcome(accounts.find(user!.name)!)
      },
    }),
  ]
}
