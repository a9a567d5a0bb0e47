/** A file somebody left, or asked for, as the sample store kept it. */
export type Sample = {
  sha256: string
  sha1: string
  md5: string
  /** Bytes received; more than `kept` when the sample was over the cap. */
  size: number
  kept: number
}
/** What the headers of a packet tell about who sent it; `os` and `tool` are guesses, and whoever forges them may lie. */
export type Sender = { ttl: number; initial_ttl: number; hops: number; ja4t?: string; os?: string; tool?: string }

/** One kind of event: `fields` turns what is known into ECS fields. */
export type Action<D> = {
  name: string
  /** One line for the event reference. */
  doc: string
  kind: 'event' | 'state'
  category: readonly string[]
  type: readonly string[]
  fields: (details: D) => object
}
/** Names the action, and infers what its `fields` take. */
export const action = <D>(
  name: string,
  doc: string,
  ecs: { kind?: 'state'; category: readonly string[]; type: readonly string[] },
  fields: (details: D) => object,
): Action<D> => ({ name, doc, kind: 'event', ...ecs, fields })

export const network = { category: ['network'], type: ['connection'] }
/** A sample as ECS writes files. */
export const file = (sample: Sample, path: string | undefined) => ({
  ...(path === undefined ? {} : { path, name: path.slice(path.lastIndexOf('/') + 1) }),
  size: sample.size,
  hash: { sha256: sample.sha256, sha1: sample.sha1, md5: sample.md5 },
})
