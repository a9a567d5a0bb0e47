import { configSchema } from '#config/json-schema.ts'
import { loadConfig } from '#config/load.ts'
import { flags, print, Usage } from './usage.ts'

const help = `Usage: skep config check [--config FILE] | schema

  check     reads the file and prints every mistake with its line and path; exit code 2 if there are any
  schema    the JSON Schema of skep.yaml, for editors

Examples:
  skep config check --config skep.yaml
  skep config schema > skep.schema.json
`

export default {
  help,
  async run(args: string[]) {
    const { values, positionals } = flags('config', args, { config: { type: 'string', default: 'skep.yaml' } }, 1)
    if (positionals[0] === 'schema') print(JSON.stringify(await configSchema(), null, 2))
    else if (positionals[0] === 'check') {
      const { plans } = await loadConfig(values.config)
      print(`${values.config} is right; services: ${plans.map(plan => plan.name).join(', ')}`)
    } else throw new Usage('Say what: check or schema', 'skep config --help')
    return 0
  },
}
