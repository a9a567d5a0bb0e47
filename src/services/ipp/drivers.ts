import { type Call, firstOf, meant, missing, type Reply, Status, textOf } from './call.ts'
import table from './drivers.json' with { type: 'json' }
import { type Attribute, Group } from './message.ts'

type Driver = {
  name: string
  make: string
  model: string
  device: string
  products: string[]
  psversions: string[]
  type: string
  number: number
}

/** What cups-driverd of CUPS 2.4.2 finds where cups-filters is installed and nothing else. */
const drivers: readonly Driver[] = table

const described = ({ name, make, model, device, products, psversions, type, number }: Driver): Attribute[] => [
  ['ppd-name', 'name', name],
  ['ppd-natural-language', 'language', 'en'],
  ['ppd-make', 'text', make],
  ['ppd-make-and-model', 'text', model],
  ['ppd-device-id', 'text', device],
  ['ppd-product', 'text', ...products],
  ['ppd-psversion', 'text', ...psversions],
  ['ppd-type', 'keyword', type],
  ['ppd-model-number', 'integer', number],
]

/** CUPS-Get-PPDs: what there is to set a printer up with. */
export function getDrivers({ request }: Call): Reply {
  const like = (name: string) => textOf(request, name)?.toLowerCase()
  const [make, model, product, type] = ['ppd-make', 'ppd-make-and-model', 'ppd-product', 'ppd-type'].map(like)
  const asked = request.groups[0]?.attributes.find(({ name }) => name === 'requested-attributes')
  const wanted = asked && new Set(asked.values.map(value => value.toString('latin1')))
  const most = firstOf(request, 'limit')
  const found = drivers
    .filter(
      each =>
        (make === undefined || each.make.toLowerCase() === make) &&
        (model === undefined || each.model.toLowerCase().includes(model)) &&
        (product === undefined || each.products.some(one => one.toLowerCase() === product)) &&
        (type === undefined || each.type === type),
    )
    .slice(0, most?.length === 4 && most.readInt32BE() > 0 ? most.readInt32BE() : undefined)
  const groups = found.map(each => {
    const all = described(each)
    return [Group.Printer, wanted && !wanted.has('all') ? all.filter(([name]) => wanted.has(name)) : all] as const
  })
  return { status: found.length > 0 ? Status.Ok : Status.NotFound, groups, program: true }
}

/** CUPS-Get-PPD: the queue is a raw one, and has none. */
export function getDriverOf(call: Call): Reply {
  const uri = textOf(call.request, 'printer-uri')
  if (uri === undefined) return missing
  const why = meant(call) ? 'could not be opened: No such file or directory' : 'could not be found.'
  return { status: Status.NotFound, says: `The PPD file "${uri}" ${why}` }
}
