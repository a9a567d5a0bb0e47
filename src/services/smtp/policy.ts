import type { Smtp } from './session.ts'

/** May this client hand over mail for others? Somebody logged in may; strangers as the operator has it. */
export function mayRelay({ user, cx, attacker }: Smtp): boolean {
  const { relay } = cx.options
  if (user !== undefined || relay === 'hold') return true
  return relay !== 'refuse' && attacker.relayed < relay.first
}

/** This source handed over as much as it may: its next message is put off. */
export function hadEnough({ user, cx, attacker }: Smtp): boolean {
  const { relay } = cx.options
  return user === undefined && typeof relay === 'object' && attacker.relayed >= relay.first
}

/** A message for others was taken. */
export function countRelayed(smtp: Smtp): void {
  if (smtp.foreign && smtp.user === undefined) smtp.attacker.relayed++
}
