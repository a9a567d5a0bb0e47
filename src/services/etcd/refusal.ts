/** Status codes of gRPC that are given here (grpc/codes), and what grpc-gateway 1.6 makes of them in HTTP. */
export const statuses: ReadonlyMap<number, number> = new Map([
  [2, 500],
  [3, 400],
  [5, 404],
  [8, 503],
  [9, 412],
  [11, 400],
  [12, 501],
  [13, 500],
  [14, 503],
])

/** An error of the API: rpctypes/error.go of etcd 3.4. */
export class Refusal extends Error {
  code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
const refusal = (code: number, why: string) => () => new Refusal(code, `etcdserver: ${why}`)

export const emptyKey = refusal(3, 'key is not provided')
export const keyNotFound = refusal(3, 'key not found')
export const valueProvided = refusal(3, 'value is provided')
export const leaseProvided = refusal(3, 'lease is provided')
export const tooManyOps = refusal(3, 'too many operations in txn request')
export const duplicateKey = refusal(3, 'duplicate key given in txn request')
export const compacted = refusal(11, 'mvcc: required revision has been compacted')
export const futureRevision = refusal(11, 'mvcc: required revision is a future revision')
export const noSpace = refusal(8, 'mvcc: database space exceeded')
export const tooLarge = refusal(3, 'request is too large')
export const leaseNotFound = refusal(5, 'requested lease not found')
export const leaseExists = refusal(9, 'lease already exists')
export const leaseTooLarge = refusal(11, 'too large lease TTL')
export const memberNotFound = refusal(5, 'member not found')
export const unhealthy = refusal(14, 'unhealthy cluster')
export const notLeader = refusal(9, 'not leader')
export const timedOut = refusal(14, 'request timed out')
export const authOff = refusal(9, 'authentication is not enabled')
export const noRoot = refusal(9, 'root user does not exist')
export const userNotFound = refusal(9, 'user name not found')
export const userExists = refusal(9, 'user name already exists')
export const userEmpty = refusal(3, 'user name is empty')
