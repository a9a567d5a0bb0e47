/** Types of requests (ZooDefs.OpCode). */
export const Op = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  closeSession: -11,
} as const
export const opNames = new Map<number, string>(Object.entries(Op).map(([name, code]) => [code, name]))

/** What 3.4 answers of them; the others came with 3.5 and later. */
export const ofOld = new Set<number>([
  ...[Op.create, Op.delete, Op.exists, Op.getData, Op.setData, Op.getACL, Op.setACL, Op.getChildren, Op.sync, Op.ping],
  ...[Op.getChildren2, Op.check, Op.multi, Op.auth, Op.setWatches, Op.sasl, Op.closeSession],
])

/** KeeperException.Code. */
export const Code = {
  ok: 0,
  inconsistency: -2,
  marshalling: -5,
  unimplemented: -6,
  badArguments: -8,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  invalidAcl: -114,
  authFailed: -115,
  noWatcher: -121,
  reconfigDisabled: -123,
} as const

/** A request that is answered by an error code. */
export class Refusal extends Error {
  code: number
  constructor(code: number) {
    super(`ZooKeeper error ${code}`)
    this.code = code
  }
}

/** ZooDefs.Perms. */
export const Perm = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const
