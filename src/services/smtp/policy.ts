import type { Smtp } from './session.ts'

/**
 * May this client hand over mail for others? Somebody logged in may; strangers as the operator has it. At the far end of a
 * tunnel every recipient is at home: whoever goes there by a proxy looked up who takes the recipient's mail.
 */
export function mayRelay({ user, cx, attacker }: Smtp): boolean {
  const { relay } = cx.options
  if (cx.tunnel || user !== undefined || relay === 'hold') return true
  return relay !== 'refuse' && attacker.relayed < relay.first
}

/** This source handed over as much as it may: its next message is put off. */
export function hadEnough({ user, cx, attacker }: Smtp): boolean {
  const { relay } = cx.options
  return !cx.tunnel && user === undefined && typeof relay === 'object' && attacker.relayed >= relay.first
}

/** A message for others was taken. */
export function countRelayed(smtp: Smtp): void {
  if (smtp.foreign && smtp.user === undefined) smtp.attacker.relayed++
}
