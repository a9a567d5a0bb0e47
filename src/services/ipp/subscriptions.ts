import { type Call, firstOf, type Reply, Status } from './call.ts'
import { Group } from './message.ts'

/** Who would be told of events (RFC 3995, RFC 3996): nobody is. */

export const getSubscriptions = (): Reply => ({ status: Status.NotFound, says: 'No subscriptions found.' })

const numberOf = ({ request }: Call, name: string): number | undefined => {
  const bytes = firstOf(request, name)
  return bytes?.length === 4 ? bytes.readInt32BE() : undefined
}
const unknown = (id: number): Reply => ({ status: Status.NotFound, says: `Subscription #${id} does not exist.` })

/** What asks of one, renews it or ends it. */
export const noSubscription = (call: Call): Reply => unknown(numberOf(call, 'notify-subscription-id') ?? 0)

export function getNotifications(call: Call): Reply {
  const id = numberOf(call, 'notify-subscription-ids')
  return id === undefined
    ? { status: Status.BadRequest, says: 'Missing notify-subscription-ids attribute.' }
    : unknown(id)
}

/** As where MaxSubscriptions is reached: none is kept. */
export function createSubscriptions({ request }: Call): Reply {
  if (!request.groups.some(({ group }) => group === Group.Subscription))
    return { status: Status.BadRequest, says: 'No subscription attributes in request.' }
  return { status: Status.TooManySubscriptions, says: 'Too many subscriptions.' }
}
